"""收支两条线 (F01, S123): what is collected for the treasury is neither income nor spent before it is paid in."""

from datetime import date

import pytest
from django.db import connection

from finance.ledger import actions
from finance.ledger.verify import verify
from tests.finance.ledger_factories import CASH, EXPENSE, SURPLUS, Office
from tests.finance.outcomes import refused

pytestmark = pytest.mark.django_db

FEES, INCOME, BUDGET_INCOME, BUDGET_MONEY = "210302", "4101", "6101", "800102"
CENTRAL = "230790"


@pytest.fixture
def office():
    """A campus that has 100 of its own and collected 500 for the treasury."""
    office = Office()
    office.opening(100)
    lines = [office.line(CASH, 500, 0, "收取住宿费"), office.line(FEES, 0, 500)]
    office.post(office.draft(*lines, kind="receipt", on=date(2026, 3, 1)))
    return office


def test_fees_are_not_spent_before_they_are_paid_in_and_returned(office):
    voucher = office.reviewed(office.payment(150))
    assert refused(actions.post, voucher, by=office.chief) == "fees_spent"
    office.post(office.payment(100))
    paid_in = [office.line(FEES, 500, 0, "缴入财政专户"), office.line(CASH, 0, 500)]
    office.post(office.draft(*paid_in, on=date(2026, 3, 3)))
    returned = [
        office.line(CASH, 300, 0, "财政返还住宿费"),
        office.line(INCOME, 0, 300),
        office.line(BUDGET_MONEY, 300, 0),
        office.line(BUDGET_INCOME, 0, 300),
    ]
    office.post(office.draft(*returned, kind="receipt", on=date(2026, 3, 4)))
    actions.send_back(voucher, reason="日期", by=office.chief)
    office.post(office.payment(150, on=date(2026, 3, 5)))
    assert office.balance(CASH) == 150


@pytest.mark.parametrize("code", [INCOME, EXPENSE])
def test_fees_stand_in_no_voucher_with_income_or_spending(office, code):
    debit = code == EXPENSE
    lines = [office.line(FEES, 50, 0, "坐支"), office.line(INCOME, 0, 50)]
    if debit:
        lines = [office.line(EXPENSE, 50, 0, "坐支"), office.line(FEES, 0, 50)]
    voucher = office.draft(*lines, kind="transfer")
    assert refused(actions.submit, voucher, by=office.accountant) == "fees_mixed"


def test_the_posting_function_asks_again(office):
    lines = [office.line(FEES, 50, 0, "坐支"), office.line(INCOME, 0, 50)]
    voucher = office.draft(*lines, kind="transfer")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE finance_voucher SET state = 'submitted' WHERE id = %s", [voucher.pk])
        cursor.execute(
            "UPDATE finance_voucher SET state = 'reviewed', reviewed_by_id = %s WHERE id = %s",
            [office.chief.pk, voucher.pk],
        )
    assert refused(actions.post, voucher, by=office.chief) == "fees_mixed"


def test_what_was_not_collected_is_billed_and_handed_on_freely(office):
    billed = [office.line("1212", 80, 0, "应收住宿费"), office.line(FEES, 0, 80)]
    office.post(office.draft(*billed, kind="transfer"))
    # Billed, not collected: it binds no money.
    office.post(office.payment(100))


def test_red_takes_money_out_too(office):
    """A payment written as a receipt in red, and own money given back by writing its receipt off."""
    spends = [office.line(EXPENSE, 300, 0, "坐支"), office.line(CASH, -300, 0)]
    voucher = office.reviewed(office.draft(*spends, kind="receipt"))
    assert refused(actions.post, voucher, by=office.chief) == "fees_spent"
    own = office.post(office.receipt(200))
    office.post(office.payment(250))
    writing_off = {"prepared_by": office.accountant, "by": office.chief, "date": date(2026, 3, 2), "reason": "退回"}
    assert refused(actions.reverse, own, **writing_off) == "fees_spent"


def begun_with(*, cash, fees):
    """Books that take over fees which are still to be paid in, beside all the rest."""
    office = Office()
    rest = cash - fees
    lines = [
        office.line(CASH, cash, 0, "上年结转"),
        office.line(FEES, 0, fees),
        office.line("3001", -min(rest, 0), max(rest, 0)),
        office.line(BUDGET_MONEY, 50, 0),
        office.line("8501", 0, 50),
    ]
    office.post(office.draft(*lines, kind="opening", on=office.ledger.opened_on))
    return office


def test_opening_balances_name_fees_beside_the_rest():
    office = begun_with(cash=500, fees=400)
    assert (office.balance(FEES), office.balance(BUDGET_MONEY)) == (-400, 50)


def test_what_was_spent_before_the_books_began_is_paid_in_bit_by_bit():
    office = begun_with(cash=100, fees=400)
    assert refused(actions.post, office.reviewed(office.payment(1)), by=office.chief) == "fees_spent"
    office.post(office.draft(office.line(FEES, 100, 0, "缴入财政专户"), office.line(CASH, 0, 100)))
    assert (office.balance(FEES), office.balance(CASH)) == (-300, 0)


def test_what_was_short_before_holds_back_only_what_makes_it_worse():
    """Books that begin with fees already spent: a receipt is put right by a larger one, not by a smaller one."""
    office = Office()
    begun = [office.line(CASH, 100, 0, "上年结转"), office.line(SURPLUS, 400, 0), office.line(FEES, 0, 500)]
    office.post(office.draft(*begun, kind="opening", on=office.ledger.opened_on))
    wrong = office.post(office.receipt(50))
    sides = {"prepared_by": office.accountant, "by": office.chief, "date": date(2026, 3, 2), "attachments": 1}
    less = [office.line(CASH, 40, 0), office.line(CENTRAL, 0, 40)]
    assert refused(actions.correct, wrong, lines=less, **sides) == "fees_spent"
    more = [office.line(CASH, 60, 0), office.line(CENTRAL, 0, 60)]
    actions.correct(wrong, lines=more, **sides)
    assert office.balance(CASH) == 160
    assert refused(office.post, office.payment(1)) == "fees_spent"


def test_what_was_short_of_fees_before_may_still_be_put_right():
    """Only what makes it worse is refused; the write-off and what is right are judged as one payment."""
    office = begun_with(cash=100, fees=400)

    def paid_in(amount):
        return [office.line(FEES, amount, 0, "缴入财政专户"), office.line(CASH, 0, amount)]

    wrong = office.post(office.draft(*paid_in(90)))
    signed = {"prepared_by": office.accountant, "by": office.chief, "date": date(2026, 3, 2), "attachments": 1}
    actions.correct(wrong, lines=paid_in(60), **signed)
    assert (office.balance(FEES), office.balance(CASH)) == (-340, 40)
    own = office.post(office.receipt(5))
    less = [office.line(CASH, 4, 0), office.line(CENTRAL, 0, 4)]
    assert refused(actions.correct, own, lines=less, **signed) == "fees_spent"
    assert verify(office.ledger) is None


def test_fees_are_known_however_deep_their_account_stands():
    office = Office()
    office.opening(100)
    parent = office.account("2103")
    for code in ("210399", "21039999", "2103999999"):
        parent = actions.add_account(parent, code=code, name=code, by=office.chief)
    lines = [office.line(CASH, 500, 0, "收取住宿费"), office.line(parent.code, 0, 500)]
    office.post(office.draft(*lines, kind="receipt", on=date(2026, 3, 1)))
    assert refused(office.post, office.payment(150)) == "fees_spent"
