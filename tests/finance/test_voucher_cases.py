"""Usual cases against the table of parallel booking, and amounts as people type them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from finance.ledger import actions, cases, charts
from finance.ledger.accounts import Accounts
from finance.ledger.line_forms import amount
from finance.ledger.models import Account
from houqin.web.amounts import AmountField
from tests.finance.ledger_factories import BANK, Office

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed_amount", "value"),
    [
        ("1,200", "1200"),
        ("￥138.5", "138.5"),
        ("１，２００．５０", "1200.50"),
        ("138。5", "138.5"),
        (" 1 200.00 元", "1200.00"),
        ("－5", "-5"),
        ("1,234,567.89", "1234567.89"),
        (".5", "0.5"),
    ],
)
def test_amounts_are_understood_as_they_are_typed(typed_amount, value):
    assert AmountField(required=False).clean(typed_amount) == Decimal(value)
    assert amount(typed_amount) == Decimal(value)


@pytest.mark.parametrize("typed_amount", ["1,2", "1.200,50", "12,34", "一百", "1e3", "NaN", "--5", "0x10"])
def test_what_could_mean_two_things_is_asked_back(typed_amount):
    with pytest.raises(ValidationError):
        AmountField(required=False).clean(typed_amount)


# The table of parallel booking (平行记账): debit and credit of both halves, by the first four digits.
PARALLEL = {
    "goods_bank": "5001 1002 7201 8001",
    "equipment": "1601 1002 7201 8001",
    "depreciation": "5001 1602",
    "fee": "1002 2103",
    "fee_paid_in": "2103 1002",
    "fee_returned": "1002 4101 8001 6101",
    "advance": "1218 1001",
    "deposit": "1001 2307",
    "aid_received": "1002 2307",
    "aid_paid": "2307 1002",
    "donated": "1601 4603",
    "freight": "1601 1002 7901 8001",
    "allotted": "1601 3401",
    "shortage_approved": "5301 1902",
    "surplus": "1601 1902",
    "surplus_approved": "1902 3501",
    "surplus_of_year": "1902 4609",
    "cash_short": "1902 1001 7901 8001",
}


@pytest.mark.parametrize(("name", "codes"), PARALLEL.items())
def test_cases_are_booked_as_the_accounting_system_has_it(name, codes):
    accounts = Accounts(Office(at="central").ledger)
    lines = cases.BY_NAME[name].lines(accounts, Decimal(300))
    booked = [(line["account"][:4], "debit" if "debit" in line else "credit") for line in lines]
    assert booked == list(zip(codes.split(), ["debit", "credit"] * 2, strict=False))
    assert {line.get("debit", line.get("credit")) for line in lines} == {Decimal(300)}


def test_what_is_missing_at_stocktaking_leaves_price_and_depreciation_open():
    accounts = Accounts(Office(at="central").ledger)
    lines = cases.BY_NAME["shortage"].lines(accounts, Decimal(800))
    assert [(line["account"][:4], line.get("debit"), line.get("credit")) for line in lines] == [
        ("1902", Decimal(800), None),
        ("1602", "", None),
        ("1601", None, ""),
    ]


@pytest.mark.parametrize("name", ["cash_from_bank", "goods_bank", "fee", "aid_paid"])
def test_the_bank_of_a_campus_is_its_current_account_with_the_central_school(name):
    office = Office()
    lines = cases.BY_NAME[name].lines(Accounts(office.ledger), Decimal(300))
    bank = next(place for place, (use, _side) in enumerate(cases.BY_NAME[name].sides) if use == cases.BANK)
    account = office.account(lines[bank]["account"].split(" ")[0])
    assert (account.code, account.counterpart) == ("230790", office.central)


def numbered_otherwise(office, *codes):
    """Close accounts of the shipped chart, and open others of the same four digits."""
    for code in codes:
        account = office.account(code)
        actions.close_account(account, by=office.chief)
        actions.add_account(office.account(code[:4]), code=f"{code[:4]}77", name=f"另设{code}", by=office.chief)


def test_cases_find_the_accounts_of_a_chart_that_is_numbered_otherwise():
    office = Office()
    numbered_otherwise(office, "100199", "190201", "210302", "720101", "230704")
    actions.add_account(office.account("500102"), code="50010203", name="培训费", by=office.chief)
    accounts = Accounts(office.ledger)
    assert accounts.usual(cases.GOODS).code == "50010203"
    assert accounts.usual(cases.SPENT).code == "720102"
    assert accounts.usual(cases.FEES).code == "210301"
    for case in cases.CASES:
        booked = [line["account"] for line in case.lines(accounts, Decimal(1))]
        assert all(booked), case.name


def test_a_central_school_without_a_bank_account_has_no_account_of_another_school_for_it():
    office = Office(at="central")
    Account.objects.filter(ledger=office.ledger, code=BANK).update(closed=True)
    assert Accounts(office.ledger).usual(cases.BANK) is None


def test_every_usual_account_is_one_of_the_shipped_chart_or_made_beside_it():
    shipped = {row["code"] for row in charts.shipped()}
    made = {charts.usual(use) for use in (charts.WITH_CENTRAL, charts.WITH_CAMPUSES, charts.OTHER_RECEIVABLES)}
    used = {use for case in cases.CASES for use, _side in case.sides}
    assert {charts.usual(use) for use in used} <= shipped
    assert made & shipped == set()
