"""The list of cash counts, one count with its course, the form of the cashier, the witness's two steps."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from finance.counts import actions, states
from finance.counts.facts import CONFIRM, COUNT, cash_accounts, usual_account
from finance.counts.forms import CashCountForm, GiveBackForm
from finance.counts.models import CashCount
from finance.ledger.models import Account
from houqin.errors import NotAllowed
from houqin.schools.access import access_of
from houqin.schools.pages import AtOneSchool
from houqin.web.paging import Sort
from houqin.web.steps import take_step
from houqin.web.views import Chip, CreatePage, DetailPage, Filter, ListPage, StepPage, any_of

VIEW = "finance.view_books"
State = CashCount.State
JOINED = ("account__ledger", "school", "counted_by", "witness")


def _schools(request: Any) -> list[tuple[str, str]]:
    if request.acting.school is not None:
        return []
    access = access_of(request.user)
    allowed = access.schools_with(VIEW)
    return [(str(pk), school.name) for pk, school in access.schools.items() if pk in allowed]


def _differing(counts: QuerySet[Any], _user: Any) -> QuerySet[Any]:
    return counts.exclude(difference=0)


class CashCountList(ListPage):
    """Cash counts, the newest first; central roles see those of all schools."""

    model = CashCount
    permission = VIEW
    template_name = "finance/counts/list.html"
    is_searched = False
    sorts = {"newest": Sort("counted_on")}
    default_sort = "newest"
    chips = [
        Chip("", _("all"), any_of()),
        Chip("waiting", _("wait for the witness"), any_of(state=State.COUNTED)),
        Chip("confirmed", _("confirmed"), any_of(state=State.CONFIRMED)),
        Chip("returned", _("given back"), any_of(state=State.RETURNED)),
        Chip("differing", _("with a difference"), _differing, red=True),
    ]
    filters = [
        Filter("school", _("all schools"), _schools, lambda counts, value: counts.filter(school=int(value))),
    ]

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related(*JOINED)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        request: Any = self.request
        return context | {
            "rows": [(row, states.look(row.state)) for row in context["rows"]],
            "filters": [shown for shown in context["filters"] if shown.options],
            "all_schools": request.acting.school is None,
            "may_count": request.user.has_perm(COUNT, request.acting.school),
        }


class CashCountDetail(DetailPage):
    """A count: its pieces, what the book said, and its course."""

    model = CashCount
    template_name = "finance/counts/detail.html"
    context_object_name = "cash_count"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*JOINED, "replaces", "replaced_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: CashCount = self.object
        user: Any = self.request.user
        anew = getattr(row, "replaced_by", None)
        return super().get_context_data(
            lines=list(row.lines.all()),
            look=states.look(row.state),
            next=states.next_step(row, anew, user),
            moments=states.course(row),
            anew=anew,
            **kwargs,
        )


class CashCountCreate(AtOneSchool, CreatePage):
    """Count the cash of the acting school; `?account=` names the box, `?of=` what is counted anew."""

    model = CashCount
    permission = COUNT
    action_code = "finance.count_cash"
    template_name = "finance/counts/form.html"
    form_class = CashCountForm
    object = None
    account: Account
    accounts: list[Account]
    replaces: CashCount | None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        school = request.acting.school
        self.replaces = self._replaced()
        if self.replaces is not None and self.replaces.school != school:
            if not request.user.has_perm(COUNT, self.replaces.school):
                raise NotAllowed(permission=COUNT)
            hint = _("The count was made there.")
            return render(request, "schools/choose.html", {"schools": [self.replaces.school], "hint": hint})
        if school is None or not request.user.has_perm(COUNT, school):
            return super().dispatch(request, *args, **kwargs)
        self.accounts = cash_accounts(school)
        account = self._account()
        if account is None:
            return render(request, "finance/counts/choose.html", {"accounts": self.accounts, "school": school})
        self.account = account
        return super().dispatch(request, *args, **kwargs)

    def _replaced(self) -> CashCount | None:
        key = self.request.POST.get("of") or self.request.GET.get("of", "")
        if not key.isdecimal():
            return None
        given_back = CashCount.objects.visible_to(self.request.user).filter(state=State.RETURNED)
        found: CashCount = get_object_or_404(given_back.select_related("school", "witness"), pk=int(key[:18]))
        return found

    def _account(self) -> Account | None:
        """Return the account that is named, that of what is counted anew, or the usual one."""
        key = self.request.POST.get("account") or self.request.GET.get("account", "")
        named = str(self.replaces.account_id) if self.replaces is not None else key
        if named:
            return next((account for account in self.accounts if str(account.pk) == named), None)
        return usual_account(self.accounts)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("do") != "check":
            return super().post(request, *args, **kwargs)
        form = self.get_form()
        form.is_valid()
        return self.render_to_response(self.get_context_data(form=form))

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("instance", None)
        return kwargs | {"account": self.account, "replaces": self.replaces}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["form"].compare_again()
        return context | {"account": self.account, "accounts": self.accounts, "replaces": self.replaces}


def _visible(request: Any, pk: int) -> CashCount:
    rows = CashCount.objects.visible_to(request.user).select_related("account__ledger", "school")
    found: CashCount = get_object_or_404(rows, pk=pk)
    return found


@require_POST
def confirm(request: Any, pk: int) -> HttpResponse:
    """Witness a count from its page."""
    row = _visible(request, pk)
    if not request.user.has_perm(CONFIRM, row):
        raise NotAllowed(permission=CONFIRM)
    return take_step(
        request,
        lambda: actions.confirm(row, by=request.user),
        code="finance.confirm_cash_count",
        record=row,
        to=row.get_absolute_url(),
        done=_("Confirmed. The count stays as it is."),
    )


class GiveBack(StepPage):
    """Have a count made anew."""

    model = CashCount
    permission = CONFIRM
    action_code = "finance.return_cash_count"
    template_name = "finance/counts/give_back.html"
    context_object_name = "cash_count"
    form_class = GiveBackForm

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("account__ledger", "school")

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return {name: value for name, value in kwargs.items() if name != "instance"} | {"record": self.object}
