"""Income, spending and money of the schools beside the year before (S53)."""

from datetime import date
from decimal import Decimal

import pytest

from finance.books.results import results, together
from finance.ledger import actions
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


def test_the_transfer_of_the_results_is_no_income(office):
    row = results([office.ledger], 2025, 12)[0]
    assert (row.income, row.spent, row.money, row.saved, row.saved_percent) == (0, 107, 893, -107, None)


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
