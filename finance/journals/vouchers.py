"""The vouchers that the entries of a paper journal become, written together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext_lazy as _

from finance.journals.models import JournalBatch, JournalRow
from finance.ledger.accounts import Accounts
from finance.ledger.actions.drafts import Line
from finance.ledger.cases import FUNDS
from finance.ledger.models import ZERO, Account, Ledger, Voucher, VoucherKind, VoucherLine
from finance.ledger.models.vouchers import words_of
from houqin.accounts.models import User
from houqin.errors import Refused

# As the norm words it; printed in the books, so never translated.
OPENING = "上年结转"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Paper:
    """A voucher to be: lines of the journal that have one number."""

    kind: str
    date: Date
    rows: list[JournalRow]
    lines: list[Line]


def plan(batch: JournalBatch) -> list[Paper]:
    """Return the vouchers of a journal, in its order. Raises Refused "no_such_day" or "wrong_kind" with the row."""
    rows = batch.rows.select_related("counter__account__parent", "counter__budget_account").order_by("position")
    money = Accounts(batch.ledger).usual(FUNDS)
    papers = []
    for (kind, _number, month, day), together in groupby(rows, key=_voucher_of):
        lines = list(together)
        made = Paper(
            kind=_kind_here(batch.ledger, kind, lines),
            date=_date(batch.year, month, day, lines[0]),
            rows=lines,
            lines=[line for row in lines for line in _lines_of(batch, row, money)],
        )
        _kind_fits(made)
        papers.append(made)
    return papers


def opening_lines(batch: JournalBatch) -> list[Line]:
    """Return the lines of the opening voucher."""
    if batch.account is None or batch.opening_account is None:
        return []
    return [
        Line(batch.account, batch.opening, ZERO, OPENING),
        Line(batch.opening_account, ZERO, batch.opening, OPENING),
    ]


def write_vouchers(batch: JournalBatch, papers: Sequence[Paper], by: User, *, opening: Sequence[Line]) -> list[Voucher]:
    """Write the vouchers, reviewed by whoever confirms the journal; return them in the order in which they are posted.

    A few statements for all: a journal of a year has hundreds of vouchers.
    """
    if opening:
        first = Paper(VoucherKind.OPENING, batch.ledger.opened_on, [], list(opening))
        papers = [first, *papers]
    vouchers: list[Voucher] = []
    lines: list[VoucherLine] = []
    for paper in papers:
        voucher, made = _voucher_with_lines(batch, paper)
        vouchers.append(voucher)
        lines += made
    Voucher.objects.bulk_create(vouchers, batch_size=BATCH)
    VoucherLine.objects.bulk_create(lines, batch_size=BATCH)
    keys = [voucher.pk for voucher in vouchers]
    Voucher.objects.filter(pk__in=keys).update(state=Voucher.State.REVIEWED, reviewed_by=by)
    rows = []
    for voucher, paper in zip(vouchers, papers, strict=True):
        voucher.state, voucher.reviewed_by = Voucher.State.REVIEWED, by
        for row in paper.rows:
            row.voucher = voucher
            rows.append(row)
    JournalRow.objects.bulk_update(rows, ["voucher"], batch_size=BATCH)
    return vouchers


def _voucher_with_lines(batch: JournalBatch, paper: Paper) -> tuple[Voucher, list[VoucherLine]]:
    """Return the voucher of a paper one, not saved yet."""
    voucher = Voucher(
        ledger=batch.ledger,
        school_id=batch.school_id,
        kind=paper.kind,
        date=paper.date,
        attachments=sum(row.attachments for row in paper.rows),
        summary=paper.lines[0].summary,
        total=sum((line.debit for line in paper.lines), ZERO),
        prepared_by_id=batch.prepared_by_id,
        source_kind="import",
        source_id=batch.pk,
    )
    made = [
        VoucherLine(
            voucher=voucher,
            position=place,
            summary=line.summary,
            account=line.account,
            debit=line.debit,
            credit=line.credit,
        )
        for place, line in enumerate(paper.lines, start=1)
    ]
    voucher.search_text = words_of(voucher, made)
    return voucher, made


def _voucher_of(row: JournalRow) -> tuple[Any, ...]:
    return row.word, row.number, row.month, row.day


def _kind_here(ledger: Ledger, word: str, rows: Sequence[JournalRow]) -> str:
    """Return the kind that these books have for a word of the paper."""
    if ledger.voucher_kinds == Ledger.VoucherKinds.GENERAL:
        return VoucherKind.GENERAL
    if word != VoucherKind.GENERAL:
        return word
    return VoucherKind.PAYMENT if any(row.credit for row in rows) else VoucherKind.RECEIPT


def _date(year: int, month: int, day: int, row: JournalRow) -> Date:
    try:
        return Date(year, month, day)
    except ValueError:
        raise Refused(
            _("Row %(row)s: the year %(year)s has no such day."),
            code="no_such_day",
            field="year",
            params={"row": row.row, "year": year},
        ) from None


def _lines_of(batch: JournalBatch, row: JournalRow, money: Account | None) -> list[Line]:
    """Return the lines of an entry: debit above credit, the budget half below, if it has one."""
    counter = row.counter
    if batch.account is None or counter.account is None:
        raise Refused(_("Choose what %(counter)s is here."), code="counter_missing", params={"counter": counter.text})
    lines = _pair(batch.account, counter.account, row)
    if counter.budget_account is not None and money is not None:
        lines += _pair(money, counter.budget_account, row)
    return lines


def _pair(own: Account, other: Account, row: JournalRow) -> list[Line]:
    against = Line(other, row.credit, row.debit, row.summary)
    line = Line(own, row.debit, row.credit, row.summary)
    return [line, against] if row.debit else [against, line]


def _kind_fits(paper: Paper) -> None:
    """Refuse "wrong_kind": what receives money is no payment, and the other way round."""
    received = any(line.account.is_money and line.debit for line in paper.lines)
    paid = any(line.account.is_money and line.credit for line in paper.lines)
    fits = {
        VoucherKind.RECEIPT: received and not paid,
        VoucherKind.PAYMENT: paid,
        VoucherKind.TRANSFER: False,
    }
    if not fits.get(VoucherKind(paper.kind), True):
        raise Refused(
            _("Row %(row)s: money received is a receipt voucher, money paid a payment voucher."),
            code="wrong_kind",
            params={"row": paper.rows[0].row},
        )
