"""Cash is counted by who keeps it, and witnessed by another: confirmed, or given back to be counted anew."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.counts.denominations import shipped
from finance.counts.models import ZERO, CashCount, CashCountLine
from finance.ledger.actions.books import locked as locked_ledger
from finance.ledger.models import Account, AccountHead
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.access import access_of
from houqin.schools.permissions import require
from houqin.schools.roles import Role
from houqin.web.trail import record_action

# 库存现金: what a cashier has in the box.
CASH = "1001"
MOST_PIECES = 100_000
MOST_AMOUNT = Decimal(10) ** 10
State = CashCount.State
MOVED = _("Something was posted to this book in the meantime. Compare once more, then save.")


@transaction.atomic
def count(
    account: Account,
    *,
    pieces: Mapping[Decimal, int],
    on: date,
    by: User,
    received_unposted: Decimal = ZERO,
    paid_unposted: Decimal = ZERO,
    reason: str = "",
    seen: int | None = None,
    replaces: CashCount | None = None,
) -> CashCount:
    """Note what was counted beside what the book says now. `pieces`: of each denomination, by its value.

    `seen` is the line up to which the person saw the book. Raises Refused "not_cash", "pieces_wrong", "amount_wrong",
    "count_in_future", "count_before_entry", "book_moved" or "difference_unexplained"; "count_not_returned" and
    "count_replaced" for what it is made anew for.
    """
    ledger = locked_ledger(account.ledger)
    require(by, "finance.count_cash", ledger)
    head = _book_of(account)
    _fits(pieces, received_unposted, paid_unposted)
    _on_time(head, on, seen)
    _may_replace(replaces, account)
    made = _beside(head, counted_on=on, received_unposted=received_unposted, paid_unposted=paid_unposted, counted_by=by)
    made.replaces = replaces
    made.counted = sum((value * number for value, number in pieces.items()), ZERO)
    made.difference = made.counted - made.due
    made.reason = _explained(made.difference, reason)
    made.save()
    CashCountLine.objects.bulk_create(
        CashCountLine(count=made, value=value, pieces=number) for value, number in pieces.items() if number
    )
    record_action("finance.count_cash", by=by, record=made, detail=str(made))
    return made


@transaction.atomic
def confirm(cash_count: CashCount, *, by: User) -> CashCount:
    """Witness that it was counted so. Raises WrongState "count_decided", Refused "own_count" or "cashier_witnesses"."""
    cash_count = _judged(cash_count, by)
    return _decide(cash_count, State.CONFIRMED, by, "confirm_cash_count", str(cash_count))


@transaction.atomic
def give_back(cash_count: CashCount, *, reason: str, by: User) -> CashCount:
    """Have it counted anew.

    Raises WrongState "count_decided", Refused "own_count", "cashier_witnesses" or "reason_missing".
    """
    cash_count = _judged(cash_count, by)
    if not reason.strip():
        raise Refused(_("Write what is wrong with it."), code="reason_missing", field="reason")
    cash_count.returned_reason = reason.strip()[:300]
    return _decide(cash_count, State.RETURNED, by, "return_cash_count", cash_count.returned_reason)


def may_witness(cash_count: CashCount, by: User) -> None:
    """Refuse who counted it ("own_count") and whoever keeps cash at that school ("cashier_witnesses")."""
    if cash_count.counted_by_id == by.pk:
        raise Refused(_("Nobody witnesses what they counted themselves."), code="own_count")
    if Role.CASHIER in access_of(by).roles.get(cash_count.school_id, ()):
        raise Refused(_("Who keeps the cash does not witness how it is counted."), code="cashier_witnesses")


def _judged(cash_count: CashCount, by: User) -> CashCount:
    """Return it as it is now, locked, if it waits for a witness and this person may be one."""
    rows = CashCount.objects.select_for_update(of=("self",), no_key=True)
    found: CashCount = rows.select_related("account__ledger", "school").get(pk=cash_count.pk)
    require(by, "finance.confirm_cash_count", found)
    if found.state != State.COUNTED:
        raise WrongState(code="count_decided")
    may_witness(found, by)
    return found


def _decide(cash_count: CashCount, state: str, by: User, verb: str, detail: str) -> CashCount:
    cash_count.state, cash_count.witness, cash_count.witnessed_at = state, by, timezone.now()
    cash_count.save(update_fields=["state", "witness", "witnessed_at", "returned_reason"])
    record_action(f"finance.{verb}", by=by, record=cash_count, detail=detail)
    return cash_count


def _book_of(account: Account) -> AccountHead:
    """Return where the book of an account of cash stands now. Refuses "not_cash"."""
    box = Account.objects.get(pk=account.pk)
    if box.closed or not (box.is_leaf and box.bound_book and box.code.startswith(CASH)):
        raise Refused(_("Choose an account of cash."), code="not_cash", field="account")
    return AccountHead.objects.select_related("account__ledger__school").get(account=box)


def _beside(head: AccountHead, **fields: Any) -> CashCount:
    """Return a count, not saved yet, beside what the book says."""
    return CashCount(
        school=head.account.ledger.school,
        account=head.account,
        book_position=head.position,
        book_balance=head.balance,
        book_date=head.last_date,
        **fields,
    )


def _fits(pieces: Mapping[Decimal, int], *amounts: Decimal) -> None:
    values = {one.value for one in shipped()}
    if not all(value in values and 0 <= number <= MOST_PIECES for value, number in pieces.items()):
        raise Refused(_("Write how many pieces there are, zero or more."), code="pieces_wrong")
    for amount in amounts:
        if not (amount.is_finite() and 0 <= amount < MOST_AMOUNT and amount == round(amount, 2)):
            raise Refused(_("Amounts of a count are zero or more."), code="amount_wrong")


def _explained(difference: Decimal, reason: str) -> str:
    """Return the reason for a difference; the old reason of a count that agrees when made anew explains nothing."""
    if difference and not reason.strip():
        raise Refused(
            _("Cash and book differ. Count once more, then write why."), code="difference_unexplained", field="reason"
        )
    return reason.strip()[:300] if difference else ""


def _on_time(head: AccountHead, on: date, seen: int | None) -> None:
    """Refuse a day that has not come or that the book has left behind, and a book that moved on since it was read."""
    if on > timezone.localdate():
        raise Refused(_("This day lies in the future."), code="count_in_future", field="counted_on")
    if head.last_date is not None and on < head.last_date:
        raise Refused(
            _("There is an entry of %(day)s in the book. Take that day or a later one."),
            code="count_before_entry",
            field="counted_on",
            params={"day": head.last_date},
        )
    if seen is not None and seen != head.position:
        raise Refused(MOVED, code="book_moved")


def _may_replace(replaces: CashCount | None, account: Account) -> None:
    if replaces is None:
        return
    replaces = CashCount.objects.get(pk=replaces.pk)
    if replaces.account_id != account.pk or replaces.state != State.RETURNED:
        raise WrongState(_("Only what was given back is counted anew."), code="count_not_returned")
    if CashCount.objects.filter(replaces=replaces).exists():
        raise WrongState(_("It was counted anew already."), code="count_replaced")
