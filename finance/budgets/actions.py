"""What happens to budget lines: entered, changed with a reason, closed; money reserved, spent, released.

`reserve`, `spend` and `release` ask for no permission: the room whose subject it is has asked already, and who
signs a purchase keeps no budget. They belong inside the transaction of that room's own action.
"""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.budgets.models import EARLIER, ZERO, BudgetChange, BudgetLine, ExpenditureItem, Reservation
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.models import School
from houqin.schools.permissions import require
from houqin.web.templatetags.houqin import money
from houqin.web.trail import record_action


@transaction.atomic
def enter_line(
    school: School,
    *,
    year: int,
    item: ExpenditureItem,
    source: str,
    amount: Decimal,
    by: User,
    detail: str = "",
    spent: Decimal = ZERO,
) -> BudgetLine:
    """Enter what a school may spend in a year on an item, and what it had `spent` of it before it came here.

    Raises Refused "duplicate_line", "amount_missing" or "spent_too_much".
    """
    require(by, "finance.manage_budget", school)
    _above_zero(amount)
    if not ZERO <= spent <= amount:
        raise Refused(
            _("More cannot be spent already than the line has."), code="spent_too_much", field="already_spent"
        )
    line = BudgetLine(
        school=school, year=year, item=item, source=source, detail=detail.strip(), amount=amount, entered_by=by
    )
    if BudgetLine.objects.filter(school=school, year=year, item=item, source=source, detail=line.detail).exists():
        raise Refused(
            _("%(line)s is there already. Change the amount of that line, or say for what this one is."),
            code="duplicate_line",
            field="detail",
            params={"line": line},
        )
    line.save(force_insert=True)
    if spent:
        Reservation.objects.create(
            line=line,
            subject_kind=EARLIER,
            subject_id=line.pk,
            amount=spent,
            spent=spent,
            state=Reservation.State.RELEASED,
            released_at=timezone.now(),
            reserved_by=by,
        )
    record_action("finance.enter_budget_line", by=by, record=line, detail=money(amount))
    return _locked(line.pk)


@transaction.atomic
def change_amount(line: BudgetLine, *, amount: Decimal, reason: str, by: User) -> BudgetLine:
    """Give a line another amount; the reason stays on its page for good.

    Raises WrongState "line_closed" or "same_amount", Refused "reason_missing" or "below_used".
    """
    line = _locked(line.pk)
    require(by, "finance.manage_budget", line)
    _must_be_open(line)
    reason = reason.strip()
    if not reason:
        raise Refused(
            _("Write why the amount changes, for example the notice of the bureau."),
            code="reason_missing",
            field="reason",
        )
    if amount == line.amount:
        raise WrongState(_("The line has this amount already."), code="same_amount", field="amount")
    if amount < line.used:
        raise Refused(
            _("%(used)s are spent or reserved already; the amount cannot be less."),
            code="below_used",
            field="amount",
            params={"used": money(line.used)},
        )
    # The row first: a trigger lets the amount move only after it.
    BudgetChange.objects.create(line=line, before=line.amount, after=amount, reason=reason, changed_by=by)
    line.amount = amount
    line.save(update_fields=["amount"])
    record_action("finance.change_budget_line", by=by, record=line, detail=reason)
    return _locked(line.pk)


@transaction.atomic
def close_line(line: BudgetLine, *, by: User) -> BudgetLine:
    """Close a line at the end of its year. Raises WrongState "line_closed", Refused "still_reserved"."""
    line = _locked(line.pk)
    require(by, "finance.manage_budget", line)
    _must_be_open(line)
    if line.reserved:
        raise Refused(
            _("%(held)s are still reserved. What is ordered must arrive or be given up first."),
            code="still_reserved",
            params={"held": money(line.reserved)},
        )
    line.closed_at = timezone.now()
    line.save(update_fields=["closed_at"])
    record_action("finance.close_budget_line", by=by, record=line)
    return line


@transaction.atomic
def reopen_line(line: BudgetLine, *, by: User) -> BudgetLine:
    """Open a line again that was closed too early. Raises WrongState "line_open"."""
    line = _locked(line.pk)
    require(by, "finance.manage_budget", line)
    if line.is_open:
        raise WrongState(_("This line is open."), code="line_open")
    line.closed_at = None
    line.save(update_fields=["closed_at"])
    record_action("finance.reopen_budget_line", by=by, record=line)
    return line


@transaction.atomic
def reserve(line: BudgetLine, amount: Decimal, *, subject_kind: str, subject_id: int, by: User) -> Reservation:
    """Keep `amount` of a line for a subject; the line's row stays locked until the caller's transaction ends.

    Raises Refused "over_budget" with what is left, WrongState "line_closed" or "already_reserved".
    """
    _above_zero(amount)
    line = _locked(line.pk)
    _must_be_open(line)
    if Reservation.objects.of(subject_kind, subject_id).filter(state=Reservation.State.HELD).exists():
        raise WrongState(_("Money is already reserved for this."), code="already_reserved")
    if amount > line.left:
        raise Refused(
            _("%(line)s has %(left)s left, %(short)s short of %(asked)s. Have the line raised, or take another one."),
            code="over_budget",
            params={
                "line": line,
                "left": money(line.left),
                "short": money(amount - line.left),
                "asked": money(amount),
            },
        )
    reservation = Reservation.objects.create(
        line=line, subject_kind=subject_kind, subject_id=subject_id, amount=amount, reserved_by=by
    )
    record_action("finance.reserve_budget", by=by, record=line, detail=str(reservation))
    return reservation


@transaction.atomic
def spend(subject_kind: str, subject_id: int, amount: Decimal, *, by: User) -> Reservation:
    """Turn reserved money into spent money, for what was delivered; the rest stays reserved until it is released.

    Raises WrongState "nothing_reserved", Refused "over_reserved" with what is still kept.
    """
    _above_zero(amount)
    reservation = _held(subject_kind, subject_id)
    if reservation is None:
        raise WrongState(_("No money is reserved for this."), code="nothing_reserved")
    if amount > reservation.held:
        raise Refused(
            _("Only %(held)s are still reserved for this, not %(asked)s."),
            code="over_reserved",
            params={"held": money(reservation.held), "asked": money(amount)},
        )
    reservation.spent += amount
    reservation.save(update_fields=["spent"])
    detail = f"{subject_kind} {subject_id}: {amount}"
    record_action("finance.spend_budget", by=by, record=reservation.line, detail=detail)
    return reservation


@transaction.atomic
def release(subject_kind: str, subject_id: int, *, by: User) -> Reservation | None:
    """Give back to the line what the subject keeps and has not spent; None, and no trace, when it keeps nothing."""
    reservation = _held(subject_kind, subject_id)
    if reservation is None:
        return None
    freed = reservation.held
    reservation.state = Reservation.State.RELEASED
    reservation.released_at = timezone.now()
    reservation.save(update_fields=["state", "released_at"])
    detail = f"{subject_kind} {subject_id}: {freed}"
    record_action("finance.release_budget", by=by, record=reservation.line, detail=detail)
    return reservation


def _locked(line_id: int) -> BudgetLine:
    """Return the line as it is now, locked until the transaction ends.

    The key is not locked: rows that only refer to the line need not wait.
    """
    lines = BudgetLine.objects.select_for_update(of=("self",), no_key=True).select_related("school", "item")
    return lines.get(pk=line_id)


def _held(subject_kind: str, subject_id: int) -> Reservation | None:
    """Return what is kept for the subject, its line locked before it is read; None when nothing is."""
    held = Reservation.objects.of(subject_kind, subject_id).filter(state=Reservation.State.HELD)
    line_id = held.values_list("line_id", flat=True).first()
    if line_id is None:
        return None
    _locked(line_id)
    return held.select_related("line__school", "line__item").first()


def _must_be_open(line: BudgetLine) -> None:
    if not line.is_open:
        raise WrongState(_("This line is closed."), code="line_closed")


def _above_zero(amount: Decimal) -> None:
    if amount <= ZERO:
        raise Refused(_("Write an amount above zero."), code="amount_missing", field="amount")
