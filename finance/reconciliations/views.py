"""The pages of bank reconciliations: the list, one of them, its forms and its steps."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from finance.banks.models import BankAccount
from finance.reconciliations import actions, page
from finance.reconciliations.facts import has_moved, with_moved
from finance.reconciliations.forms import CHECK, SAVE, SUBMIT, BeginForm, SendBackForm, WriteForm
from finance.reconciliations.models import BankReconciliation
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.schools.models import School
from houqin.schools.pages import AtOneSchool
from houqin.web.paging import Sort
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import Chip, CreatePage, DetailPage, Filter, ListPage, StepPage, UpdatePage, any_of

VIEW, PREPARE, REVIEW = "finance.view_books", actions.PREPARE, actions.REVIEW
State = BankReconciliation.State
JOINED = ("bank_account__account__ledger__school", "school", "prepared_by", "reviewed_by", "scan")


def _banks(request: Any) -> list[tuple[str, str]]:
    rows = BankAccount.objects.visible_to(request.user).at(request.acting.school)
    return [(str(pk), f"{bank} {number}") for pk, bank, number in rows.values_list("pk", "bank", "number")]


def _returned(rows: QuerySet[Any], _user: Any) -> QuerySet[Any]:
    return rows.filter(state=State.DRAFT).exclude(returned_reason="")


class ReconciliationList(ListPage):
    """Reconciliations: what is being written, what waits for review, what is reviewed."""

    model = BankReconciliation
    permission = VIEW
    template_name = "finance/reconciliations/list.html"
    is_searched = False
    sorts = {"newest": Sort("ends_on")}
    default_sort = "newest"
    chips = [
        Chip("", _("all"), any_of()),
        Chip("drafts", _("drafts"), any_of(state=State.DRAFT)),
        Chip("returned", _("sent back"), _returned, red=True),
        Chip("review", _("to review"), any_of(state=State.SUBMITTED)),
        Chip("reviewed", _("reviewed"), any_of(state=State.REVIEWED)),
    ]
    filters = [
        Filter("account", _("all bank accounts"), _banks, lambda rows, value: rows.filter(bank_account=int(value)))
    ]

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return with_moved(queryset.select_related("bank_account", "school"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        request: Any = self.request
        for row in context["rows"]:
            row.look = page.look(row.state, is_returned=bool(row.returned_reason))
        school = request.acting.school
        return context | {
            "all_schools": school is None,
            "campus": school if school is not None and school.parent_id is not None else None,
            "may_begin": request.user.has_perm(PREPARE, school) and (school is None or school.parent_id is None),
        }


class ReconciliationDetail(DetailPage):
    """A reconciliation: both sides with their items, what is next, who did what."""

    model = BankReconciliation
    template_name = "finance/reconciliations/detail.html"
    context_object_name = "one"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*JOINED)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one: BankReconciliation = self.object
        user: Any = self.request.user
        moved = has_moved(one)
        return super().get_context_data(
            sides=page.sides(one, list(one.items.all())),
            look=page.look(one.state, is_returned=bool(one.returned_reason)),
            next=page.next_step(one, user, moved=moved),
            moments=page.course(one),
            moved=moved,
            **kwargs,
        )


class ReconciliationBegin(AtOneSchool, CreatePage):
    """Begin the reconciliation of a month."""

    model = BankReconciliation
    permission = PREPARE
    action_code = "finance.begin_reconciliation"
    template_name = "finance/reconciliations/begin.html"
    form_class = BeginForm
    choosing_hint = _("Only a central school has bank accounts.")

    def may_be_for(self, school: School) -> bool:
        return school.parent_id is None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say at once, and not behind a form, that a campus has none."""
        school = request.acting.school
        if school is not None and not self.may_be_for(school) and request.user.has_perm(PREPARE, school):
            raise NotAllowed(_("A campus has no bank account, so there is nothing to reconcile."))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"asked": self.request.GET.get("account", "")}
        kwargs.pop("instance", None)
        return kwargs

    def get_success_url(self) -> str:
        return reverse("finance:reconciliations:update", args=[self.object.pk])


class _Form(UpdatePage):
    """A form about one reconciliation."""

    model = BankReconciliation
    context_object_name = "one"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*JOINED)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("instance", None)
        return kwargs | {"record": self.object}


class ReconciliationWrite(_Form):
    """Write a draft: the bank's balance, what the bank has, and which of our entries it has not."""

    permission = PREPARE
    action_code = "finance.write_reconciliation"
    template_name = "finance/reconciliations/form.html"
    form_class = WriteForm

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        one = self.get_object()
        if not one.is_draft:
            return HttpResponseRedirect(one.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        do = request.POST.get("do", SAVE)
        if do in (SAVE, SUBMIT):
            return super().post(request, *args, **kwargs)
        self.object = self.get_object()
        given = {"record": self.object, "by": request.user, "school": request.acting.school}
        typed = WriteForm(typed=request.POST, **given)
        checked = WriteForm(request.POST, request.FILES, **given)
        form = checked if do == CHECK and not checked.is_valid() else typed
        self._keep_scan(form)
        return self.render_to_response(self.get_context_data(form=form))

    def refused(self, form: Any, refusal: Refused) -> HttpResponse:
        """Show the record to whoever handed it on by a first tap; to others what they typed."""
        one = self.get_object()
        if not (isinstance(refusal, WrongState) and form.do == SUBMIT and one.prepared_by_id == form.by.pk):
            return super().refused(form, refusal)
        messages.error(self.request, refusal.sentence)
        return HttpResponseRedirect(one.get_absolute_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        self._keep_scan(form)
        return super().form_invalid(form)

    def _keep_scan(self, form: WriteForm) -> None:
        """Keep what was uploaded with a form that is shown again: browsers never fill in a file a second time."""
        request: Any = self.request
        one: BankReconciliation = self.object
        scan = request.FILES.get("scan")
        if scan is None or "scan" in form.errors or not one.is_draft:
            return
        try:
            self.object = actions.keep_scan(one, scan, by=request.user)
        except Refused as refusal:
            code = "finance.keep_bank_statement"
            record_action(code, by=request.user, record=one, result=str(refusal.code))
            # An unbound form has errors like any other, but no way to add one.
            form.errors["scan"] = form.error_class([refusal.sentence])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"do": self.request.POST.get("do", SAVE)}


class ReconciliationSendBack(_Form, StepPage):
    """Give a submitted one back."""

    permission = REVIEW
    action_code = "finance.send_back_reconciliation"
    template_name = "finance/reconciliations/send_back.html"
    form_class = SendBackForm


def _step(request: Any, pk: int, step: Any, code: str, done: Any) -> HttpResponse:
    rows = BankReconciliation.objects.visible_to(request.user).select_related("school")
    one: BankReconciliation = get_object_or_404(rows, pk=pk)
    return take_step(
        request,
        lambda: step(one, by=request.user),
        code=f"finance.{code}",
        record=one,
        to=one.get_absolute_url(),
        done=done,
    )


@require_POST
def submit(request: Any, pk: int) -> HttpResponse:
    """Hand a draft that agrees to whoever reviews."""
    return _step(request, pk, actions.submit, "submit_reconciliation", _("Submitted for review."))


@require_POST
def review(request: Any, pk: int) -> HttpResponse:
    """Say that a reconciliation is right."""
    return _step(request, pk, actions.review, "review_reconciliation", _("Reviewed. It stays as it is now."))
