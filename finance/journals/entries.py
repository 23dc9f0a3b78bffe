"""The entries of a month of a paper journal, page by page: found by their place, at the same cost in any of them."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet, Sum

from finance.journals.models import JournalBatch, JournalRow
from finance.ledger.models import ZERO

PAGE = 50
# As far as a place can go in its column.
_LAST_PLACE = 2_147_483_647


@dataclass(frozen=True, slots=True)
class MonthSums:
    """What a whole month came to, and the balance after it."""

    debit: Decimal
    credit: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class MonthPage:
    """Some entries of a month, with the places where the pages on both sides begin (None where there is none)."""

    rows: list[JournalRow]
    before: int | None = None
    after: int | None = None
    # On the last page of the month alone.
    sums: MonthSums | None = None

    @property
    def brought(self) -> Decimal:
        """The balance before its first entry."""
        first = self.rows[0]
        return first.balance - first.debit + first.credit


def month_page(batch: JournalBatch, month: int, at: str = "") -> MonthPage:
    """Return the page of a month that begins at a place; its first one for anything else. Three queries."""
    of_month = batch.rows.filter(month=month)
    start = int(at[:10]) if at.isascii() and at.isdigit() else 0
    rows = _from(of_month, start)
    if not rows:
        start, rows = 0, _from(of_month, 0)
    if not rows:
        return MonthPage([])
    more, shown = rows[PAGE:], rows[:PAGE]
    above = of_month.filter(position__lt=shown[0].position).order_by("-position")
    before = list(above.values_list("position", flat=True)[:PAGE])
    came = of_month.aggregate(debit=Sum("debit", default=ZERO), credit=Sum("credit", default=ZERO))
    return MonthPage(
        shown,
        before=before[-1] if before else None,
        after=more[0].position if more else None,
        sums=None if more else MonthSums(came["debit"], came["credit"], shown[-1].balance),
    )


def _from(of_month: QuerySet[JournalRow], start: int) -> list[JournalRow]:
    """Return the entries from a place on, and one more than a page has when there is another page."""
    if start > _LAST_PLACE:
        return []
    found = of_month.filter(position__gte=start).select_related("counter").order_by("position")
    return list(found[: PAGE + 1])
