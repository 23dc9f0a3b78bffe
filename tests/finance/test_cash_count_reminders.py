"""Who is reminded of which cash: to count it, to witness how it was counted."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finance.counts import actions, facts, home
from finance.ledger import actions as ledgers
from houqin.schools.models import School
from houqin.web.home import HomePage
from tests.finance.count_factories import counted
from tests.finance.ledger_factories import CASH, Office
from tests.schools.factories import make_membership, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    office = Office()
    office.opening(1000)
    return office


def sections(person, school):
    page = HomePage()
    home.card(person, school, page)
    return [(section.total, section.late) for section in page.sections]


def first_of_month(months_ago):
    today = timezone.localdate()
    at = today.year * 12 + today.month - 1 - months_ago
    return date(at // 12, at % 12 + 1, 1)


def test_the_cashier_is_reminded_until_the_month_is_counted_and_confirmed():
    office = Office(year=first_of_month(2).year, month=first_of_month(2).month)
    office.opening(1000)
    assert sections(office.cashier, office.school) == [(1, True)]
    # Counted in time last month: not late, but this month is still to come.
    before = counted(office, on=first_of_month(1))
    assert sections(office.cashier, office.school) == [(1, False)]
    actions.confirm(before, by=office.accountant)
    assert sections(office.cashier, office.school) == [(1, False)]
    made = counted(office)
    (row,) = facts.due(office.cashier, office.school)
    assert row.waits == made.pk
    assert sections(office.accountant, office.school) == [(1, False)]
    actions.confirm(made, by=office.accountant)
    assert sections(office.cashier, office.school) == []
    assert sections(office.accountant, office.school) == []


def test_an_account_without_money_or_movement_is_not_asked_for():
    office = Office(year=first_of_month(3).year, month=first_of_month(3).month)
    assert facts.due(office.cashier, office.school) == []
    office.opening(5)
    lines = [office.line("3001", 5, 0, "缴回"), office.line(CASH, 0, 5)]
    office.post(office.draft(*lines, kind="payment", on=first_of_month(3) + timedelta(days=1)))
    assert facts.due(office.cashier, office.school) == []


def test_a_school_that_is_no_longer_in_use_is_not_reminded(office):
    assert len(facts.due(office.cashier, office.school)) == 1
    School.objects.filter(pk=office.school.pk).update(is_active=False)
    assert facts.due(office.cashier, office.school) == facts.due(office.cashier, None) == []


def test_who_witnesses_is_not_reminded_of_what_they_may_not_confirm(office):
    counted(office)
    both = make_person(office.school, "accountant")
    assert facts.waiting(both, office.school).count() == 1
    make_membership(both, office.school, "cashier")
    both = type(both).objects.get(pk=both.pk)
    assert facts.waiting(both, office.school).count() == 0
    assert facts.waiting(office.chief, None).count() == 1
    assert facts.waiting(make_person(office.central, "accountant"), None).count() == 0


def test_reminders_cost_one_query_each(office):
    for number in range(2, 7):
        ledgers.add_account(office.account("1001"), code=f"10010{number}", name=f"箱{number}", by=office.chief)
        lines = [office.line(f"10010{number}", 5, 0, "备用金"), office.line(CASH, 0, 5)]
        office.post(office.draft(*lines, kind="payment"))
    for person, fill in ((office.cashier, 6), (office.chief, 0)):
        person.has_perm("finance.view_books")
        with CaptureQueriesContext(connection) as captured:
            assert len(sections(person, office.school)) == bool(fill)
        assert len(captured) == 1
