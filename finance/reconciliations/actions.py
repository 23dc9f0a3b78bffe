"""Reconciliations are begun, written, submitted, and reviewed by another person or sent back."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.banks.models import BankAccount
from finance.ledger.models import ZERO, Entry, VoucherKind
from finance.ledger.rules import MOST_AMOUNT
from finance.ledger.wording import number_of
from finance.reconciliations.facts import from_before, has_moved, is_over, month_end, over, previous, standing
from finance.reconciliations.models import OF_THE_BANK, OURS, BankReconciliation, ItemKind, ReconciliationItem
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.files.actions import store_pdf, store_photo
from houqin.files.models import StoredFile
from houqin.schools.access import access_of
from houqin.schools.permissions import require
from houqin.schools.roles import Role
from houqin.web.trail import record_action

State = BankReconciliation.State
PREPARE, REVIEW = "finance.reconcile_bank", "finance.review_reconciliation"
MOST_ITEMS = 500
# A year typed with a slip, as 0026; no bank still owes anything from before.
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class TypedItem:
    """Something on the bank's statement that our books lack, or of ours from before the books were opened."""

    kind: str
    date: date
    text: str
    amount: Decimal


@transaction.atomic
def begin(bank_account: BankAccount, *, ends_on: date, statement: Decimal, by: User) -> BankReconciliation:
    """Begin the reconciliation of a month that is over, with the items that were open at the end of the one before.

    Raises Refused "not_month_end", "month_not_over", "bank_account_closed", "no_entries", "reconciled_already",
    "earlier_month_first" or "amount_wrong".
    """
    require(by, PREPARE, bank_account)
    _may_begin(bank_account, ends_on)
    position, book = standing(bank_account.account_id, ends_on)
    if not position:
        raise Refused(_("The bank journal has no entry up to that day."), code="no_entries", field="month")
    one = BankReconciliation.objects.create(
        bank_account=bank_account,
        school_id=bank_account.school_id,
        ends_on=ends_on,
        statement=_amount(statement, "statement"),
        book=book,
        position=position,
        prepared_by=by,
    )
    before = previous(bank_account.account_id, ends_on)
    if before is not None:
        _keep_items(one, before.items.all())
        one.save()
    record_action("finance.begin_reconciliation", by=by, record=one, detail=str(one))
    return one


@transaction.atomic
def write(
    one: BankReconciliation,
    *,
    statement: Decimal,
    bank_items: Sequence[TypedItem],
    entries: Iterable[int],
    by: User,
    earlier: Sequence[TypedItem] = (),
    scan: UploadedFile | None = None,
) -> BankReconciliation:
    """Write a draft anew: the bank's balance, what the bank has, and the keys of the entries that it has not.

    `earlier` are items of ours that were booked before these books were opened: typed in the first reconciliation, and
    kept as they are by later ones. Whoever wrote it last has prepared it. It need not agree yet. Raises WrongState
    "not_draft", Refused "amount_wrong", "text_missing", "wrong_item_kind", "date_after_month", "date_too_early",
    "not_before_opening", "not_carried_over", "too_many_items", "wrong_entry", and what files refuse.
    """
    one = locked(one)
    require(by, PREPARE, one)
    _must_be(one, State.DRAFT, "not_draft")
    items = [_typed(one, item, OF_THE_BANK) for item in bank_items]
    items += _from_before(one, earlier) + _ours(one, set(entries))
    if len(items) > MOST_ITEMS:
        raise Refused(_("These are too many items; something else must be wrong."), code="too_many_items")
    one.statement = _amount(statement, "statement")
    one.position, one.book = standing(one.bank_account.account_id, one.ends_on)
    one.prepared_by, one.prepared_at = by, timezone.now()
    if scan is not None:
        one.scan = _stored(one, scan, by)
    one.items.all().delete()
    _keep_items(one, items)
    one.save()
    record_action("finance.write_reconciliation", by=by, record=one, detail=str(one))
    return one


@transaction.atomic
def keep_scan(one: BankReconciliation, scan: UploadedFile, *, by: User) -> BankReconciliation:
    """Keep the bank's statement with a draft while the rest of it is still being written.

    Raises WrongState "not_draft" and what files refuse.
    """
    one = locked(one)
    require(by, PREPARE, one)
    _must_be(one, State.DRAFT, "not_draft")
    one.scan = _stored(one, scan, by)
    one.save(update_fields=["scan"])
    record_action("finance.keep_bank_statement", by=by, record=one, detail=one.scan.name)
    return one


@transaction.atomic
def submit(one: BankReconciliation, *, by: User) -> BankReconciliation:
    """Hand a reconciliation that agrees to whoever reviews; whoever wrote it has prepared it.

    The journal is read once more: what was posted meanwhile counts. Raises WrongState "not_draft", Refused
    "does_not_agree" or "journal_moved".
    """
    one = locked(one)
    require(by, PREPARE, one)
    _must_be(one, State.DRAFT, "not_draft")
    one.position, one.book = standing(one.bank_account.account_id, one.ends_on)
    if one.difference:
        raise Refused(
            _("The adjusted balances differ by ¥%(amount)s. Find what is missing first."),
            code="does_not_agree",
            params={"amount": f"{one.difference:,.2f}"},
        )
    return _move(one, State.SUBMITTED, by, "submit_reconciliation", "position", "book")


@transaction.atomic
def review(one: BankReconciliation, *, by: User) -> BankReconciliation:
    """Say that a reconciliation is right; it stays as it is for good.

    Raises WrongState "not_submitted", Refused "own_reconciliation", "cashier_reviews" or "journal_moved".
    """
    one = locked(one)
    require(by, REVIEW, one)
    _must_be(one, State.SUBMITTED, "not_submitted")
    may_review(one, by)
    if has_moved(one):
        raise Refused(
            _("The journal moved since it was submitted. Send it back, so that it is made anew."), code="journal_moved"
        )
    one.reviewed_by, one.reviewed_at = by, timezone.now()
    return _move(one, State.REVIEWED, by, "review_reconciliation", "reviewed_by", "reviewed_at")


@transaction.atomic
def send_back(one: BankReconciliation, *, reason: str, by: User) -> BankReconciliation:
    """Give a submitted one back to be changed. Raises WrongState "not_submitted", Refused "reason_missing"."""
    one = locked(one)
    require(by, REVIEW, one)
    _must_be(one, State.SUBMITTED, "not_submitted")
    if not reason.strip():
        raise Refused(_("Write what has to be changed."), code="reason_missing", field="reason")
    one.returned_reason = reason.strip()[:300]
    return _move(one, State.DRAFT, by, "send_back_reconciliation", "returned_reason", detail=one.returned_reason)


def may_review(one: BankReconciliation, by: User) -> None:
    """Refuse who prepared it ("own_reconciliation"), and cashiers ("cashier_reviews")."""
    if one.prepared_by_id == by.pk:
        raise Refused(_("Nobody reviews what they prepared themselves."), code="own_reconciliation")
    if Role.CASHIER in access_of(by).roles.get(one.school_id, ()):
        raise Refused(_("Who keeps the cash does not review bank reconciliations."), code="cashier_reviews")


def locked(one: BankReconciliation) -> BankReconciliation:
    """Return the reconciliation as it is now, locked until the transaction ends."""
    rows = BankReconciliation.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("bank_account__account__ledger", "school").get(pk=one.pk)


def text_of(entry: Entry) -> str:
    """Return what an item says of an entry: 付字第12号 支付电费."""
    return f"{number_of(entry.posting)} {entry.summary}"


def _may_begin(bank_account: BankAccount, ends_on: date) -> None:
    if not is_over(ends_on):
        raise Refused(_("This month is not over yet."), code="month_not_over", field="month")
    if ends_on != month_end(ends_on):
        raise Refused(_("Choose a month."), code="not_month_end", field="month")
    if bank_account.closed_on is not None and bank_account.closed_on < ends_on.replace(day=1):
        raise Refused(
            _("The bank account was closed before that month."), code="bank_account_closed", field="bank_account"
        )
    begun = set(
        BankReconciliation.objects.filter(bank_account__account=bank_account.account_id).values_list(
            "ends_on", flat=True
        )
    )
    if ends_on in begun:
        raise Refused(
            _("This month of the bank account has its reconciliation already."),
            code="reconciled_already",
            field="month",
        )
    # What is open at the end of a month is proposed for the next one, so none is left out.
    earlier = next((month for month in over(bank_account.account_id) if month < ends_on and month not in begun), None)
    if earlier is not None:
        raise Refused(
            _("Begin with %(month)s: what is open at its end belongs to the months after it."),
            code="earlier_month_first",
            field="month",
            params={"month": f"{earlier:%Y-%m}"},
        )


def _stored(one: BankReconciliation, scan: UploadedFile, by: User) -> StoredFile:
    is_pdf = (scan.name or "").lower().endswith(".pdf")
    return (store_pdf if is_pdf else store_photo)(scan, school=one.school, by=by, field="scan")


def _amount(value: Decimal, field: str, *, positive: bool = False) -> Decimal:
    """Return yuan to the fen. Refuses "amount_wrong"."""
    value = Decimal(value)
    fits = value.is_finite() and abs(value) < MOST_AMOUNT and value == round(value, 2)
    if not fits or (positive and value <= 0):
        raise Refused(_("Write amounts above zero, with two decimals at most."), code="amount_wrong", field=field)
    return value


def _typed(one: BankReconciliation, item: TypedItem, kinds: Sequence[str]) -> ReconciliationItem:
    """Return an item as it is kept."""
    if item.kind not in kinds:
        raise Refused(_("Items of ours are entries of the journal."), code="wrong_item_kind", field="items")
    if not item.text.strip():
        raise Refused(_("Write what it is."), code="text_missing", field="items")
    if item.date > one.ends_on:
        raise Refused(_("This is after the end of the month."), code="date_after_month", field="items")
    if item.date < EARLIEST:
        raise Refused(
            _("This is before %(day)s. Check the year."),
            code="date_too_early",
            field="items",
            params={"day": EARLIEST.isoformat()},
        )
    amount = _amount(item.amount, "items", positive=True)
    return ReconciliationItem(kind=item.kind, date=item.date, text=item.text.strip()[:150], amount=amount)


def _from_before(one: BankReconciliation, items: Sequence[TypedItem]) -> list[ReconciliationItem]:
    """Return items of ours that these books have no entry of, since they were booked before these were opened."""
    made = [_typed(one, item, OURS) for item in items]
    if any(item.date >= one.ledger.opened_on for item in made):
        raise Refused(
            _("What was booked since the books were opened has an entry: choose that one."),
            code="not_before_opening",
            field="items",
        )
    before = previous(one.bank_account.account_id, one.ends_on)
    if before is not None and Counter(map(_content, made)) - Counter(map(_content, from_before(before))):
        raise Refused(
            _("The first reconciliation names what was booked before the books were opened; later ones keep it."),
            code="not_carried_over",
            field="items",
        )
    return made


def _content(item: ReconciliationItem) -> tuple[Any, ...]:
    return item.kind, item.date, item.text, item.amount


def _ours(one: BankReconciliation, keys: set[int]) -> list[ReconciliationItem]:
    """Return entries of the journal as items; a red one counts on the other side."""
    rows = Entry.objects.filter(pk__in=keys, account=one.bank_account.account_id, date__lte=one.ends_on)
    found = list(rows.exclude(posting__kind=VoucherKind.OPENING).select_related("posting").order_by("position"))
    if len(found) != len(keys):
        raise Refused(_("Choose entries of this journal, up to the month's end."), code="wrong_entry", field="entries")
    return [
        ReconciliationItem(
            kind=ItemKind.WE_RECEIVED if entry.debit > entry.credit else ItemKind.WE_PAID,
            date=entry.date,
            text=text_of(entry)[:150],
            amount=abs(entry.debit - entry.credit),
            entry=entry,
        )
        for entry in found
    ]


def _keep_items(one: BankReconciliation, items: Iterable[ReconciliationItem]) -> None:
    """Add items in this order, as rows of their own, and write down their sums."""
    sums = dict.fromkeys(ItemKind.values, ZERO)
    made = []
    for place, item in enumerate(items, start=1):
        sums[item.kind] += item.amount
        values = {"kind": item.kind, "date": item.date, "text": item.text, "amount": item.amount}
        made.append(ReconciliationItem(reconciliation=one, position=place, entry_id=item.entry_id, **values))
    ReconciliationItem.objects.bulk_create(made)
    for kind, total in sums.items():
        setattr(one, kind, _amount(total, "items"))


def _must_be(one: BankReconciliation, state: str, code: str) -> None:
    if one.state != state:
        raise WrongState(code=code)


def _move(
    one: BankReconciliation, state: str, by: User, verb: str, *fields: str, detail: Any = None
) -> BankReconciliation:
    one.state = state
    try:
        with transaction.atomic():
            one.save(update_fields=["state", *fields])
    except IntegrityError as error:
        # Something was posted in the moment since the journal was read.
        if "finance_bankreconciliation_book" not in str(error):
            raise
        moved = _("Something was posted to this journal in this moment. Look at the balances once more.")
        raise Refused(moved, code="journal_moved") from error
    record_action(f"finance.{verb}", by=by, record=one, detail=detail or str(one))
    return one
