"""Which year and month a page of a book shows, and the bar from which another one is chosen."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from finance.ledger.models import Ledger, Period


@dataclass(frozen=True, slots=True)
class Shown:
    """The month that is shown, among those of the books."""

    year: int
    month: int
    years: list[int]
    # Of the year that is shown: month, whether it is in the books, whether it is closed.
    bar: list[tuple[int, bool, bool]]

    @property
    def is_closed(self) -> bool:
        """Whether the month is closed."""
        return any(closed for month, _there, closed in self.bar if month == self.month)

    @property
    def closed_through(self) -> int:
        """The last closed month of the year; 0 without any."""
        return max((month for month, _there, closed in self.bar if closed), default=0)


def _number(text: str | None, low: int, high: int) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and low <= int(text[:5]) <= high else None


def shown(ledger: Ledger, year: str | None, month: str | None) -> Shown:
    """Return what was asked for, as far as the books have it; else this month, or the last one there is. One query."""
    today = timezone.localdate()
    rows = list(Period.objects.filter(ledger=ledger).order_by("year", "month").values_list("year", "month", "state"))
    years: list[int] = sorted({row[0] for row in rows}) or [ledger.year_opened]
    wanted = _number(year, 2000, 2100)
    chosen = wanted if wanted is not None and wanted in years else min(max(today.year, years[0]), years[-1])
    there = {row[1]: row[2] == Period.State.CLOSED for row in rows if row[0] == chosen}
    asked = _number(month, 1, 12)
    if asked is None or asked not in there:
        usual = today.month if chosen == today.year else 12
        asked = min(there or [1], key=lambda number: abs(number - usual))
    bar = [(number, number in there, there.get(number, False)) for number in range(1, 13)]
    return Shown(chosen, asked, years, bar)


def asked_month(year: str | None, month: str | None) -> date:
    """Return the first day of the month that was asked for, else of this one; for pages of several books."""
    today = timezone.localdate()
    return date(_number(year, 2000, 2100) or today.year, _number(month, 1, 12) or today.month, 1)
