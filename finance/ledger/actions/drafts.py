"""Vouchers are written, submitted, reviewed, sent back and voided; none of it has a number yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from finance.ledger import rules
from finance.ledger.models import UNPOSTED, ZERO, Account, Ledger, Period, Posting, Voucher, VoucherKind, VoucherLine
from finance.ledger.models.vouchers import words_of
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.permissions import require
from houqin.web.trail import record_action

State = Voucher.State
# The kinds that a cashier may write.
MONEY_KINDS = frozenset({VoucherKind.RECEIPT, VoucherKind.PAYMENT})


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is typed; without a summary it has the one above it."""

    account: Account
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    summary: str = ""


@transaction.atomic
def save_draft(
    ledger: Ledger,
    *,
    kind: str,
    date: Date,
    lines: Sequence[Line],
    by: User,
    attachments: int = 0,
    voucher: Voucher | None = None,
    source_kind: str = "",
    source_id: int | None = None,
    corrects: Posting | None = None,
    key: UUID | None = None,
) -> Voucher:
    """Write a draft, or write one anew; it need not balance yet.

    Whoever wrote it last has prepared it, and so does not review it. With a `key` that came before, return the voucher
    that it made then. `corrects` names the posting that this voucher puts right: posting it writes that one off as
    well. Raises Refused or WrongState with a code of `finance.ledger.rules`, or "not_draft", "source_taken",
    "summary_missing", "amount_missing", "amount_wrong", "too_many_lines", "attachments_wrong", "wrong_ledger".
    """
    require(by, "finance.prepare_voucher", ledger)
    if voucher is None and (earlier := _made_with(key, ledger)) is not None:
        return earlier
    if kind not in MONEY_KINDS and kind != VoucherKind.GENERAL:
        require(by, "finance.prepare_transfer", ledger)
    if voucher is not None:
        voucher = _changeable(voucher, ledger)
        corrects, voucher.prepared_by = voucher.corrects, by
    rules.kind_fits_ledger(ledger, kind)
    rules.content_fits([amount for line in lines for amount in (line.debit, line.credit)], attachments)
    open_period(ledger, date)
    # Whoever sent the same form at the same moment had the period locked until now.
    if voucher is None and (earlier := _made_with(key, ledger)) is not None:
        return earlier
    if corrects is not None:
        rules.may_be_corrected(ledger, corrects)
    if voucher is None:
        source = {"source_kind": source_kind, "source_id": source_id}
        voucher = Voucher(ledger=ledger, prepared_by=by, corrects=corrects, key=key or uuid4(), **source)
        voucher.school_id = ledger.school_id
        _source_is_free(voucher)
    voucher.kind, voucher.date, voucher.attachments = kind, date, attachments
    _write(voucher, _written(ledger, lines))
    if corrects is not None:
        rules.nothing_undoes(corrects, besides=voucher)
    record_action("finance.save_voucher", by=by, record=voucher, detail=str(voucher))
    return voucher


@transaction.atomic
def submit(voucher: Voucher, *, by: User) -> Voucher:
    """Hand a draft to whoever reviews. Raises WrongState "not_draft" or Refused with a code of the rules."""
    voucher = locked(voucher)
    require(by, "finance.prepare_voucher", voucher)
    _must_be(voucher, State.DRAFT, "not_draft")
    open_period(voucher.ledger, voucher.date)
    touches_money = rules.may_be_posted(voucher)
    if voucher.kind not in MONEY_KINDS and not (voucher.kind == VoucherKind.GENERAL and touches_money):
        require(by, "finance.prepare_transfer", voucher)
    return _move(voucher, State.SUBMITTED, by, "submit_voucher")


@transaction.atomic
def review(voucher: Voucher, *, by: User) -> Voucher:
    """Say that a voucher is right. Raises WrongState "not_submitted", Refused "own_voucher" or "cashier_reviews"."""
    voucher = locked(voucher)
    require(by, "finance.review_voucher", voucher)
    _must_be(voucher, State.SUBMITTED, "not_submitted")
    rules.may_review(voucher, by)
    rules.may_be_posted(voucher)
    voucher.reviewed_by = by
    return _move(voucher, State.REVIEWED, by, "review_voucher", "reviewed_by")


@transaction.atomic
def send_back(voucher: Voucher, *, reason: str, by: User) -> Voucher:
    """Give a submitted or reviewed voucher back to be changed.

    Raises WrongState "not_submitted", Refused "reason_missing".
    """
    voucher = locked(voucher)
    require(by, "finance.review_voucher", voucher)
    if voucher.state not in (State.SUBMITTED, State.REVIEWED):
        raise WrongState(code="not_submitted")
    if not reason.strip():
        raise Refused(_("Write what has to be changed."), code="reason_missing", field="reason")
    voucher.reviewed_by, voucher.returned_reason = None, reason.strip()[:300]
    return _move(voucher, State.DRAFT, by, "send_back_voucher", "reviewed_by", "returned_reason", detail=reason)


@transaction.atomic
def void(voucher: Voucher, *, by: User) -> Voucher:
    """Give up a voucher that is not posted; it never had a number. Raises WrongState "not_voidable"."""
    voucher = locked(voucher)
    require(by, "finance.prepare_voucher", voucher)
    if voucher.state not in UNPOSTED:
        raise WrongState(_("What is posted is written off, not voided."), code="not_voidable")
    if voucher.prepared_by_id != by.pk:
        require(by, "finance.review_voucher", voucher)
    voucher.reviewed_by = None
    return _move(voucher, State.VOIDED, by, "void_voucher", "reviewed_by")


def locked(voucher: Voucher) -> Voucher:
    """Return the voucher as it is now, locked until the transaction ends."""
    vouchers = Voucher.objects.select_for_update(of=("self",), no_key=True)
    return vouchers.select_related("ledger__school", "school", "corrects", "reverses").get(pk=voucher.pk)


def open_period(ledger: Ledger, date: Date) -> Period:
    """Return the open period of a date; it cannot close until the transaction ends.

    Raises Refused "period_missing" or "period_closed".
    """
    periods = Period.objects.select_for_update(of=("self",), no_key=True)
    period = periods.filter(ledger=ledger, year=date.year, month=date.month).first()
    if period is None:
        raise rules.refusal("period_missing", "date")
    if not period.is_open:
        raise rules.refusal("period_closed", "date")
    return period


def _changeable(voucher: Voucher, ledger: Ledger) -> Voucher:
    """Return the draft as it is now, locked. Refuses "not_draft", "wrong_ledger" and "reversal_fixed" for a red one."""
    voucher = locked(voucher)
    _must_be(voucher, State.DRAFT, "not_draft")
    if voucher.reverses_id is not None:
        raise Refused(_("What writes a posting off has its lines; void it if it is wrong."), code="reversal_fixed")
    if voucher.ledger_id != ledger.pk:
        raise Refused(_("This voucher is of other books."), code="wrong_ledger")
    return voucher


def _write(voucher: Voucher, lines: Sequence[VoucherLine]) -> None:
    """Save a draft with these lines, and what is told and found of them."""
    voucher.summary = lines[0].summary if lines else ""
    voucher.total = sum((line.debit for line in lines), ZERO)
    voucher.search_text = words_of(voucher, lines)
    voucher.save()
    voucher.lines.all().delete()
    for line in lines:
        line.voucher = voucher
    VoucherLine.objects.bulk_create(lines)


def _written(ledger: Ledger, lines: Sequence[Line]) -> list[VoucherLine]:
    """Return the lines with their summaries; amounts stand on one side, accounts are the ledger's own."""
    made: list[VoucherLine] = []
    for position, line in enumerate(lines, start=1):
        summary = line.summary.strip() or (made[-1].summary if made else "")
        if not summary:
            raise Refused(_("Write what it is for."), code="summary_missing", field="summary")
        if bool(line.debit) == bool(line.credit):
            raise Refused(_("Write an amount on one side of each line."), code="amount_missing", field="lines")
        if line.account.ledger_id != ledger.pk:
            raise Refused(_("This account is of other books."), code="wrong_ledger", field="lines")
        made.append(
            VoucherLine(
                position=position, summary=summary[:100], account=line.account, debit=line.debit, credit=line.credit
            )
        )
    return made


def _made_with(key: UUID | None, ledger: Ledger) -> Voucher | None:
    """Return the voucher that a form made when it was sent before."""
    return None if key is None else Voucher.objects.filter(key=key, ledger=ledger).first()


def _source_is_free(voucher: Voucher) -> None:
    """Refuse a second voucher for one thing. An import makes many from one file."""
    if voucher.source_id is None or voucher.source_kind in ("", "import"):
        return
    same = Voucher.objects.filter(source_kind=voucher.source_kind, source_id=voucher.source_id)
    if same.exclude(state=State.VOIDED).exists():
        raise Refused(_("There is a voucher for this already."), code="source_taken")


def _must_be(voucher: Voucher, state: str, code: str) -> None:
    if voucher.state != state:
        raise WrongState(code=code)


def _move(voucher: Voucher, state: str, by: User, verb: str, *fields: str, detail: Any = None) -> Voucher:
    voucher.state = state
    voucher.save(update_fields=["state", *fields])
    record_action(f"finance.{verb}", by=by, record=voucher, detail=detail or str(voucher))
    return voucher
