"""What accounts moved in months: the same whether a month is open or closed, and never summed again once it is."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from finance.books import months
from finance.books.models import ClosedMonth
from finance.ledger import closing_page
from finance.ledger.models import Entry, Posting
from tests.finance.ledger_factories import CASH, EXPENSE, SURPLUS, Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    """Books with an opening balance and vouchers in January, March and April; one of March is posted last."""
    office = Office()
    office.opening(1000)
    office.post(office.payment("10.10", on=date(2026, 1, 5)))
    office.post(office.payment("20.20", on=date(2026, 3, 2)))
    office.post(office.receipt("500", on=date(2026, 3, 9)))
    office.post(office.draft(*transfer(office, "7.07"), kind="transfer", on=date(2026, 4, 1)))
    office.post(office.draft(*transfer(office, "3.03"), kind="transfer", on=date(2026, 3, 31)))
    return office


def transfer(office, amount):
    """An expense that is owed."""
    return [office.line(EXPENSE, amount, 0, "欠付"), office.line("230790", 0, amount)]


def recomputed(office, code, month):
    """The same sums, from the entries alone."""
    entries = Entry.objects.filter(account=office.account(code)).select_related("posting")
    first, last = months.first_day(2026, month), months.last_day(2026, month)
    moved = [entry for entry in entries if entry.posting.kind != "opening"]
    opened = sum((e.debit - e.credit for e in entries if e.posting.kind == "opening"), Decimal())
    before = [e for e in moved if e.date < first]
    here = [e for e in moved if first <= e.date <= last]
    total = before + here
    return months.Sums(
        opened + sum((e.debit - e.credit for e in before), Decimal()),
        sum((e.debit for e in here), Decimal()),
        sum((e.credit for e in here), Decimal()),
        sum((e.debit for e in total), Decimal()),
        sum((e.credit for e in total), Decimal()),
    )


@pytest.mark.parametrize("closed", [0, 1, 3, 4])
def test_sums_are_the_same_before_and_after_closing(office, closed):
    office.close_through(closed)
    for code in (CASH, EXPENSE, SURPLUS, "230790"):
        for month in (1, 2, 3, 4, 6):
            here = months.sums_of(office.ledger.pk, 2026, month, [office.account(code).pk])
            assert here == recomputed(office, code, month), (code, month)


@pytest.mark.parametrize("closed", [0, 3])
def test_a_year_by_month(office, closed):
    office.close_through(closed)
    account = office.account(EXPENSE).pk
    found = months.year_by_month(office.ledger.pk, 2026, [account], closed_through=closed)[account]
    assert [debit for debit, _credit in found[:5]] == [Decimal(x) for x in ("10.10", "0", "23.23", "7.07", "0")]


def test_the_next_year_begins_with_what_was_left(office):
    here = months.sums_of(office.ledger.pk, 2027, 2, [office.account(CASH).pk])
    assert (here.opening, here.year_debit) == (Decimal("1469.70"), 0)


def test_opening_balances_are_no_movement(office):
    here = months.sums_of(office.ledger.pk, 2026, 1, [office.account(CASH).pk])
    assert (here.opening, here.debit, here.credit) == (Decimal(1000), 0, Decimal("10.10"))
    # Nor on the page that closes the month.
    assert [(half.debit, half.credit) for half in closing_page.balances(office.period(1))] == [
        (Decimal("10.10"), Decimal("10.10")),
        (Decimal("10.10"), Decimal("10.10")),
    ]


def test_closed_months_balance(office):
    office.close_through(4)
    for month in (1, 2, 3, 4):
        rows = ClosedMonth.objects.filter(ledger=office.ledger, month=month)
        assert sum(row.balance for row in rows) == 0
        assert sum(row.debit - row.credit for row in rows) == 0
    assert Posting.objects.filter(ledger=office.ledger).count() == 6


@pytest.mark.parametrize(
    "statement",
    ["UPDATE finance_closedmonth SET month = 12", "DELETE FROM finance_closedmonth", "TRUNCATE finance_closedmonth"],
)
def test_nobody_changes_the_sums_of_a_closed_month(office, statement):
    office.close_through(1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
