"""The posting function asks everything again, of vouchers that came past the application."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from finance.ledger import actions
from finance.ledger.actions import Line
from finance.ledger.models import Voucher
from houqin.errors import Refused
from tests.finance.ledger_factories import CASH, EXPENSE, YEAR, Office, settle
from tests.finance.outcomes import as_reviewed, outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    office = Office()
    office.opening(1000)
    office.post(office.payment(100, on=date(YEAR, 1, 5)))
    office.close_through(1)
    return office


def by_hand(office, voucher, *, settle_money=False):
    """What the posting function says to a voucher that came past the application."""
    return outcome("SELECT finance_post(%s, %s, %s, %s)", office.ledger.pk, [voucher.pk], office.chief.pk, settle_money)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("500102", 5, 0), (CASH, 0, 4)], "unbalanced"),
        # Both halves together balance, neither does by itself.
        ([("500102", 5, 0), (CASH, 0, 4), ("720101", 4, 0), ("800102", 0, 5)], "unbalanced"),
        ([("500102", 5, 0), ("800102", 0, 5)], "unbalanced"),
        ([], "unbalanced"),
        ([(CASH, 5, 0), ("2001", 0, 5)], "account_closed"),
        ([(CASH, 5, 0), ("100201", 0, 5)], "account_closed"),
        ([("5001", 5, 0), (CASH, 0, 5)], "account_not_leaf"),
        ([("500102", 5000, 0), (CASH, 0, 5000)], "negative_money"),
    ],
)
def test_the_posting_function_asks_everything_again(office, lines, code):
    made = [office.line(account, debit, credit, "x") for account, debit, credit in lines]
    assert by_hand(office, as_reviewed(office, office.draft(*made))) == f"finance_post_{code}"
    voucher = office.draft(*made)
    assert by_hand(office, voucher) == "finance_post_not_reviewed"


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(YEAR, 1, 31), "period_closed"),
        (date(YEAR - 1, 12, 31), "period_missing"),
        (date(YEAR + 1, 1, 1), "period_missing"),
        (date(YEAR, 2, 1), "date_goes_back"),
    ],
)
def test_the_posting_function_knows_its_months_and_days(office, on, code):
    """A voucher that came past the application and past the guards, into whatever month."""
    office.post(office.payment(1, on=date(YEAR, 2, 2)))
    voucher = office.payment(5, on=date(YEAR, 3, 3))
    settle()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE finance_voucher DISABLE TRIGGER finance_voucher_moves")
    Voucher.objects.filter(pk=voucher.pk).update(date=on)
    assert by_hand(office, as_reviewed(office, voucher)) == f"finance_post_{code}"


def test_money_is_short_between_a_write_off_and_its_correction_alone(office):
    short, back = (as_reviewed(office, one) for one in (office.payment(1500), office.receipt(1500)))
    posting = "SELECT finance_post(%s, %s, %s, true)"
    both = [short.pk, back.pk]
    assert outcome(posting, office.ledger.pk, both, office.chief.pk) == "finance_post_negative_money"
    assert outcome(posting, office.ledger.pk, both[::-1], office.chief.pk) == "done"


def test_nothing_is_put_right_that_is_not_written_off_just_before(office):
    wrong = office.post(office.payment(5))
    right = as_reviewed(office, office.draft(*office.paid(6), corrects=wrong))
    assert by_hand(office, right) == "finance_post_not_written_off"


@pytest.mark.parametrize("positions", [(1, 3), (2, 3), (0, 1)])
def test_lines_are_numbered_from_one_on_without_gaps(office, positions):
    voucher = office.receipt(5)
    for line, position in zip(voucher.lines.order_by("-position"), positions[::-1], strict=True):
        voucher.lines.filter(pk=line.pk).update(position=position + 100)
    voucher.lines.update(position=F("position") - 100)
    assert by_hand(office, as_reviewed(office, voucher)) == "finance_post_unbalanced"


@pytest.mark.parametrize(("on", "code"), [((YEAR, 3, 4), "date_goes_back"), ((YEAR + 1, 1, 1), "earlier_year")])
def test_nothing_is_written_off_before_its_day_or_in_another_year(office, on, code):
    """Not even what moves no money, whose dates follow no order in the books."""
    lines = [office.line(EXPENSE, 5, 0, "计提"), office.line("230701", 0, 5)]
    wrong = office.post(office.draft(*lines, kind="transfer", on=date(YEAR, 3, 5)))
    actions.open_year(office.ledger, by=office.chief)
    red = [Line(line.account, -line.debit, -line.credit, "注销") for line in lines]
    voucher = office.draft(*red, kind="transfer", on=date(*on))
    Voucher.objects.filter(pk=voucher.pk).update(reverses=wrong)
    assert by_hand(office, as_reviewed(office, voucher)) == f"finance_post_{code}"


def test_opening_balances_stand_on_the_first_day(office):
    other = Office()
    lines = [other.line(CASH, 5, 0, "上年结转"), other.line("3001", 0, 5)]
    late = other.draft(*lines, kind="opening", on=date(YEAR, 5, 7))
    with pytest.raises(Refused) as refused:
        actions.submit(late, by=other.accountant)
    assert refused.value.code == "opening_date"
    assert by_hand(other, as_reviewed(other, late)) == "finance_post_opening_date"


def test_money_short_for_a_moment_is_not_short_in_the_end_even_by_hand(office):
    voucher = as_reviewed(office, office.payment(5000))
    assert by_hand(office, voucher, settle_money=True) == "finance_post_negative_money"


def test_who_says_nothing_of_a_pair_is_judged_voucher_by_voucher(office):
    short, back = (as_reviewed(office, one) for one in (office.payment(1500), office.receipt(1500)))
    posting = "SELECT finance_post(%s, %s, %s, NULL)"
    both = [short.pk, back.pk]
    assert outcome(posting, office.ledger.pk, both, office.chief.pk) == "finance_post_negative_money"
    assert outcome(posting, office.ledger.pk, both[::-1], office.chief.pk) == "done"


def test_nothing_is_posted_in_other_books(office):
    other = Office()
    voucher = as_reviewed(other, other.receipt(5))
    assert by_hand(office, voucher) == "finance_post_not_reviewed"


def test_the_same_is_not_written_off_twice_even_by_hand(office):
    posting = office.post(office.payment(5))
    actions.reverse(posting, prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 3), reason="重复")
    draft = office.payment(5, on=date(YEAR, 3, 3))
    draft.reverses = posting
    draft.save(update_fields=["reverses"])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        office.reviewed(draft)
        cursor.execute("SELECT finance_post(%s, %s, %s, false)", [office.ledger.pk, [draft.pk], office.chief.pk])
    assert office.balance(CASH) == 900
