"""The check says by itself what may be posted: what a careless posting function let through is found."""

from datetime import date

import pytest
from django.db import connection

from finance.ledger import actions
from finance.ledger.verify import verify
from tests.finance.ledger_factories import CASH, EXPENSE, YEAR, Office
from tests.finance.outcomes import as_reviewed

pytestmark = pytest.mark.django_db

FEES = "210302"
# A posting function that lets one rule be broken.
CARELESS = """
    CREATE OR REPLACE FUNCTION finance_refuse_posting(code text, about text DEFAULT '') RETURNS void
    LANGUAGE plpgsql AS $$ BEGIN IF code <> '{code}' THEN RAISE EXCEPTION '% %', code, about; END IF; END; $$
"""


@pytest.fixture
def office():
    """A campus that has 100 of its own and collected 500 for the treasury."""
    office = Office()
    office.opening(100)
    office.post(office.draft(*collected(office, 500), kind="receipt"))
    return office


def collected(office, amount):
    """The lines that take fees in."""
    return [office.line(CASH, amount, 0, "收取住宿费"), office.line(FEES, 0, amount)]


def post_carelessly(office, voucher, code):
    """Post a voucher that one rule stands against, past the application."""
    with connection.cursor() as cursor:
        cursor.execute(CARELESS.format(code=code))
        as_reviewed(office, voucher)
        post = "SELECT id FROM finance_post(%s, %s, %s)"
        cursor.execute(post, [office.ledger.pk, [voucher.pk], office.chief.pk])
        return cursor.fetchone()[0]


def test_a_write_off_of_something_else_is_found(office):
    wrong = office.post(office.payment(5))
    voucher = office.payment(3)
    voucher.reverses = wrong
    voucher.save(update_fields=["reverses"])
    posting = post_carelessly(office, voucher, "not_red")
    problem = verify(office.ledger)
    assert (problem.table, problem.row) == ("finance_posting", posting)
    assert "in red" in problem.what


def test_opening_balances_on_another_day_are_found():
    office = Office()
    lines = [office.line(CASH, 5, 0, "上年结转"), office.line("3001", 0, 5)]
    posting = post_carelessly(office, office.draft(*lines, kind="opening", on=date(YEAR, 2, 1)), "opening_date")
    problem = verify(office.ledger)
    assert (problem.row, problem.what) == (posting, "opening balances on 2026-02-01, the books begin on 2026-01-01")


@pytest.mark.parametrize("code", ["4101", EXPENSE])
def test_fees_beside_income_or_spending_are_found(office, code):
    lines = [office.line(FEES, 50, 0, "坐支"), office.line(code, 0, 50)]
    posting = post_carelessly(office, office.draft(*lines, kind="transfer"), "fees_mixed")
    problem = verify(office.ledger)
    assert (problem.row, problem.what) == (posting, "has fees for the treasury beside income or spending")


def test_spent_fees_are_found(office):
    posting = post_carelessly(office, office.payment(150), "fees_spent")
    problem = verify(office.ledger)
    assert (problem.row, problem.what) == (posting, "spends fees that are still to be paid in")


def test_fees_spent_by_a_write_off_alone_are_found(office):
    """And before something else follows it, or nothing."""
    own = office.post(office.receipt(200))
    office.post(office.payment(250))
    red = actions.draft_reversal(own, date=date(YEAR, 3, 2), reason="退回", by=office.accountant)
    actions.review(red, by=office.chief)
    with connection.cursor() as cursor:
        cursor.execute(CARELESS.format(code="fees_spent"))
    posting = actions.post(red, by=office.chief)
    spends = ("finance_posting", posting.pk, "spends fees that are still to be paid in")
    for _times in range(2):
        problem = verify(office.ledger)
        assert (problem.table, problem.row, problem.what) == spends
        office.post(office.receipt(1))


def test_what_may_be_done_with_fees_disturbs_nobody(office):
    """Billed, collected, put right, paid in and returned; own money spent to the last fen."""
    billed = [office.line("1212", 80, 0, "应收住宿费"), office.line(FEES, 0, 80)]
    office.post(office.draft(*billed, kind="transfer"))
    own = office.post(office.receipt(200))
    office.post(office.payment(290))
    # Between the two there are 195 too little beside the fees, never after them.
    lines = [office.line(CASH, 195, 0), office.line("230790", 0, 195)]
    signed = {"prepared_by": office.accountant, "by": office.chief, "date": date(YEAR, 3, 2)}
    actions.correct(own, lines=lines, attachments=1, **signed)
    office.post(office.payment(5))
    handed_on = [office.line(FEES, 500, 0, "缴入财政专户"), office.line(CASH, 0, 500)]
    office.post(office.draft(*handed_on))
    assert (office.balance(CASH), office.balance(FEES)) == (0, -80)
    assert verify(office.ledger) is None
