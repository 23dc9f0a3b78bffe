"""The books of accounts as sheets: subsidiary (明细账) and multi-column (多栏账), streamed entry by entry."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.books import figures, months, sheets
from finance.books.columns import column_index, columns_of
from finance.books.sheets import Col, Line, Sheet
from finance.books.tree import Node, Tree
from finance.ledger import wording
from finance.ledger.models import ZERO, Ledger

CHUNK = 2000
_ENTRIES = """
    SELECT entry.account_id, entry.date, entry.summary, entry.counter, entry.debit, entry.credit,
        posting.kind, posting.number
    FROM finance_entry AS entry JOIN finance_posting AS posting ON posting.id = entry.posting_id
    WHERE entry.account_id = ANY(%s) AND entry.date BETWEEN %s AND %s AND posting.kind <> 'opening'
    ORDER BY entry.date, entry.id
"""


def _columns(node: Node, wide: bool) -> list[Col]:
    cols = [
        Col(_("Date"), "date", 12),
        Col(pgettext("of a voucher", "Word"), "short", 5, paper_group=_("Voucher")),
        Col(pgettext("of a voucher", "No."), "integer", 6, paper_group=_("Voucher")),
        Col(_("Summary"), "text", 30 if wide else 34),
        Col(_("Account") if node.children else _("Counter account"), "text", 24),
        Col(_("Debit"), "money", 15, summed=True),
        Col(_("Credit"), "money", 15, summed=True),
        Col(pgettext("head of a column", "Dr / Cr"), "short", 7),
        Col(_("Balance"), "money", 15),
    ]
    if not wide:
        return cols
    heads = [Col(child.name, "money", 14, summed=True, group=_("of this")) for child in columns_of(node)]
    return cols[:4] + cols[5:] + heads


def sheet(ledger: Ledger, tree: Tree, node: Node, year: int, first: int, last: int, *, wide: bool = False) -> Sheet:
    """Return the book of an account for some months; `wide` with a column for each account below it."""
    made = Sheet(
        ledger=ledger,
        title=(_("Multi-column book: %(account)s") if wide else _("Subsidiary ledger: %(account)s"))
        % {"account": node.name},
        name=f"{ledger} {node.code}",
        period=months.words(year, first, last),
        columns=_columns(node, wide),
        read=lambda _whole_pages: _Reader(made, tree, node, year, first, last, wide).lines(),
        account=f"{node.code} {node.name}",
        year=year,
        carries="month",
    )
    return made


class _Reader:
    """Reads the entries once; the balance runs on from that of the month before."""

    def __init__(self, sheet: Sheet, tree: Tree, node: Node, year: int, first: int, last: int, wide: bool) -> None:
        self.sheet = sheet
        self.tree = tree
        self.node = node
        self.year, self.first, self.last = year, first, last
        self.wide = wide
        self.index = column_index(node) if wide else {}
        self.width = len(columns_of(node)) if wide else 0
        self.leaves = [leaf.pk for leaf in node.leaves]
        self.count = self.month_at = 0
        self.balance = ZERO
        # Debit, credit and each column: of the month, and of the year so far.
        self.month = [ZERO] * (2 + self.width)
        self.year_sums = [ZERO] * (2 + self.width)
        self.before = [ZERO] * (2 + self.width)

    def lines(self) -> Iterator[Line]:
        """Yield the opening balance, then each month's entries and totals."""
        self._open()
        yield self._opening_line()
        current = 0
        for row in self._entries():
            on: date = row[1]
            if current and on.month != current:
                yield from self._totals(current)
            current = on.month
            yield self._entry(row)
        if current:
            yield from self._totals(current)

    def _open(self) -> None:
        """Stand at the beginning of the first month."""
        totals = self.sheet.totals
        totals.lines, totals.debit, totals.credit = 0, ZERO, ZERO
        moved = months.sums([self.sheet.ledger.pk], self.year, self.first, self.leaves).get(self.sheet.ledger.pk, {})
        for account, here in moved.items():
            self.balance += here.opening
            debit, credit = here.year_debit - here.debit, here.year_credit - here.credit
            self._add(self.before, account, debit, credit)
        self.year_sums = list(self.before)
        totals.opening = totals.closing = self.balance

    def _entries(self) -> Iterator[Any]:
        values: list[Any] = [
            self.leaves,
            months.first_day(self.year, self.first),
            months.last_day(self.year, self.last),
        ]
        with connection.chunked_cursor() as cursor:
            cursor.execute(_ENTRIES, values)
            while block := cursor.fetchmany(CHUNK):
                yield from block

    def _add(self, sums: list[Decimal], account: int, debit: Decimal, credit: Decimal) -> None:
        sums[0] += debit
        sums[1] += credit
        if self.wide:
            sums[2 + self.index[account]] += debit - credit

    def _cells(
        self, on: date | None, word: str, number: int | None, summary: str, other: str, amounts: list[Decimal | None]
    ) -> list[Any]:
        """Return the cells of a line; the multi-column book has no column for the account."""
        start = [on, word, number, summary] if self.wide else [on, word, number, summary, other]
        return [*start, *amounts[:2], figures.side(self.balance), abs(self.balance), *amounts[2:]]

    def _opening_line(self) -> Line:
        label = _("brought from last year") if self.first == 1 else _("balance at the beginning of the period")
        self.count = self.month_at = 1
        on = months.first_day(self.year, self.first)
        return Line(sheets.OPENING, self._cells(on, "", None, label, "", [None] * (2 + self.width)))

    def _entry(self, row: Any) -> Line:
        account, on, summary, counter, debit, credit, kind, number = row
        self.balance += debit - credit
        self._add(self.month, account, debit, credit)
        self._add(self.year_sums, account, debit, credit)
        totals = self.sheet.totals
        totals.debit += debit
        totals.credit += credit
        totals.closing = self.balance
        totals.lines += 1
        self.count += 1
        amounts: list[Decimal | None] = [debit or None, credit or None, *([None] * self.width)]
        if self.wide:
            amounts[2 + self.index[account]] = debit - credit
        other = counter
        if self.node.children:
            leaf = self.tree.nodes[account]
            other = f"{leaf.code} {leaf.name}"
        cells = self._cells(on, wording.word(kind), number, summary, other, amounts)
        return Line(sheets.ENTRY, cells, is_red=debit < 0 or credit < 0)

    def _totals(self, month: int) -> Iterator[Line]:
        """Yield the totals of a month and of the year so far, which sum the lines above them."""
        on = months.last_day(self.year, month)
        cells = self._cells(on, "", None, figures.summary_of(figures.Kind.MONTH_TOTAL, ""), "", list(self.month))
        yield Line(sheets.RULED, cells, (self.month_at, self.count - 1))
        self.count += 1
        cells = self._cells(on, "", None, figures.summary_of(figures.Kind.YEAR_TOTAL, ""), "", list(self.year_sums))
        style = sheets.DOUBLE if month == 12 else sheets.RULED
        yield Line(style, cells, (0, self.count - 1), self._base())
        self.count += 1
        self.month_at = self.count
        self.month = [ZERO] * (2 + self.width)

    def _base(self) -> list[Decimal | None]:
        """Return what the year had before the sheet, in the places of the summed columns."""
        start = 4 if self.wide else 5
        return [*([None] * start), self.before[0], self.before[1], None, None, *self.before[2:]]
