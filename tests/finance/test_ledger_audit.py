"""What an auditor asks of a year of books: its turn, leap days, both halves, and what is between schools."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from finance.ledger import actions
from finance.ledger.actions.closing import results
from finance.ledger.models import BookLine, Posting
from finance.ledger.verify import verify
from tests.finance.ledger_factories import BANK, CASH, YEAR, Office, second_chief
from tests.finance.outcomes import refused

pytestmark = pytest.mark.django_db


def test_a_leap_day_is_a_day_of_its_month():
    office = Office(year=2024)
    office.opening(1000)
    for day in (28, 29, 29):
        office.post(office.payment(1, on=date(2024, 2, day)))
    office.post(office.payment(1, on=date(2024, 3, 1)))
    lines = BookLine.objects.filter(account=office.account(CASH), date__month=2).order_by("page", "line")
    assert list(lines.values_list("kind", "date", "credit")) == [
        ("entry", date(2024, 2, 28), 1),
        ("entry", date(2024, 2, 29), 1),
        ("entry", date(2024, 2, 29), 1),
        ("day_total", date(2024, 2, 29), 2),
        ("month_total", date(2024, 2, 29), 3),
        ("year_total", date(2024, 2, 29), 3),
    ]
    office.close_through(2, 2024)
    assert refused(office.payment, 1, on=date(2024, 2, 29)) == "period_closed"
    assert verify(office.ledger) is None


@pytest.mark.parametrize("kinds", ["three", "general"])
def test_two_years_run_side_by_side_and_turn(kinds):
    """2024 is corrected and closed while January 2025 goes on; numbers begin anew in each month."""
    office = Office(year=2024, voucher_kinds=kinds, lines_per_page=5)
    office.opening(1000)
    wrong = office.post(office.payment(100, on=date(2024, 12, 30)))
    actions.open_year(office.ledger, by=office.chief)
    first = office.post(office.payment(10, on=date(2025, 1, 2)))
    second = office.post(office.receipt(30, on=date(2025, 1, 2)))
    assert (first.number, second.number) == ((1, 2) if kinds == "general" else (1, 1))
    # The cash book stands in 2025 already; what moves no cash may still be booked in 2024.
    late = office.payment(5, on=date(2024, 12, 31))
    assert refused(actions.post, office.reviewed(late), by=office.chief) == "date_goes_back"
    actions.void(late, by=office.accountant)
    red = {"prepared_by": office.accountant, "by": office.chief, "date": date(2025, 1, 3), "reason": "重复"}
    assert refused(actions.reverse, wrong, **red) == "earlier_year"
    depreciation = [office.line("500104", 30, 0, "计提折旧"), office.line("160202", 0, 30)]
    office.post(office.draft(*depreciation, kind="transfer", on=date(2024, 12, 31)))
    office.close_through(12, 2024)
    actions.carry_forward(office.ledger, 2024, by=office.chief)
    assert results(office.ledger, 2024) == []
    assert office.balance("500102") == 10
    assert office.balance("3001") == -(1000 - 130)
    kinds_of_2025 = BookLine.objects.filter(account=office.account(CASH), year=2025).order_by("page", "line")
    assert kinds_of_2025.values_list("kind", "balance").first() == ("opening", 900)
    assert verify(office.ledger) is None


BOOKED = [
    # income of both kinds, and expenses paid from them
    ("receipt", [(BANK, 900, 0), ("4001", 0, 900), ("800102", 900, 0), ("6001", 0, 900)]),
    ("receipt", [(BANK, 300, 0), ("4101", 0, 300), ("800102", 300, 0), ("6101", 0, 300)]),
    ("payment", [("500102", 700, 0), (BANK, 0, 700), ("720101", 700, 0), ("800102", 0, 700)]),
    # without cash: the financial half alone
    ("transfer", [("500104", 62.5, 0), ("160202", 0, 62.5)]),
    # red: part of the income goes back
    ("receipt", [(BANK, -100, 0), ("4101", 0, -100), ("800102", -100, 0), ("6101", 0, -100)]),
]


def test_income_and_expenses_of_both_halves_are_transferred_to_the_balances_they_belong_to():
    office = Office(at="central", year=2024)
    office.post(
        office.draft(
            office.line(BANK, 1000, 0, "上年结转"), office.line("3001", 0, 1000), kind="opening", on=date(2024, 1, 1)
        )
    )
    for kind, lines in BOOKED:
        made = [office.line(code, debit, credit, "业务") for code, debit, credit in lines]
        office.post(office.draft(*made, kind=kind, on=date(2024, 6, 3)))
    office.close_through(12, 2024)
    actions.carry_forward(office.ledger, 2024, by=office.chief)
    heads = office.ledger.heads.exclude(balance=0).values_list("account__code", "balance")
    left = dict(heads)
    assert {code for code in left if code[0] in "4567"} == set()
    assert left.pop(BANK) == 1400
    assert left.pop("3001") == Decimal("-1337.50")
    assert left.pop("160202") == Decimal("-62.50")
    # of the appropriation of 900 there are 200 left; the rest of the cash is other money
    assert left.pop("8101") == -200
    assert left.pop("8501") == -200
    assert left.pop("800102") == 400
    assert left == {}
    assert verify(office.ledger) is None


def test_results_go_to_the_accounts_that_a_school_has_below_those_of_the_system():
    office = Office(year=2024)
    for code, name in (("3001", "累计盈余—基本"), ("3301", "本期盈余—基本"), ("8501", "其他结余—基本")):
        actions.add_account(office.account(code), code=f"{code}01", name=name, by=office.chief)
    office.post(office.receipt(1000, on=date(2024, 1, 5)))
    office.post(office.payment(130, on=date(2024, 3, 5)))
    office.close_through(12, 2024)
    left = {code: office.balance(code) for code in ("300101", "330101", "3302", "850101")}
    assert left == {"300101": 130, "330101": 0, "3302": 0, "850101": 130}
    assert verify(office.ledger) is None


def test_every_voucher_has_attachments_but_those_that_close_or_put_right():
    office = Office(at="central")
    worn = [office.line("500104", 30, 0, "计提折旧"), office.line("160202", 0, 30)]
    bare = {"kind": "transfer", "attachments": 0}
    voucher = office.draft(*worn, **bare)
    assert refused(actions.submit, voucher, by=office.accountant) == "attachments_missing"
    actions.void(voucher, by=office.accountant)
    of_last_year = [office.line("3501", 30, 0, "补提上年折旧"), office.line("160202", 0, 30)]
    office.post(office.draft(*of_last_year, **bare))
    wrong = office.post(office.draft(*worn, kind="transfer", attachments=1))
    office.post(office.draft(*worn, **bare, corrects=wrong))


def test_results_that_have_no_open_account_are_refused_in_words():
    office = Office(year=2024)
    office.post(office.receipt(1000, on=date(2024, 1, 5)))
    office.post(office.payment(130, on=date(2024, 3, 5)))
    actions.close_account(office.account("3302"), by=office.chief)
    assert refused(actions.draft_results, office.ledger, 2024, by=office.accountant) == "no_account"


def test_a_write_off_is_not_dated_before_what_it_writes_off():
    office = Office()
    office.opening(1000)
    lines = [office.line("500104", 30, 0, "计提折旧"), office.line("160202", 0, 30)]
    posting = office.post(office.draft(*lines, kind="transfer", on=date(YEAR, 3, 31)))
    early = {"prepared_by": office.accountant, "by": second_chief(office), "date": date(YEAR, 3, 30)}
    assert refused(actions.reverse, posting, reason="重复", **early) == "date_goes_back"
    assert refused(actions.correct, posting, lines=lines, **early) == "date_goes_back"
    actions.reverse(posting, prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 31), reason="重复")
    assert verify(office.ledger) is None


def test_what_is_put_right_may_move_to_a_later_month_and_stays_in_the_first_as_it_was():
    office = Office()
    office.opening(100)
    wrong = office.post(office.receipt(500, on=date(YEAR, 1, 5)))
    office.post(office.payment(590, on=date(YEAR, 1, 6)))
    office.close_through(1)
    # Between the two there are 490 too little; never before or after.
    lines = [office.line(CASH, 495, 0), office.line("230790", 0, 495)]
    signed = {"prepared_by": office.accountant, "by": office.chief}
    red, right = actions.correct(wrong, lines=lines, date=date(YEAR, 2, 3), attachments=1, **signed)
    entries = [entry.balance for one in (red, right) for entry in one.entries.filter(account__code=CASH)]
    assert entries == [-490, 5]
    assert (red.month, right.month, red.number, right.number) == (2, 2, 1, 2)
    january = office.account(CASH).closed_months.get(month=1)
    assert (january.debit, january.credit, january.balance) == (500, 590, 10)
    office.close_through(2)
    february = office.account(CASH).closed_months.get(month=2)
    assert (february.opening, february.debit, february.balance, february.year_debit) == (10, -5, 5, 495)
    assert verify(office.ledger) is None


def test_each_half_has_its_own_red():
    """What leaves cash and what stands in the budget half are both taken back by one write-off."""
    office = Office()
    office.opening(1000)
    posting = office.post(office.payment(300))
    actions.reverse(posting, prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 9), reason="重复")
    assert [office.balance(code) for code in ("500102", "720101", "800102", CASH)] == [0, 0, 0, 1000]
    assert Posting.objects.filter(ledger=office.ledger, kind="payment").count() == 2


def test_money_moves_on_no_day_that_is_still_to_come():
    """One slip of the pen would close the cash book to every earlier day, for good."""
    today = timezone.localdate()
    tomorrow = today + timedelta(days=1)
    office = Office(year=tomorrow.year)
    assert refused(actions.submit, office.receipt(5, on=tomorrow), by=office.accountant) == "date_in_future"
    worn = [office.line("500104", 30, 0, "计提折旧"), office.line("160202", 0, 30)]
    office.post(office.draft(*worn, kind="transfer", on=tomorrow))
    if today.year == tomorrow.year:
        office.post(office.receipt(5, on=today))
