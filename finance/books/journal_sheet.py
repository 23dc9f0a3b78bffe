"""A bound book as a sheet: its own lines, read in their order; the totals sum the lines above them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.books import bound, figures, months, sheets
from finance.books.figures import BALANCE_ALONE, Kind
from finance.books.sheets import Col, Line, Sheet
from finance.ledger.models import ZERO, Account, BookLine

CHUNK = 2000
_FIELDS = (
    "page", "line", "kind", "date", "debit", "credit", "balance",
    "entry__summary", "entry__counter", "entry__posting__kind", "entry__posting__number",
)  # fmt: skip
_STYLES = {
    Kind.ENTRY: sheets.ENTRY,
    Kind.DAY_TOTAL: sheets.TOTAL,
    Kind.MONTH_TOTAL: sheets.RULED,
    Kind.YEAR_TOTAL: sheets.RULED,
    Kind.BROUGHT_FORWARD: sheets.CARRY,
    Kind.CARRIED_OVER: sheets.CARRY,
}
DEBIT, CREDIT = 5, 6


def columns() -> list[Col]:
    """Return the columns of a cash or bank journal."""
    return [
        Col(_("Date"), "date", 12),
        Col(pgettext("of a voucher", "Word"), "short", 5),
        Col(pgettext("of a voucher", "No."), "integer", 6),
        Col(_("Summary"), "text", 34),
        Col(_("Counter account"), "text", 26),
        Col(_("Received (Dr)"), "money", 15, summed=True),
        Col(_("Paid (Cr)"), "money", 15, summed=True),
        Col(pgettext("head of a column", "Dr / Cr"), "short", 7),
        Col(_("Balance"), "money", 15),
        Col(_("Page"), "integer", 6),
        Col(_("Line"), "integer", 6),
    ]


def sheet(account: Account, year: int, first: int, last: int) -> Sheet:
    """Return the book of a money account from one month of a year through another."""
    whole = bound.last_page(account, account.head, year)
    widest = BookLine.objects.filter(account=account, year=year).aggregate(
        most_debit=Max("debit"),
        most_credit=Max("credit"),
        most=Max("balance"),
        least_debit=Min("debit"),
        least_credit=Min("credit"),
    )
    made = Sheet(
        ledger=account.ledger,
        title=figures.book_title(account.code, account.name),
        name=f"{account.ledger} {account.name}",
        period=period_text(year, first, last),
        columns=columns(),
        read=lambda whole_pages: _Reader(made, account, year, first, last).lines(whole_pages),
        is_bound=True,
        account=str(account),
        year=year,
        last_page=whole,
        digits=len(figures.places(widest.values())),
        estimate=whole * account.ledger.lines_per_page * (last - first + 1) // 12,
    )
    return made


def period_text(year: int, first: int, last: int) -> str:
    """Return the months of a sheet in words."""
    if (first, last) == (1, 12):
        return _("Year %(year)s") % {"year": year}
    if first == last:
        return _("Month %(month)s of %(year)s") % {"year": year, "month": first}
    return _("Months %(first)s to %(last)s of %(year)s") % {"year": year, "first": first, "last": last}


class _Reader:
    """Reads the lines once, and knows where days, months and the year begin."""

    def __init__(self, sheet: Sheet, account: Account, year: int, first: int, last: int) -> None:
        self.sheet = sheet
        self.account = account
        self.year = year
        self.since = months.first_day(year, first)
        self.until = months.last_day(year, last)
        self.count = 0
        # Where the day and the month begin among the lines; what was written since, and in the year.
        self.day_at = self.month_at = 0
        self.day: date | None = None
        self.sums = {"day": [ZERO, ZERO], "month": [ZERO, ZERO], "year": [ZERO, ZERO]}

    def lines(self, whole_pages: bool) -> Iterator[Line]:
        """Yield the lines of the period; with `whole_pages` all lines of every page on which it stands."""
        totals = self.sheet.totals
        totals.lines, totals.debit, totals.credit = 0, ZERO, ZERO
        start = self._start()
        opening = months.sums_of(self.account.ledger_id, self.year, self.since.month, [self.account.pk]).opening
        totals.opening = totals.closing = opening
        if start is None:
            return
        if not whole_pages and start != (1, 1):
            yield self._opening_line(opening)
        rows = BookLine.objects.filter(account=self.account, year=self.year, page__gte=start[0])
        if not whole_pages:
            rows = rows.exclude(page=start[0], line__lt=start[1])
        held: Any = None
        last_page = 0
        for row in rows.order_by("page", "line").values_list(*_FIELDS).iterator(chunk_size=CHUNK):
            if row[3] > self.until and (not whole_pages or row[0] != last_page):
                break
            if held is not None:
                yield self._line(held)
            held = None if whole_pages or row[2] != Kind.BROUGHT_FORWARD else row
            last_page = row[0]
            if held is None:
                yield self._line(row)

    def _start(self) -> tuple[int, int] | None:
        """Return where the period begins: at its first entry, or at the line that brings the page forward to it."""
        if self.since.month == 1:
            first = BookLine.objects.filter(account=self.account, year=self.year, page=1, date__lte=self.until)
            return (1, 1) if first.exists() else None
        found = bound.place_of(self.account, self.since, self.until)
        if found and found[0] > 1 and found[1] == 2:
            return found[0], 1
        return found

    def _opening_line(self, balance: Decimal) -> Line:
        label = _("balance at the beginning of the period")
        cells = [self.since, "", None, label, "", None, None, figures.side(balance), balance, None, None]
        self.count += 1
        self.day_at = self.month_at = self.count
        return Line(sheets.OPENING, cells)

    def _line(self, row: Any) -> Line:
        """Return a line, its totals with what they sum, and count it."""
        page, number, kind, on, debit, credit, balance, summary, counter, voucher, voucher_number = row
        is_entry = kind == Kind.ENTRY
        if is_entry:
            self._enter(on, debit, credit)
        cells = [
            on,
            figures.word(voucher) if is_entry else "",
            voucher_number if is_entry else None,
            figures.summary_of(kind, summary),
            counter or "" if is_entry else "",
            None if kind in BALANCE_ALONE else debit or None,
            None if kind in BALANCE_ALONE else credit or None,
            figures.side(balance),
            balance,
            page,
            number,
        ]
        line = Line(_STYLES.get(kind, sheets.OPENING), cells, page=page, is_red=debit < 0 or credit < 0)
        self._sum(line, kind, (debit, credit))
        totals = self.sheet.totals
        totals.lines += 1
        if on <= self.until:
            totals.closing = balance
        self.count += 1
        if kind == Kind.MONTH_TOTAL:
            self.month_at = self.count
            self.sums["month"] = [ZERO, ZERO]
        return line

    def _enter(self, on: date, debit: Decimal, credit: Decimal) -> None:
        if on != self.day:
            self.day, self.day_at, self.sums["day"] = on, self.count, [ZERO, ZERO]
        for so_far in self.sums.values():
            so_far[0] += debit
            so_far[1] += credit
        if self.since <= on <= self.until:
            self.sheet.totals.debit += debit
            self.sheet.totals.credit += credit

    def _sum(self, line: Line, kind: str, stored: tuple[Decimal, Decimal]) -> None:
        """Let a total sum the lines above it; what stood before the sheet is added, and the same is always stored."""
        which, since = "month", self.month_at
        if kind == Kind.DAY_TOTAL:
            which, since = "day", self.day_at
        elif kind == Kind.YEAR_TOTAL:
            which, since = "year", 0
        if line.style not in (sheets.TOTAL, sheets.RULED, sheets.CARRY) or self.count <= since:
            return
        line.span = (since, self.count - 1)
        so_far = self.sums[which]
        line.base = (*([None] * DEBIT), stored[0] - so_far[0], stored[1] - so_far[1])
