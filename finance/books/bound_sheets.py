"""A bound book as a sheet: its own lines, read in their order; the totals sum the lines above them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.books import bound, figures, months, sheets
from finance.books.figures import BALANCE_ALONE, Kind
from finance.books.sheets import Col, Line, Sheet
from finance.ledger.models import ZERO, Account, BookLine
from houqin.exports.table import SQL, label_case
from houqin.exports.writers.csv_writer import guard, guarded

CHUNK = 2000
# After the last entry of a time come the totals of its day, month and year; of empty months too.
MOST_TOTALS = 200
# Account and ledger are named in the joins, too, so that only what is theirs is joined.
_FROM = """
    FROM finance_bookline AS line
    LEFT JOIN finance_entry AS entry ON entry.id = line.entry_id AND entry.account_id = line.account_id
    LEFT JOIN finance_posting AS posting ON posting.id = entry.posting_id AND posting.ledger_id = line.ledger_id
    WHERE line.ledger_id = %s AND line.account_id = %s AND line.year = %s
        AND (line.page, line.line) BETWEEN (%s, %s) AND (%s, %s)
    ORDER BY line.page, line.line
"""
_LINES = f"""
    SELECT line.page, line.line, line.kind, line.date, line.debit, line.credit, line.balance,
        entry.summary, entry.counter, posting.kind, posting.number
    {_FROM}
"""
_STYLES = {
    Kind.ENTRY: sheets.ENTRY,
    Kind.DAY_TOTAL: sheets.TOTAL,
    Kind.MONTH_TOTAL: sheets.RULED,
    Kind.YEAR_TOTAL: sheets.RULED,
    Kind.BROUGHT_FORWARD: sheets.CARRY,
    Kind.CARRIED_OVER: sheets.CARRY,
}
DEBIT, CREDIT = 5, 6
# Past the last line of any page.
_END_OF_PAGE = 32_767


@dataclass(frozen=True, slots=True)
class Span:
    """The lines of a book that a time has: from this page and line to that one, and those of the whole pages."""

    start: tuple[int, int]
    stop: tuple[int, int]

    @property
    def pages(self) -> "Span":
        """From the first line of the first page to the last line of the last one."""
        return Span((self.start[0], 1), (self.stop[0], _END_OF_PAGE))


def columns() -> list[Col]:
    """Return the columns of a cash or bank journal."""
    return [
        Col(_("Date"), "date", 12),
        Col(pgettext("of a voucher", "Word"), "short", 5, paper_group=_("Voucher")),
        Col(pgettext("of a voucher", "No."), "integer", 6, paper_group=_("Voucher")),
        Col(_("Summary"), "text", 34),
        Col(_("Counter account"), "text", 26),
        Col(_("Received (Dr)"), "money", 15, summed=True),
        Col(_("Paid (Cr)"), "money", 15, summed=True),
        Col(pgettext("head of a column", "Dr / Cr"), "short", 7),
        Col(_("Balance"), "money", 15),
        Col(_("Page"), "integer", 6, on_paper=False),
        Col(_("Line"), "integer", 6, on_paper=False),
    ]


def sheet(account: Account, year: int, first: int, last: int) -> Sheet:
    """Return the book of a money account from one month of a year through another."""
    whole = bound.last_page(account, account.head, year)
    reader = _Reader(account, year, first, last)
    made = Sheet(
        ledger=account.ledger,
        title=figures.book_title(account.code, account.name),
        name=f"{account.ledger} {account.name}",
        period=months.words(year, first, last),
        columns=columns(),
        read=lambda whole_pages: reader.lines(made, whole_pages),
        copy=reader.copied,
        before=reader.first_cells,
        is_bound=True,
        account=str(account),
        year=year,
        last_page=whole,
        digits=lambda: _digits(account, year),
        estimate=whole * account.ledger.lines_per_page * (last - first + 1) // 12,
    )
    return made


def _digits(account: Account, year: int) -> int:
    """Return how many digits the largest amount of a book has."""
    widest = BookLine.objects.filter(account=account, year=year).aggregate(
        most_debit=Max("debit"),
        most_credit=Max("credit"),
        most=Max("balance"),
        least_debit=Min("debit"),
        least_credit=Min("credit"),
    )
    return len(figures.places(widest.values()))


class _Reader:
    """Reads the lines, and knows where days, months and the year begin."""

    def __init__(self, account: Account, year: int, first: int, last: int) -> None:
        self.account = account
        self.year = year
        self.since = months.first_day(year, first)
        self.until = months.last_day(year, last)
        self.sides = figures.sides()
        self.words = figures.words()
        self.summaries = {str(kind): figures.summary_of(kind, "") for kind in Kind}

    def span(self) -> Span | None:
        """Return where the time stands in the book; it ends before a line that only brings the page forward."""
        start = self._start()
        if start is None:
            return None
        last = bound.last_place_of(self.account, self.since, self.until) or start
        rows = BookLine.objects.filter(account=self.account, year=self.year, date__lte=self.until, page__gte=last[0])
        found = list(
            rows.exclude(page=last[0], line__lt=last[1])
            .order_by("page", "line")
            .values_list("page", "line", "kind")[:MOST_TOTALS]
        )
        if len(found) > 1 and found[-1][2] == Kind.BROUGHT_FORWARD:
            found.pop()
        return Span(start, found[-1][:2]) if found else None

    def _start(self) -> tuple[int, int] | None:
        """Return where the time begins: at its first entry, or at the line that brings the page forward to it."""
        if self.since.month == 1:
            first = BookLine.objects.filter(account=self.account, year=self.year, page=1, date__lte=self.until)
            return (1, 1) if first.exists() else None
        found = bound.place_of(self.account, self.since, self.until)
        if found and found[0] > 1 and found[1] == 2:
            return found[0], 1
        return found

    def _bounds(self, span: Span) -> list[Any]:
        return [self.account.ledger_id, self.account.pk, self.year, *span.start, *span.stop]

    def lines(self, sheet: Sheet, whole_pages: bool) -> Iterator[Line]:
        """Yield the lines of the time; with `whole_pages` all lines of every page on which it stands."""
        totals = sheet.totals
        totals.lines, totals.debit, totals.credit = 0, ZERO, ZERO
        totals.opening = totals.closing = self._opening()
        span, sums = self.span(), _Sums()
        if span is None or (not whole_pages and span.start != (1, 1)):
            yield Line(sheets.OPENING, self._opening_cells(totals.opening))
            sums.count = sums.day_at = sums.month_at = 1
        if span is None:
            return
        with connection.chunked_cursor() as cursor:
            cursor.execute(_LINES, self._bounds(span.pages if whole_pages else span))
            while block := cursor.fetchmany(CHUNK):
                for row in block:
                    line = self._line(row, sums)
                    totals.lines += 1
                    if row[3] <= self.until:
                        totals.closing = row[6]
                        if row[2] == "entry" and row[3] >= self.since:
                            totals.debit += row[4]
                            totals.credit += row[5]
                    yield line

    def _opening(self) -> Decimal:
        return months.sums_of(self.account.ledger_id, self.year, self.since.month, [self.account.pk]).opening

    def _opening_cells(self, balance: Decimal) -> list[Any]:
        label = _("balance at the beginning of the period")
        return [self.since, "", None, label, "", None, None, self._side(balance), balance, None, None]

    def _side(self, balance: Decimal) -> str:
        return self.sides[(balance > 0) - (balance < 0)]

    def _line(self, row: Any, sums: "_Sums") -> Line:
        """Return a line, its totals with what they sum, and count it."""
        page, number, kind, on, debit, credit, balance, summary, counter, voucher, voucher_number = row
        side = self.sides[(balance > 0) - (balance < 0)]
        if kind == "entry":
            sums.enter(on, debit, credit)
            cells = [
                on, self.words[voucher], voucher_number, summary, counter,
                debit or None, credit or None, side, balance, page, number,
            ]  # fmt: skip
            sums.count += 1
            return Line(sheets.ENTRY, cells, page=page, is_red=debit < 0 or credit < 0)
        alone = kind in BALANCE_ALONE
        cells = [
            on, "", None, self.summaries[kind], "",
            None if alone else debit or None, None if alone else credit or None, side, balance, page, number,
        ]  # fmt: skip
        style = _STYLES.get(kind, sheets.OPENING)
        if kind == Kind.YEAR_TOTAL and on.month == 12:
            style = sheets.DOUBLE
        line = Line(style, cells, page=page, is_red=debit < 0 or credit < 0, ends=kind == Kind.NEXT_YEAR)
        sums.total(line, kind, (debit, credit))
        return line

    def copied(self) -> SQL | None:
        """Return the query of the same lines as texts of a file; None without any."""
        span = self.span()
        if span is None:
            return None
        sql, params = self._cells()
        select = f"SELECT {sql} {_FROM}"
        return select, [*params, *self._bounds(span)]

    def first_cells(self) -> list[Any] | None:
        """Return the line of the balance with which a time within the book begins."""
        span = self.span()
        return self._opening_cells(self._opening()) if span is None or span.start != (1, 1) else None

    def _cells(self) -> SQL:
        word, words = label_case("posting.kind", list(self.words.items()), "NULL")
        kinds = [(kind, guarded(text)) for kind, text in self.summaries.items() if kind != Kind.ENTRY]
        summary, summary_params = guard("entry.summary")
        label, labels = label_case("line.kind", kinds, summary)
        counter, counter_params = guard("entry.counter")
        alone = [list(BALANCE_ALONE)]
        nil, debit, credit = self.sides
        cells = [
            ("line.date", []),
            (f"CASE WHEN line.kind = 'entry' THEN {word} END", words),
            ("CASE WHEN line.kind = 'entry' THEN posting.number END", []),
            (label, labels + summary_params),
            (f"CASE WHEN line.kind = 'entry' THEN nullif({counter}, '') END", counter_params),
            ("CASE WHEN line.kind <> ALL(%s) THEN nullif(line.debit, 0) END", alone),
            ("CASE WHEN line.kind <> ALL(%s) THEN nullif(line.credit, 0) END", alone),
            ("CASE sign(line.balance) WHEN 0 THEN %s WHEN 1 THEN %s ELSE %s END", [nil, debit, credit]),
            ("line.balance, line.page, line.line", []),
        ]
        return ", ".join(sql for sql, _params in cells), [part for _sql, params in cells for part in params]


class _Sums:
    """Where the day and the month begin among the lines; what was written since, and in the year."""

    def __init__(self) -> None:
        self.count = self.day_at = self.month_at = 0
        self.on: date | None = None
        self.day = [ZERO, ZERO]
        self.month = [ZERO, ZERO]
        self.year = [ZERO, ZERO]

    def enter(self, on: date, debit: Decimal, credit: Decimal) -> None:
        """Add an entry; zeros are most of them, and adding takes its time."""
        if on != self.on:
            self.on, self.day_at, self.day = on, self.count, [ZERO, ZERO]
        for so_far in (self.day, self.month, self.year):
            if debit:
                so_far[0] += debit
            if credit:
                so_far[1] += credit

    def total(self, line: Line, kind: str, stored: tuple[Decimal, Decimal]) -> None:
        """Let a total sum the lines above it; what stood before the sheet is added, and the same is always stored."""
        so_far, since = self.month, self.month_at
        if kind == Kind.DAY_TOTAL:
            so_far, since = self.day, self.day_at
        elif kind == Kind.YEAR_TOTAL:
            so_far, since = self.year, 0
        if line.style != sheets.OPENING and self.count > since:
            line.span = (since, self.count - 1)
            line.base = (*([None] * DEBIT), stored[0] - so_far[0], stored[1] - so_far[1])
        self.count += 1
        if kind == Kind.MONTH_TOTAL:
            self.month_at = self.count
            self.month = [ZERO, ZERO]
