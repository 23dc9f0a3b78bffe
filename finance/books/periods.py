"""Which year and months a page of a book shows, and the bar from which others are chosen."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.http import QueryDict
from django.utils import timezone

from finance.books import months
from finance.ledger.models import Ledger, Period

# Of a year or a month in an address.
MOST_FIGURES = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """The months that are shown, from `month` through `last`, among those of the books."""

    year: int
    month: int
    last: int
    years: list[int]
    # Of the year that is shown: month, whether it is in the books, whether it is closed.
    bar: list[tuple[int, bool, bool]]
    # What was asked for by the address; the rest was found to be of use.
    asks_year: bool = True
    asks_months: bool = True

    @property
    def is_closed(self) -> bool:
        """Whether all its months are closed."""
        return all(closed for month, _there, closed in self.bar if self.month <= month <= self.last)

    @property
    def is_month(self) -> bool:
        """Whether it is one month."""
        return self.month == self.last

    @property
    def words(self) -> str:
        """Its months in words."""
        return months.words(self.year, self.month, self.last)

    @property
    def query(self) -> str:
        """The part of an address that asks for it."""
        if self.is_month:
            return f"year={self.year}&month={self.month}"
        return f"year={self.year}&from={self.month}&to={self.last}"

    @property
    def onward(self) -> str:
        """The part of an address that asks other books for it: only what was asked for here, they know best else."""
        if self.asks_months:
            return self.query
        return f"year={self.year}" if self.asks_year else ""

    @property
    def closed_through(self) -> int:
        """The last closed month of the year; 0 without any."""
        return max((month for month, _there, closed in self.bar if closed), default=0)


def _number(text: str | None, low: int, high: int) -> int | None:
    """Return a number of an address; None for what is none, and for one that is out of bounds or too long for any."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > MOST_FIGURES:
        return None
    return int(text) if low <= int(text) <= high else None


def asks_months(asked: QueryDict) -> bool:
    """Return whether an address asks for months."""
    return not {"month", "from", "to"}.isdisjoint(asked)


def asked_year(asked: QueryDict) -> int | None:
    """Return the year that an address asks for."""
    return _number(asked.get("year"), 2000, 2100)


def shown(ledger: Ledger, asked: QueryDict, newest: date | None = None) -> Shown:
    """Return what was asked for, as far as the books have it; else this month, or the last one there is. One query.

    With `newest`, the day of the last entry of a book, its month takes the place of this one.
    """
    today = timezone.localdate()
    rows = list(Period.objects.filter(ledger=ledger).order_by("year", "month").values_list("year", "month", "state"))
    years: list[int] = sorted({row[0] for row in rows}) or [ledger.year_opened]
    wanted = asked_year(asked)
    if wanted not in years:
        wanted = None
    likely = newest or today
    chosen = wanted or min(max(likely.year, years[0]), years[-1])
    there = {row[1]: row[2] == Period.State.CLOSED for row in rows if row[0] == chosen}
    usual = min(there or [1], key=lambda number: abs(number - (likely.month if chosen == likely.year else 12)))
    first, last = _span(asked, usual)
    # Books that were opened within the year begin there.
    first, last = max(first, min(there, default=first)), min(last, max(there, default=last))
    if first > last:
        first = last = usual
    bar = [(number, number in there, there.get(number, False)) for number in range(1, 13)]
    return Shown(chosen, first, last, years, bar, wanted is not None, asks_months(asked))


def shown_year(ledger: Ledger, asked: QueryDict) -> Shown:
    """Return what was asked for; the whole year where no month was. One query."""
    found = shown(ledger, asked)
    if not asks_months(asked):
        return replace(found, month=1, last=12)
    return found


def _span(asked: QueryDict, usual: int) -> tuple[int, int]:
    """Return the first and the last month that were asked for; the wrong way round, they are turned."""
    first, last = _number(asked.get("from"), 1, 12), _number(asked.get("to"), 1, 12)
    if first is None and last is None:
        month = _number(asked.get("month"), 1, 12) or usual
        return month, month
    return min(first or 1, last or 12), max(first or 1, last or 12)


def of_several(ledgers: Iterable[Ledger], asked: QueryDict) -> Shown:
    """Return what was asked for of several sets of books, which may stand in different months. No query."""
    today = timezone.localdate()
    year = _number(asked.get("year"), 2000, 2100) or today.year
    first, last = _span(asked, today.month)
    opened = min([ledger.year_opened for ledger in ledgers] + [year])
    bar = [(month, True, False) for month in range(1, 13)]
    return Shown(year, first, last, list(range(opened, max(year, today.year) + 1)), bar)
