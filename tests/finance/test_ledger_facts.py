"""The books of the central school and of its campuses agree."""

from datetime import date

import pytest

from finance.ledger import actions
from finance.ledger.facts import agreements
from finance.ledger.models import Account
from tests.finance.ledger_factories import BANK, CASH, YEAR, Office, register_bank
from tests.schools.factories import make_membership, make_school

pytestmark = pytest.mark.django_db


def test_money_for_a_campus_stands_in_both_books():
    campus = Office()
    make_school(name="无账校区", parent=campus.central)
    central = Office.__new__(Office)
    central.__dict__ = {**campus.__dict__, "school": campus.central}
    make_membership(campus.accountant, campus.central, "accountant")
    campus.accountant = central.accountant = type(campus.accountant).objects.get(pk=campus.accountant.pk)
    central.ledger = actions.open_ledger(campus.central, kind="main", year=YEAR, by=campus.chief)
    register_bank(central.account(BANK), by=campus.chief)
    lines = [central.line(BANK, 9000, 0, "上年结转"), central.line("3001", 0, 9000)]
    central.post(central.draft(*lines, kind="opening", on=date(YEAR, 1, 1)))
    account = Account.objects.get(ledger=central.ledger, counterpart=campus.campus)
    paid = [central.line(account.code, 1500, 0, "拨备用金"), central.line(BANK, 0, 1500)]
    central.post(central.draft(*paid))
    assert sorted(one.difference for one in agreements([campus.central])) == [0, 1500]
    campus.post(campus.receipt(1500))
    both = next(one for one in agreements([campus.central]) if one.campus == campus.campus)
    assert (both.here, both.there, both.difference) == (1500, -1500, 0)
    assert [one.difference for one in agreements([campus.central])] == [0, 0]
    assert campus.balance(CASH) == 1500
    entry = account.entries.get()
    assert (entry.counter, entry.balance) == ("1002 银行存款", 1500)
