"""Straight-line depreciation by month (年限平均法): no residual value, from the month of addition on.

Monthly amount = cost / (years x 12), rounded half-up to the cent; the last month takes the rest.
Examples stand in the tests. Source of the rules: the Government Accounting Standard No. 3.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Depreciation:
    """The figures of one card on one day."""

    monthly: Decimal
    last_month: Decimal
    months_total: int
    months_done: int
    accumulated: Decimal
    net_value: Decimal
    first_month: date
    final_month: date

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to depreciate; the thing may go on being used."""
        return self.months_done == self.months_total


def months_between(first: date, last: date) -> int:
    """Return how many months lie from the one of `first` to the one of `last`, both included."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def add_months(month: date, count: int) -> date:
    """Return the first day of the month `count` months later."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def straight_line(
    cost: Decimal, *, years: int, added_on: date, on: date, removed_on: date | None = None
) -> Depreciation:
    """Return what `cost` has come to on the day `on`; the month of `on` counts, the month of removal does not."""
    months = years * 12
    monthly = (cost / months).quantize(CENT, rounding=ROUND_HALF_UP)
    # Rounding up may use up a tiny cost early; it never goes below zero.
    last_month = max(cost - monthly * (months - 1), Decimal("0.00"))
    end = on
    if removed_on is not None and removed_on <= on:
        end = add_months(removed_on, -1)
    done = max(0, min(months, months_between(added_on, end)))
    accumulated = cost if done == months else min(monthly * done, cost)
    first = added_on.replace(day=1)
    return Depreciation(
        monthly=monthly,
        last_month=last_month,
        months_total=months,
        months_done=done,
        accumulated=accumulated,
        net_value=cost - accumulated,
        first_month=first,
        final_month=add_months(first, months - 1),
    )
