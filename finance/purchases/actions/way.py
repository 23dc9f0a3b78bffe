"""The way to approval: submit, withdraw, and what the signatures bring about."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.budgets import actions as budgets
from finance.purchases.actions.steps import Text, Verb, locked, move, require_requester, require_state, tell
from finance.purchases.idle import idle_like
from finance.purchases.models import (
    EDITABLE,
    SUBJECT_KIND,
    PurchaseLine,
    PurchaseRequest,
    PurchaseSettings,
    State,
)
from finance.purchases.prices import last_prices
from houqin.accounts.models import User
from houqin.approvals import actions as approvals
from houqin.approvals.models import Tier
from houqin.approvals.subjects import ExtraSigner
from houqin.errors import Refused, WrongState
from houqin.schools.roles import Role

APPROVAL = SUBJECT_KIND


@transaction.atomic
def submit(request: PurchaseRequest, *, by: User) -> PurchaseRequest:
    """Submit a request for the signatures that its amount needs (S101, S102, S105, S106).

    Raises NotAllowed "not_requester", WrongState, and Refused: "lines_missing", "purpose_missing",
    "needed_on_missing", "needed_on_past", "budget_line_missing", "budget_line_closed", "wrong_year",
    "price_missing", "market_missing", "over_market", "lead_time", "idle_first", and what the engine raises.
    """
    request = locked(request)
    require_requester(request, by)
    require_state(request, *EDITABLE)
    lines = _lines(request)
    is_emergency = _check(request, lines, by=by)
    _note_last_prices(request, lines)
    again = request.submitted_at is not None
    move(
        request,
        Verb.RESUBMIT if again else Verb.SUBMIT,
        by=by,
        code="finance.submit_purchase",
        state=State.SUBMITTED,
        submitted_at=timezone.now(),
        approved_at=None,
        lead_days=PurchaseSettings.of(request.school).lead_days,
        is_emergency=is_emergency,
        is_over_market=any(line.is_over_market for line in lines),
    )
    approvals.request(SUBJECT_KIND, request, by=by, school=request.school, title=request.title, amount=request.total)
    return request


def what_is_missing(request: PurchaseRequest, *, by: User) -> Refused | None:
    """Return what `submit` would refuse in the request itself; None when it can be submitted."""
    try:
        _check(request, _lines(request), by=by)
    except Refused as refusal:
        return refusal
    return None


def _lines(request: PurchaseRequest) -> list[PurchaseLine]:
    return list(request.lines.prefetch_related("quotes").order_by("position"))


def _check(request: PurchaseRequest, lines: Sequence[PurchaseLine], *, by: User) -> bool:
    """Raise Refused for the first thing that stands against submitting; return whether it is an emergency."""
    _require_whole(request, lines)
    _require_own_year(request)
    for line in lines:
        _require_priced(line)
    is_emergency = _is_emergency(request)
    if not request.idle_reason and idle_like([line.name for line in lines], school=request.school, user=by):
        raise Refused(
            _("The register holds idle things of the like. Look at them first, or write why they do not serve."),
            code="idle_first",
            field="idle_reason",
        )
    return is_emergency


def _require_whole(request: PurchaseRequest, lines: Sequence[PurchaseLine]) -> None:
    """Raise Refused for what is still missing."""
    if not lines:
        raise Refused(_("Write at least one thing to buy."), code="lines_missing", field="lines")
    if not request.purpose:
        raise Refused(_("Say what it is for: who signs decides by it."), code="purpose_missing", field="purpose")
    if request.needed_on is None:
        raise Refused(_("Say by which day it is needed."), code="needed_on_missing", field="needed_on")
    if request.needed_on < timezone.localdate():
        raise Refused(_("This day is over. Choose a later one."), code="needed_on_past", field="needed_on")
    if request.budget_line is None:
        raise Refused(_("Choose the budget line that pays it."), code="budget_line_missing", field="budget_line")


def _require_own_year(request: PurchaseRequest) -> None:
    """Raise Refused unless the money is of the year in which the thing is needed, and still open."""
    line = request.budget_line
    if line is None or request.needed_on is None:  # asked before
        return
    if line.closed_at is not None:
        raise Refused(
            _("This budget line is closed. Choose another one."), code="budget_line_closed", field="budget_line"
        )
    if line.year != request.needed_on.year:
        raise Refused(
            _("This budget line is of %(line)s, but the things are needed in %(needed)s."),
            code="wrong_year",
            field="budget_line",
            params={"line": line.year, "needed": request.needed_on.year},
        )


def _require_priced(line: PurchaseLine) -> None:
    """Raise Refused unless the line has a price, the market's price, and a reason when it is dearer (S105)."""
    name = {"name": line.name}
    if line.unit_price <= 0:
        raise Refused(_("Write what %(name)s costs."), code="price_missing", field="lines", params=name)
    if line.reference_price is None or (not line.quotes.all() and not line.market_source):
        raise Refused(
            _("Write what the market asks for %(name)s and where you saw it, or add quotes."),
            code="market_missing",
            field="lines",
            params=name,
        )
    if line.is_over_market and not line.over_market_reason:
        raise Refused(
            _("%(name)s is dearer than the market. Lower the price, or write why it has to be."),
            code="over_market",
            field="lines",
            params=name,
        )


def _is_emergency(request: PurchaseRequest) -> bool:
    """Say whether it is needed sooner than the school's notice allows (S102). Raises Refused "lead_time"."""
    if request.needed_on is None:  # asked before
        return False
    lead_days = PurchaseSettings.of(request.school).lead_days
    is_emergency = (request.needed_on - timezone.localdate()).days < lead_days
    if is_emergency and not request.emergency_reason:
        raise Refused(
            _("It is needed in less than %(days)d days. Choose a later day, or write why it is urgent."),
            code="lead_time",
            field="emergency_reason",
            params={"days": lead_days},
        )
    return is_emergency


def _note_last_prices(request: PurchaseRequest, lines: Sequence[PurchaseLine]) -> None:
    """Write the last own prices beside the lines, so that they are part of what is signed."""
    known = last_prices(request.school, [line.name for line in lines], without=request.pk)
    for line in lines:
        last = known.get(line.name)
        line.last_price, line.last_bought_on = (last.price, last.on) if last else (None, None)
        line.save(update_fields=["last_price", "last_bought_on"])


@transaction.atomic
def withdraw(request: PurchaseRequest, *, by: User, note: str = "") -> PurchaseRequest:
    """Take a request back: to change and submit it again, or to leave it; nothing is deleted.

    What waits for signatures waits no longer, and money that was reserved is free again. Raises NotAllowed
    "not_requester", and WrongState once it is ordered: "ordered_once" also when that order was cancelled, since
    its lines stay as they were ordered.
    """
    request = locked(request)
    require_requester(request, by)
    require_state(request, State.DRAFT, State.SUBMITTED, State.RETURNED, State.APPROVED)
    if request.orders.exists():
        raise WrongState(
            _("It was ordered once, so its lines stay as they are. The office closes it when it is not needed."),
            code="ordered_once",
        )
    approvals.withdraw(SUBJECT_KIND, request, by=by)
    if request.state == State.APPROVED:
        budgets.release(SUBJECT_KIND, request.pk, by=by)
    return move(
        request, Verb.WITHDRAW, by=by, note=note.strip(), code="finance.withdraw_purchase", state=State.WITHDRAWN
    )


def one_tier_higher(request: PurchaseRequest) -> Sequence[ExtraSigner]:
    """Return who signs besides when a price is above the market's: the next tier up (S105)."""
    if not request.is_over_market:
        return ()
    tiers = Tier.objects.holding_at(request.school, SUBJECT_KIND)
    above = min((tier.from_amount for tier in tiers if tier.from_amount > request.total), default=None)
    posts = [(Role(tier.role), tier.at_central) for tier in tiers if tier.from_amount == above]
    reason = _("a price is above the market's")
    return [ExtraSigner(role, at_central, reason) for role, at_central in posts or [(Role.CENTRAL_OFFICER, True)]]


def approved(request: PurchaseRequest, by: User, comment: str) -> None:
    """Reserve the money in the transaction of the last signature. Raises Refused "over_budget" and signs nothing."""
    if request.budget_line is None:  # the constraint knows none
        raise Refused(_("Choose the budget line that pays it."), code="budget_line_missing")
    budgets.reserve(request.budget_line, request.total, subject_kind=SUBJECT_KIND, subject_id=request.pk, by=by)
    move(
        request,
        Verb.APPROVE,
        by=by,
        note=comment,
        code="finance.approve_purchase",
        state=State.APPROVED,
        approved_at=timezone.now(),
    )
    tell([request.requester], request, cause="approved", title=_("Your purchase is approved"))


def returned(request: PurchaseRequest, by: User, comment: str) -> None:
    """Give it back to be changed, with the signer's words."""
    _ended(request, Verb.RETURN, State.RETURNED, by, comment, code="finance.return_purchase")


def rejected(request: PurchaseRequest, by: User, comment: str) -> None:
    """End it; what it held of the budget is free again."""
    _ended(request, Verb.REJECT, State.REJECTED, by, comment, code="finance.reject_purchase")


def _ended(request: PurchaseRequest, verb: str, state: State, by: User, comment: str, *, code: str) -> None:
    move(request, verb, by=by, note=comment, code=code, state=state)
    title: Text = format_lazy(
        _("Your request {number}: {state}"), number=request.number, state=request.get_state_display()
    )
    tell([request.requester], request, cause=str(state), title=title, body=comment)


def content(request: PurchaseRequest) -> dict[str, Any]:
    """Return what is signed: everything that a signer reads; any change of it voids the signatures."""
    lines = request.lines.prefetch_related("quotes__file").order_by("position")
    return {
        "number": request.number,
        "kind": request.kind,
        "title": request.title,
        "purpose": request.purpose,
        "needed_on": request.needed_on,
        "emergency_reason": request.emergency_reason,
        "is_emergency": request.is_emergency,
        "idle_reason": request.idle_reason,
        "budget_line": request.budget_line_id,
        "requester": request.requester_id,
        "total": request.total,
        "lines": [_line_content(line) for line in lines],
        "files": list(request.files.values_list("file__sha256", flat=True)),
    }


def _line_content(line: PurchaseLine) -> dict[str, Any]:
    names = (
        "name",
        "specification",
        "unit",
        "quantity",
        "unit_price",
        "amount",
        "market_price",
        "market_source",
        "over_market_reason",
        "last_price",
        "is_equipment",
    )
    quotes = [
        {"supplier": quote.supplier_name, "price": quote.price, "file": quote.file.sha256 if quote.file else ""}
        for quote in line.quotes.all()
    ]
    return {name: getattr(line, name) for name in names} | {"quotes": quotes}


def lock(pk: int) -> PurchaseRequest:
    """Return the request of this key, locked, for the engine."""
    return locked(PurchaseRequest(pk=pk))
