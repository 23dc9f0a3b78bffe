"""Whose budget half is missing, and which usual case has it: the table of parallel booking, read the other way."""

from decimal import Decimal

import pytest
from django.urls import reverse

from finance.ledger import actions, cases, parallel
from finance.ledger.accounts import Accounts
from finance.ledger.actions import Line
from tests.finance.ledger_factories import BUDGET_MONEY, BUDGET_SPENT, CASH, EXPENSE, Office

pytestmark = pytest.mark.django_db

# Cases whose budget half may be forgotten: that of equipment bought stands for freight, which has the same lines.
FOUND_AS = {
    "goods_bank": "goods_bank",
    "goods_cash": "goods_cash",
    "equipment": "equipment",
    "fee_returned": "fee_returned",
    "freight": "equipment",
    "cash_short": "cash_short",
}


def lines_of(case, office):
    """The lines of a usual case, of one amount."""
    accounts = Accounts(office.ledger)
    made = []
    for use, side in case.sides:
        amounts = {"debit": Decimal(0), "credit": Decimal(0), side: Decimal(300)}
        made.append(Line(accounts.usual(use), **amounts))
    return made


def financial(lines):
    return [line for line in lines if line.account.half == "financial"]


@pytest.mark.parametrize("at", ["central", "campus"])
def test_no_usual_case_as_it_stands_lacks_anything(at):
    office = Office(at=at)
    lacking = [case.name for case in cases.CASES if parallel.lacks_budget_half(lines_of(case, office))]
    assert lacking == []


@pytest.mark.parametrize("at", ["central", "campus"])
def test_a_usual_case_without_its_budget_half_is_found_again(at):
    office = Office(at=at)
    found = {}
    for case in cases.CASES:
        lines = lines_of(case, office)
        if len(financial(lines)) < len(lines):
            assert parallel.lacks_budget_half(financial(lines)), case.name
            found[case.name] = parallel.case_for(financial(lines)).name
    assert found == FOUND_AS


# Debit and credit accounts, and the case that is named; nothing where no budget half is missing.
TABLE = [
    ("510102", CASH, "goods_cash"),
    ("510102", "100201", "goods_bank"),
    ("130201", CASH, "goods_cash"),
    ("160102", CASH, "goods_cash"),
    ("2201", "100201", "goods_bank"),
    ("1214", "100201", "goods_bank"),
    (EXPENSE, "1011", "goods_bank"),
    ("100201", "4001", None),
    (CASH, "190201", None),
    ("100201", "4604", None),
]
NONE_MISSING = [
    (CASH, "100201"),
    ("100201", CASH),
    ("1218", CASH),
    (CASH, "1218"),
    ("2901", "100299"),
    ("210302", "100201"),
    (CASH, "230703"),
    (EXPENSE, "1602"),
    ("160102", "4603"),
    (EXPENSE, "2302"),
]


def pair(office, debit, credit):
    account = {account.code: account for account in office.ledger.accounts.all()}
    account["1218"] = account.get("121899", account["1218"])
    account["1602"] = account["160202"]
    return [Line(account[debit], Decimal(5)), Line(account[credit], Decimal(0), Decimal(5))]


@pytest.mark.parametrize(("debit", "credit", "name"), TABLE)
def test_money_within_the_budget_needs_its_budget_half(debit, credit, name):
    lines = pair(Office(at="central"), debit, credit)
    assert parallel.lacks_budget_half(lines)
    case = parallel.case_for(lines)
    assert (case and case.name) == name


@pytest.mark.parametrize(("debit", "credit"), NONE_MISSING)
def test_money_outside_the_budget_and_what_is_no_money_has_none(debit, credit):
    assert not parallel.lacks_budget_half(pair(Office(at="central"), debit, credit))


@pytest.mark.parametrize(("debit", "credit", "lacks"), [(CASH, "230790", False), (EXPENSE, "230790", True)])
def test_the_current_account_of_a_campus_is_money_of_its_own(debit, credit, lacks):
    assert parallel.lacks_budget_half(pair(Office(), debit, credit)) is lacks


def page(client, voucher, by):
    client.force_login(by)
    response = client.get(reverse("finance:ledger:voucher", args=[voucher.pk]), headers={"accept-language": "zh-hans"})
    return str(response.context["hint"]), response.content.decode()


def test_who_writes_and_who_reviews_are_told_and_may_go_on(client):
    office = Office()
    office.opening()
    half = [office.line(EXPENSE, 30, 0, "购粉笔"), office.line(CASH, 0, 30)]
    voucher = office.draft(*half)
    hint, text = page(client, voucher, office.accountant)
    assert "7201" in hint and "8001" in hint and str(cases.BY_NAME["goods_cash"].title) in hint
    assert "hq-say amber" in text
    actions.submit(voucher, by=office.accountant)
    assert page(client, voucher, office.chief)[0] == hint
    posting = office.chief_posts(voucher)
    assert page(client, posting.voucher, office.chief)[0] == ""
    red = actions.draft_reversal(posting, date=posting.date, reason="重复入账", by=office.accountant)
    assert page(client, red, office.chief)[0] == ""


def test_a_whole_voucher_opening_balances_and_what_is_voided_say_nothing(client):
    office = Office()
    whole = office.payment(30)
    assert {line.account.code for line in whole.lines.all()} >= {BUDGET_SPENT, BUDGET_MONEY}
    opening = office.draft(
        office.line(CASH, 5, 0, "上年结转"), office.line("3001", 0, 5), kind="opening", on=office.ledger.opened_on
    )
    voided = office.draft(office.line(EXPENSE, 30, 0, "购粉笔"), office.line(CASH, 0, 30))
    assert page(client, voided, office.accountant)[0]
    actions.void(voided, by=office.accountant)
    for voucher in (whole, opening, voided):
        assert page(client, voucher, office.accountant)[0] == ""


def test_income_without_its_budget_half_is_told_what_it_is(client):
    office = Office(at="central")
    voucher = office.draft(office.line("100201", 9, 0, "拨款"), office.line("4001", 0, 9), kind="receipt")
    hint, text = page(client, voucher, office.accountant)
    assert "8001" in hint and "7201" not in hint
    assert hint in text
