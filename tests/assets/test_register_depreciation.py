"""Depreciation: the examples of the rules, and what must hold for every cost."""

from datetime import date
from decimal import Decimal

import pytest

from assets.register.depreciation import straight_line

COMPUTER = {"cost": Decimal("4500.00"), "years": 6, "added_on": date(2026, 3, 31)}
DESKS = {"cost": Decimal("11999.00"), "years": 5, "added_on": date(2024, 9, 15)}


def test_a_computer_is_depreciated_from_the_month_of_addition():
    figures = straight_line(**COMPUTER, on=date(2026, 3, 31))
    assert figures.monthly == Decimal("62.50")
    assert figures.accumulated == Decimal("62.50")
    assert figures.net_value == Decimal("4437.50")
    assert (figures.first_month, figures.final_month) == (date(2026, 3, 1), date(2032, 2, 1))


@pytest.mark.parametrize(
    ("on", "accumulated"),
    [
        (date(2026, 2, 28), "0.00"),
        (date(2026, 4, 1), "125.00"),
        (date(2032, 1, 31), "4437.50"),
        (date(2032, 2, 1), "4500.00"),
        (date(2040, 1, 1), "4500.00"),
    ],
)
def test_a_computer_over_its_life(on, accumulated):
    assert straight_line(**COMPUTER, on=on).accumulated == Decimal(accumulated)


def test_the_last_month_takes_the_rest():
    figures = straight_line(**DESKS, on=date(2029, 7, 1))
    assert figures.monthly == Decimal("199.98")
    assert figures.last_month == Decimal("200.18")
    assert figures.accumulated == Decimal("11798.82")
    finished = straight_line(**DESKS, on=date(2029, 8, 1))
    assert finished.accumulated == Decimal("11999.00")
    assert finished.net_value == Decimal("0.00")
    assert finished.is_finished


def test_the_month_of_removal_does_not_count():
    figures = straight_line(**COMPUTER, on=date(2026, 12, 31), removed_on=date(2026, 5, 20))
    assert figures.months_done == 2


def test_a_tiny_cost_never_goes_below_zero():
    costs = [
        straight_line(Decimal("1.00"), years=10, added_on=date(2020, 1, 1), on=date(year, 6, 1))
        for year in range(2020, 2032)
    ]
    assert all(Decimal(0) <= figures.net_value <= Decimal("1.00") for figures in costs)
    assert costs[-1].net_value == Decimal("0.00")
