"""The pages of the budget: the list of lines, a line with its course, the forms that enter and change one."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from finance.budgets import actions, forms, rows, subjects
from finance.budgets.facts import standing
from finance.budgets.models import BudgetLine
from houqin.errors import NotAllowed
from houqin.schools.access import access_of
from houqin.schools.http import PageRequest
from houqin.schools.pages import AtOneSchool
from houqin.web.paging import Sort
from houqin.web.record_page import Button, NextStep
from houqin.web.steps import take_step
from houqin.web.views import Chip, CreatePage, DetailPage, Filter, ListPage, UpdatePage, any_of

VIEW, MANAGE = "finance.view_budget", "finance.manage_budget"
YEARS_BACK = 9
LOW = Decimal("0.1")
# A line's page shows the latest; the sums count all.
MOST_RESERVATIONS = 100


def _years(_request: Any) -> list[tuple[str, str]]:
    """Return the years to choose from: the next one, which is being planned, and those before it."""
    following = timezone.localdate().year + 1
    return [(str(year), str(year)) for year in range(following, following - YEARS_BACK - 2, -1)]


def _schools(request: Any) -> list[tuple[str, str]]:
    """Return the schools whose budget a central role reads; none while one of them is looked at."""
    if request.acting.school is not None:
        return []
    access = access_of(request.user)
    allowed = access.schools_with(VIEW)
    return [(str(pk), school.name) for pk, school in access.schools.items() if pk in allowed]


def _low(lines: QuerySet[Any], _user: Any) -> QuerySet[Any]:
    """Keep the open lines that have less than a tenth left."""
    return lines.filter(closed_at__isnull=True, left__lt=F("amount") * LOW)


class BudgetList(ListPage):
    """The budget: years, sources, schools; what is spent, reserved and left of each line."""

    model = BudgetLine
    permission = VIEW
    template_name = "finance/budgets/list.html"
    search_hint = _("Item, what it is for, or pinyin initials like bgf")
    sorts: ClassVar[dict[str, Sort]] = {
        "chart": Sort("rank", descending=False),
        "scarcest": Sort("left", descending=False),
        "largest": Sort("amount"),
    }
    default_sort = "chart"
    default_chip = "open"
    chips = (
        Chip("open", _("open lines"), any_of(closed_at__isnull=True)),
        Chip("low", _("under a tenth left"), _low),
        Chip("closed", _("closed"), any_of(closed_at__isnull=False)),
    )
    filters = (
        Filter("year", _("All years"), _years, lambda lines, value: lines.filter(year=value)),
        Filter(
            "source",
            _("All sources"),
            lambda _request: BudgetLine.Source.choices,
            lambda lines, value: lines.filter(source=value),
        ),
        Filter("school", _("All schools"), _schools, lambda lines, value: lines.filter(school=value)),
    )

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return rows.narrow(queryset, with_school=self.request.acting.school is None)  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        context = super().get_context_data(**kwargs)
        return context | {
            "rows": rows.ready(context["rows"]),
            "filters": [item for item in context["filters"] if item.options],
            "sort_choices": [
                ("chart", _("by year and item")),
                ("scarcest", _("least left first")),
                ("largest", _("largest first")),
            ],
            "may_manage": request.user.has_perm(MANAGE, request.acting.school),
            "closed_word": _("closed"),
            "left_word": _("left"),
            "one_school": request.acting.school is not None,
        }


class BudgetDetail(DetailPage):
    """A line: where it stands, for whom money is kept, how its amount came about."""

    model = BudgetLine
    permission = VIEW
    template_name = "finance/budgets/detail.html"
    context_object_name = "line"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("school", "item", "entered_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        line: BudgetLine = self.object
        user: Any = self.request.user
        reservations = line.reservations.select_related("reserved_by").order_by("-reserved_at", "-pk")
        shown = list(reservations[: MOST_RESERVATIONS + 1])
        changes = list(line.changes.select_related("changed_by").order_by("-pk"))
        may_manage = user.has_perm(MANAGE, line)
        return super().get_context_data(
            standing=standing(line),
            changes=changes,
            first_amount=changes[-1].before if changes else line.amount,
            reservations=subjects.describe(user, shown[:MOST_RESERVATIONS]),
            has_more=len(shown) > MOST_RESERVATIONS,
            next=_next_step(line) if may_manage else None,
            may_change=may_manage and line.is_open,
            may_reopen=may_manage and not line.is_open,
            **kwargs,
        )


def _next_step(line: BudgetLine) -> NextStep | None:
    """Ask to close a line whose year is over."""
    if not line.is_open or line.year >= timezone.localdate().year:
        return None
    if line.reserved:
        return NextStep(
            _("The year is over; money is still reserved"),
            _("What is ordered must arrive or be given up before the line can be closed."),
        )
    close = Button(_("Close the line"), reverse("finance:budgets:close", args=[line.pk]), kind="primary", icon="lock")
    return NextStep(_("The year is over: close the line"), _("Nothing can be reserved of it any more."), [close])


class BudgetCreate(AtOneSchool, CreatePage):
    """Enter a line."""

    model = BudgetLine
    form_class = forms.LineForm
    permission = MANAGE
    template_name = "finance/budgets/create.html"
    action_code = "finance.enter_budget_line"


class BudgetChangeAmount(UpdatePage):
    """Change the amount of a line, with a reason."""

    model = BudgetLine
    form_class = forms.AmountForm
    permission = MANAGE
    template_name = "finance/budgets/change.html"
    action_code = "finance.change_budget_line"
    context_object_name = "line"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("school", "item")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # What was typed is on the form's own record by now; the line is shown as it is.
        line = self.get_object()
        return super().get_context_data(standing=standing(line), **kwargs)


def _line(request: Any, pk: int) -> BudgetLine:
    """Return a line that the person keeps; a stranger's is not found."""
    line: BudgetLine = get_object_or_404(BudgetLine.objects.visible_to(request.user), pk=pk)
    if not request.user.has_perm(MANAGE, line):
        raise NotAllowed(permission=MANAGE)
    return line


@require_POST
def close(request: PageRequest, pk: int) -> HttpResponse:
    """Close a line."""
    line = _line(request, pk)
    return take_step(
        request,
        lambda: actions.close_line(line, by=request.user),
        code="finance.close_budget_line",
        record=line,
        to=line.get_absolute_url(),
        done=_("Closed. Its figures stay as they are."),
    )


@require_POST
def reopen(request: PageRequest, pk: int) -> HttpResponse:
    """Open a line again."""
    line = _line(request, pk)
    return take_step(
        request,
        lambda: actions.reopen_line(line, by=request.user),
        code="finance.reopen_budget_line",
        record=line,
        to=line.get_absolute_url(),
        done=_("The line is open again."),
    )
