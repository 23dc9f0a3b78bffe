"""A set of books as a whole: opened, its months closed one after the other, its years carried forward."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from finance.ledger import acting, actions, archive, closing_page, states
from finance.ledger.actions.closing import results
from finance.ledger.forms import OpenLedgerForm
from finance.ledger.models import Ledger, Period
from finance.ledger.views.writing import no_books
from finance.ledger.wording import month_of
from houqin.errors import NotAllowed, Refused
from houqin.schools.pages import AtOneSchool, schools_to_act_for
from houqin.schools.permissions import require
from houqin.web.addresses import page_before
from houqin.web.record_page import Button, NextStep
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import CreatePage

VIEW, CLOSE, MANAGE = "finance.view_books", "finance.close_period", "finance.manage_ledger"


@require_safe
def periods(request: Any) -> HttpResponse:
    """Show the months and years of the acting school's books, and what closes next."""
    require(request.user, VIEW, request.acting.school)
    school = request.acting.school
    if school is None:
        return render(request, "schools/choose.html", {"schools": schools_to_act_for(request.user, VIEW)})
    books = acting.books(request)
    ledger = books.current
    if ledger is None:
        return no_books(request)
    years = closing_page.years(ledger)
    context = {
        "ledger": ledger,
        "books": books,
        "years": years,
        "next": _next(ledger, years, request.user),
        "may_close": request.user.has_perm(CLOSE, ledger),
        "may_manage": request.user.has_perm(MANAGE, ledger),
        "may_open_more": len(books.ledgers) < len(Ledger.Kind.values) and request.user.has_perm(MANAGE, ledger),
        "last_year": years[0].year if years else ledger.year_opened,
        "heads": closing_page.noted_heads(request.user, ledger),
    }
    return render(request, "finance/ledger/periods.html", context)


def _next(ledger: Ledger, years: list[closing_page.Year], user: Any) -> NextStep | None:
    """Return what the books wait for: opening balances, a month to close, a year to carry forward."""
    # Opening balances stand in the first month: once that is closed, the books go on without.
    may_open = bool(years) and years[-1].months[0].period.is_open
    if not ledger.chain_position and may_open and user.has_perm("finance.prepare_transfer", ledger):
        url = reverse("finance:ledger:create") + "?kind=opening"
        button = Button(_("Enter the opening balances"), url, "primary", "edit", post=False)
        return NextStep(_("The books are empty"), _("Opening balances come before anything else."), [button])
    due = next((year for year in years if year.is_due), None)
    if due is not None:
        title = _("All months of the year are closed: carry it forward")
        if not user.has_perm(CLOSE, ledger):
            return NextStep(title, _("The chief accountant does that."))
        url = reverse("finance:ledger:carry", args=[ledger.pk, due.year])
        return NextStep(title, "", [Button(_("Carry forward"), url, "primary", "send", post=False)])
    month = next((one for year in years for one in year.months if one.closes_next), None)
    return _next_month(month, user.has_perm(CLOSE, ledger)) if month is not None else None


def _next_month(month: closing_page.Month, may_close: bool) -> NextStep:
    """Return what stands before closing the month that closes next."""
    name = month_of(month.period)
    if not closing_page.is_over(month.period) and not month.left:
        return NextStep(format_lazy(_("{month} is under way"), month=name), _("It is closed when it is over."))
    title = format_lazy(_("{month} closes next"), month=name)
    reason: Any = _("Everything in it is posted.")
    if month.left:
        reason = format_lazy(_("Not posted yet: {left}. Post or void them first."), left=month.left)
    if not may_close:
        return NextStep(title, format_lazy("{} {}", reason, _("The chief accountant closes it.")))
    url = reverse("finance:ledger:close", args=[month.period.pk])
    look = Button(_("Look and close"), url, "quiet" if month.left else "primary", "lock", post=False)
    return NextStep(title, reason, [look])


def _begins_empty(period: Period) -> bool:
    """Whether it is the first month of books in which nothing is posted, so that closing it shuts out their opening."""
    opened = period.ledger.opened_on
    return not period.ledger.chain_position and (period.year, period.month) == (opened.year, opened.month)


def _onward(request: Any) -> str:
    """Return where one goes on: the months of the school, or of all the home page, which says what is left to close."""
    return reverse("web:home" if request.acting.school is None else "finance:ledger:periods")


def _period(request: Any, pk: int) -> Period:
    rows = Period.objects.visible_to(request.user).select_related("ledger__school")
    period: Period = get_object_or_404(rows, pk=pk)
    return period


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: Any, pk: int) -> HttpResponse:
    """Say what is still open in a month, and close it."""
    period = _period(request, pk)
    require(request.user, CLOSE, period)
    if request.method == "POST":
        return take_step(
            request,
            lambda: actions.close_period(period, by=request.user),
            code="finance.close_period",
            record=period.ledger,
            to=_onward(request),
            done=_("Closed. Its books stay as they are."),
        )
    left = closing_page.left(period)
    first = closing_page.first_open(period.ledger)
    earlier = first if first is not None and (first.year, first.month) < (period.year, period.month) else None
    balances = closing_page.balances(period)
    untransferred = period.is_open and period.month == 12 and bool(results(period.ledger, period.year))
    ready = not (left or earlier or untransferred) and period.is_open and closing_page.has_begun(period)
    context = {
        "period": period,
        "name": month_of(period),
        "ledger": period.ledger,
        "left": [(voucher, states.look(voucher.state), states.url_of(voucher.pk)) for voucher in left],
        "earlier": earlier,
        "is_empty": ready and _begins_empty(period),
        "balances": balances,
        "has_begun": closing_page.has_begun(period),
        "heads": closing_page.noted_heads(request.user, period.ledger),
        "untransferred": untransferred,
        "ready": ready and all(balance.is_even for balance in balances),
    }
    return render(request, "finance/ledger/close.html", context)


def _ledger(request: Any, pk: int, permission: str) -> Ledger:
    ledger: Ledger = get_object_or_404(Ledger.objects.visible_to(request.user).select_related("school"), pk=pk)
    if not request.user.has_perm(permission, ledger):
        raise NotAllowed(permission=permission)
    return ledger


@require_http_methods(["GET", "HEAD", "POST"])
def carry(request: Any, pk: int, year: int) -> HttpResponse:
    """Say what is left to transfer at the end of a year, and carry it forward."""
    ledger = _ledger(request, pk, CLOSE)
    if request.method == "POST":
        return take_step(
            request,
            lambda: actions.carry_forward(ledger, year, by=request.user),
            code="finance.carry_forward",
            record=ledger,
            to=_onward(request),
            done=_("Carried forward. The books of the next year are open."),
        )
    months = get_list_or_404(ledger.periods.order_by("month"), year=year)
    open_months = [month for month in months if month.state == Period.State.OPEN]
    context = {
        "ledger": ledger,
        "year": year,
        "results": results(ledger, year),
        "open_months": open_months,
        "kept": [] if open_months else archive.kept(year),
        "is_carried": ledger.carried_through is not None and year <= ledger.carried_through,
        "may_draft": request.user.has_perm("finance.prepare_transfer", ledger),
    }
    return render(request, "finance/ledger/carry.html", context)


@require_POST
def draft_results(request: Any, pk: int, year: int) -> HttpResponse:
    """Draft the transfer of the year's income and expenses."""
    ledger = _ledger(request, pk, "finance.prepare_transfer")
    get_list_or_404(ledger.periods, year=year)
    try:
        voucher = actions.draft_results(ledger, year, by=request.user)
    except Refused as refusal:
        record_action("finance.save_voucher", by=request.user, record=ledger, result=str(refusal.code))
        messages.error(request, refusal.sentence)
        return redirect("finance:ledger:periods")
    return redirect(states.url_of(voucher.pk))


@require_POST
def switch(request: Any) -> HttpResponse:
    """Work in the other set of books from now on, and go on where one was."""
    require(request.user, VIEW, request.acting.school)
    kind = request.POST.get("kind", "")
    if kind not in Ledger.Kind.values:
        raise Http404
    request.session[acting.SESSION_KEY] = kind
    came_from = page_before(request).partition("?")[0]
    return redirect(came_from or reverse("finance:ledger:vouchers"))


@require_POST
def open_year(request: Any, pk: int) -> HttpResponse:
    """Open the months of the next year."""
    ledger = _ledger(request, pk, MANAGE)
    return take_step(
        request,
        lambda: actions.open_year(ledger, by=request.user),
        code="finance.open_year",
        record=ledger,
        to=reverse("finance:ledger:periods"),
        done=_("The months of the next year are open."),
    )


class OpenLedger(AtOneSchool, CreatePage):
    """Open books of the acting school: its own, and those of its canteen."""

    permission = MANAGE
    action_code = "finance.open_ledger"
    template_name = "finance/ledger/open.html"
    form_class = OpenLedgerForm
    object: Any = None

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self._free():
            messages.info(request, str(_("The school's books and its canteen's are open already.")))
            return redirect("finance:ledger:periods")
        return super().get(request, *args, **kwargs)

    def _free(self) -> list[Ledger.Kind]:
        """Return the kinds of books that the school does not have yet."""
        taken = {ledger.kind for ledger in acting.books(self.request).ledgers}
        return [kind for kind in Ledger.Kind if kind not in taken]

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("instance", None)
        return kwargs | {"free": self._free()}

    def get_success_url(self) -> str:
        request: Any = self.request
        request.session[acting.SESSION_KEY] = self.object.kind
        return reverse("finance:ledger:periods")
