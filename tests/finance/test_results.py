"""Income, spending and money of the schools beside the year before (S53)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from finance.books.results import results, together
from finance.ledger import actions
from finance.ledger.models import ZERO
from houqin.schools.middleware import ALL, SESSION_KEY
from tests.finance.ledger_factories import CASH, Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    """A campus that spent 100 in March 2025 and 60 in March 2026; 40 of its own income came in 2026."""
    office = Office(year=2025)
    office.opening(1000)
    office.post(office.payment(100, on=date(2025, 3, 2)))
    office.post(office.payment(7, on=date(2025, 11, 2)))
    office.close_through(11, 2025)
    office.post(actions.draft_results(office.ledger, 2025, by=office.accountant))
    office.close_through(12, 2025)
    actions.carry_forward(office.ledger, 2025, by=office.chief)
    office.post(office.receipt(500, on=date(2026, 2, 1)))
    own = [
        office.line(CASH, 40, 0, "废品收入"),
        office.line("4609", 0, 40),
        office.line("800102", 40, 0),
        office.line("6609", 0, 40),
    ]
    office.post(office.draft(*own, kind="receipt", on=date(2026, 3, 1)))
    office.post(office.payment(60, on=date(2026, 3, 2)))
    return office


def test_what_came_in_went_out_and_is_there(office):
    row = results([office.ledger], 2026, 3)[0]
    assert (row.income, row.from_central, row.spent, row.spent_before) == (40, 500, 60, 100)
    assert (row.money, row.saved, row.saved_percent) == (1373, 40, Decimal("40.0"))


def test_some_schools_of_the_year_before_are_not_compared_with_all_of_this_one(office):
    row = results([office.ledger], 2026, 3)[0]
    assert together([row, row]).saved_percent == Decimal("40.0")
    both = together([row, replace(row, spent_before=ZERO)])
    assert (both.spent, both.spent_before, both.saved_percent) == (120, 0, None)


def test_the_transfer_of_the_results_is_no_income(office):
    row = results([office.ledger], 2025, 12)[0]
    assert (row.income, row.spent, row.money, row.saved, row.saved_percent) == (0, 107, 893, -107, None)


@pytest.fixture
def begun():
    """Books that begin in July 2025, with 300 of income and 120 of spending of that year so far."""
    office = Office(year=2025, month=7)
    lines = [
        office.line(CASH, 480, 0, "期初余额"),
        office.line("4609", 0, 300),
        office.line("500102", 120, 0),
        office.line("3001", 0, 300),
        office.line("720101", 120, 0),
        office.line("6609", 0, 300),
        office.line("800102", 180, 0),
    ]
    office.post(office.draft(*lines, kind="opening", on=date(2025, 7, 1)))
    office.post(office.payment(30, on=date(2025, 9, 1)))
    return office


@pytest.mark.parametrize(("month", "income", "spent"), [(6, 0, 0), (7, 300, 120), (9, 300, 150), (11, 300, 150)])
def test_books_that_begin_in_the_middle_of_a_year_count_what_was_before(begun, month, income, spent):
    row = results([begun.ledger], 2025, month)[0]
    assert (row.income, row.spent, row.spent_before) == (income, spent, 0)
    begun.close_through(8, 2025)
    assert results([begun.ledger], 2025, month)[0] == row


def test_the_year_that_was_begun_in_its_middle_counts_once_and_stands_beside_the_next(begun):
    begun.close_through(12, 2025)
    actions.carry_forward(begun.ledger, 2025, by=begun.chief)
    row = results([begun.ledger], 2025, 12)[0]
    assert (row.income, row.spent, row.money) == (300, 150, 450)
    begun.post(begun.payment(40, on=date(2026, 1, 5)))
    row = results([begun.ledger], 2026, 12)[0]
    assert (row.income, row.spent, row.spent_before) == (0, 40, 150)


@pytest.mark.parametrize(("taken_in", "net"), [(900, 100), (700, -100)])
def test_the_net_result_of_a_canteen_alone_counts_in_the_sum(client, office, taken_in, net):
    own = office.ledger
    office.ledger = actions.open_ledger(office.school, kind="canteen", year=2026, by=office.chief)
    budget = (("800102", taken_in, 0), ("6609", 0, taken_in))
    meals = [office.line(CASH, taken_in, 0, "伙食费"), office.line("4609", 0, taken_in)]
    meals += [office.line(*line) for line in budget]
    office.post(office.draft(*meals, kind="receipt", on=date(2026, 3, 1)))
    office.post(office.payment(500, on=date(2026, 3, 2)))
    worn = [office.line("500104", 300, 0, "计提折旧"), office.line("160202", 0, 300)]
    office.post(office.draft(*worn, kind="transfer", on=date(2026, 3, 31)))
    rows = results([own, office.ledger], 2026, 3)
    assert [(row.income, row.spent, row.net, row.is_canteen) for row in rows] == [
        (40, 60, -20, False),
        (taken_in, 500, net, True),
    ]
    both = together(rows)
    assert (both.income, both.spent, both.spent_before, both.net) == (40 + net, 60, 100, net - 20)
    client.force_login(office.principal)
    page = client.get("/books/results/?year=2026&month=3")
    assert (page.context["has_canteens"], page.context["sum"]) == (True, both)


def test_the_page_shows_the_schools_and_their_sum(client, office, django_assert_max_num_queries):
    actions.open_ledger(office.central, kind="main", year=2026, by=office.chief)
    client.force_login(office.chief)
    session = client.session
    session[SESSION_KEY] = ALL
    session.save()
    client.get("/books/results/")
    with django_assert_max_num_queries(12):
        page = client.get("/books/results/?year=2026&month=3")
    assert [row.spent for row in page.context["rows"]].count(60) == 1
    assert page.context["sum"] == together(page.context["rows"])
    assert "1,373.00" in page.content.decode()
    client.force_login(office.principal)
    assert len(client.get("/books/results/?year=2026&month=3").context["rows"]) == 1
