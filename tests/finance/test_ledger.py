"""Books are opened, vouchers become postings; what is refused on the way, by code."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from finance.ledger import actions
from finance.ledger.models import Account, Entry, Ledger, Posting, Voucher
from finance.ledger.verify import verify
from houqin.history.models import ActionLog
from tests.finance.ledger_factories import BANK, CASH, EXPENSE, SURPLUS, YEAR, Office, books_of, second_chief
from tests.finance.outcomes import refused
from tests.schools.factories import make_membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office()


# --- books


def test_books_have_the_shipped_chart_in_two_halves(office):
    accounts = Account.objects.filter(ledger=office.ledger)
    assert accounts.filter(code__regex=r"^\d{4}$").count() == 103
    assert office.account(EXPENSE).half == "financial"
    assert office.account("720101").half == "budget"
    cash = office.account(CASH)
    assert (cash.is_money, cash.never_negative, cash.bound_book, cash.full_name) == (True, True, True, "库存现金")
    assert [office.account(code).closed for code in ("2001", "2501", "6501")] == [True, True, True]
    assert not office.account("1001").is_leaf


def test_a_campus_has_no_bank_account_and_a_current_account_with_its_central_school(office):
    assert office.account(BANK).closed
    assert office.account("230790").counterpart == office.central
    assert Office(at="central").account(BANK).closed is False


@pytest.mark.parametrize("central_first", [True, False])
def test_the_central_school_has_a_current_account_with_each_campus(central_first):
    office = Office(at="central" if central_first else "campus")
    other = office.campus if central_first else office.central
    books = actions.open_ledger(other, kind="main", year=YEAR, by=office.chief)
    central = office.ledger if central_first else books
    account = Account.objects.get(ledger=central, counterpart=office.campus)
    assert account.code == "12180101"
    assert Account.objects.get(ledger=central, code="121899").is_leaf
    assert not Account.objects.get(ledger=central, code="1218").is_leaf


def test_books_are_opened_once(office):
    assert refused(actions.open_ledger, office.school, kind="main", year=YEAR, by=office.chief) == "ledger_exists"
    assert refused(actions.open_ledger, office.school, kind="canteen", year=YEAR, by=office.accountant) == "not_allowed"
    assert refused(actions.open_ledger, office.school, kind="canteen", year=1, by=office.chief) == "no_such_year"
    canteen = actions.open_ledger(office.school, kind="canteen", year=YEAR, month=9, by=office.chief)
    assert list(canteen.periods.values_list("month", flat=True).order_by("month")) == [9, 10, 11, 12]
    assert Ledger.of(office.school) == office.ledger


def test_accounts_are_added_below_what_is_not_used(office):
    parent = office.account("500102")
    assert refused(actions.add_account, parent, code="999", name="办公费", by=office.chief) == "wrong_account_code"
    assert refused(actions.add_account, parent, code="50010201", name=" ", by=office.chief) == "name_missing"
    account = actions.add_account(parent, code="50010201", name="办公费", by=office.chief)
    assert (account.full_name, account.counter_label) == ("业务活动费用-商品和服务费用-办公费", "5001 业务活动费用")
    assert refused(actions.add_account, parent, code="50010201", name="印刷费", by=office.chief) == "code_taken"
    voucher = office.payment()
    assert refused(actions.submit, voucher, by=office.accountant) == "account_not_leaf"
    office.opening()
    cash = office.account(CASH)
    assert refused(actions.add_account, cash, code=f"{CASH}01", name="备用金", by=office.chief) == "parent_used"


def test_what_is_closed_for_schools_stays_closed(office):
    for code in ("2001", BANK):
        assert refused(actions.reopen_account, office.account(code), by=office.chief) == "not_for_schools"
    account = actions.close_account(office.account("1212"), by=office.chief)
    assert refused(actions.close_account, account, by=office.chief) == "account_closed"
    assert not actions.reopen_account(account, by=office.chief).closed
    assert refused(actions.reopen_account, account, by=office.chief) == "account_open"
    office.opening()
    assert refused(actions.close_account, office.account(CASH), by=office.chief) == "balance_left"


# --- drafts


def test_a_draft_has_no_number_and_may_be_wrong(office):
    voucher = office.draft(office.line(CASH, 0, 5, "午餐"))
    assert (voucher.state, voucher.total, voucher.summary) == ("draft", 0, "午餐")
    assert refused(actions.submit, voucher, by=office.accountant) == "unbalanced"
    again = actions.save_draft(
        office.ledger,
        kind="payment",
        date=date(YEAR, 3, 3),
        lines=office.paid(7),
        by=office.accountant,
        voucher=voucher,
    )
    assert (again.pk, again.total, again.lines.count()) == (voucher.pk, 14, 4)


def test_what_a_draft_is_refused_for(office):
    line = office.line
    other = Office()
    assert refused(office.draft, line(CASH, 5)) == "summary_missing"
    assert refused(office.draft, line(CASH, 5, 5, "x")) == "amount_missing"
    assert refused(office.draft, line(CASH, 0, 0, "x")) == "amount_missing"
    assert refused(office.draft, other.line(CASH, 5, 0, "x")) == "wrong_ledger"
    assert refused(office.draft, kind="general") == "wrong_kind"
    assert refused(office.draft, on=date(YEAR + 3, 1, 1)) == "period_missing"
    assert refused(office.draft, kind="transfer", by=office.cashier) == "not_allowed"
    assert refused(office.draft, by=office.principal) == "not_allowed"
    assert refused(office.draft, by=other.accountant) == "not_allowed"
    office.payment(source_kind="delivery", source_id=7)
    assert refused(office.payment, source_kind="delivery", source_id=7) == "source_taken"


def test_a_form_sent_twice_makes_one_voucher(office):
    key = uuid4()
    assert office.payment(key=key) == office.payment(key=key)
    assert Voucher.objects.count() == 1


@pytest.mark.parametrize(
    ("lines", "kind", "code"),
    [
        ([("500102", 5, 0), (CASH, 0, 4)], "payment", "unbalanced"),
        # each half for itself: equal in sum is not enough
        ([("500102", 5, 0), ("800102", 0, 5)], "transfer", "unbalanced"),
        ([("500102", 5, 0), ("2001", 0, 5)], "transfer", "account_closed"),
        ([("500102", 5, 0), (BANK, 0, 5)], "payment", "account_closed"),
        ([("5001", 5, 0), (CASH, 0, 5)], "payment", "account_not_leaf"),
        ([("500102", 5, 0), (CASH, 0, 5)], "receipt", "wrong_kind"),
        ([("500102", 5, 0), (CASH, 0, 5)], "transfer", "wrong_kind"),
        ([(CASH, 5, 0), ("230790", 0, 5)], "payment", "wrong_kind"),
        ([(CASH, 5, 0)], "receipt", "unbalanced"),
    ],
)
def test_what_is_not_submitted(office, lines, kind, code):
    voucher = office.draft(*[office.line(account, debit, credit, "x") for account, debit, credit in lines], kind=kind)
    assert refused(actions.submit, voucher, by=office.accountant) == code


def test_money_needs_attachments(office):
    assert refused(actions.submit, office.payment(attachments=0), by=office.accountant) == "attachments_missing"


def test_one_kind_of_voucher_where_the_books_have_one():
    office = Office(voucher_kinds="general")
    office.opening()
    paid = {"kind": "payment", "date": date(YEAR, 3, 2), "lines": office.paid(5), "by": office.accountant}
    assert refused(actions.save_draft, office.ledger, **paid) == "wrong_kind"
    assert office.post(office.payment(kind="general")).kind == "general"
    # The cashier writes those that move money.
    lines = [office.line("500102", 5, 0, "x"), office.line("2302", 0, 5)]
    voucher = office.draft(*lines, kind="general", by=office.cashier)
    assert refused(actions.submit, voucher, by=office.cashier) == "not_allowed"


# --- every step from every state

STATES = ["draft", "submitted", "reviewed", "posted", "voided"]


def in_state(office, state):
    voucher = office.payment()
    if state in ("submitted", "reviewed", "posted"):
        actions.submit(voucher, by=office.accountant)
    if state in ("reviewed", "posted"):
        actions.review(voucher, by=office.chief)
    if state == "posted":
        actions.post(voucher, by=office.chief)
    if state == "voided":
        actions.void(voucher, by=office.accountant)
    return voucher


STEPS = {
    "save": ({"draft": "draft"}, "not_draft"),
    "submit": ({"draft": "submitted"}, "not_draft"),
    "review": ({"submitted": "reviewed"}, "not_submitted"),
    "send_back": ({"submitted": "draft", "reviewed": "draft"}, "not_submitted"),
    "void": ({"draft": "voided", "submitted": "voided", "reviewed": "voided"}, "not_voidable"),
    "post": ({"reviewed": "posted"}, "not_reviewed"),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_from_every_state(office, step, state):
    office.opening()
    voucher = in_state(office, state)
    take = {
        "save": lambda: office.payment(5, voucher=voucher),
        "submit": lambda: actions.submit(voucher, by=office.accountant),
        "review": lambda: actions.review(voucher, by=office.chief),
        "send_back": lambda: actions.send_back(voucher, reason="附件不全", by=office.chief),
        "void": lambda: actions.void(voucher, by=office.accountant),
        "post": lambda: actions.post(voucher, by=office.chief),
    }[step]
    allowed, code = STEPS[step]
    if state in allowed:
        take()
    else:
        assert refused(take) == ("already_posted" if (step, state) == ("post", "posted") else code)
    voucher.refresh_from_db()
    assert voucher.state == allowed.get(state, state)


def test_who_may_review(office):
    voucher = actions.submit(office.payment(), by=office.accountant)
    for person in (office.accountant, office.cashier, office.principal):
        assert refused(actions.review, voucher, by=person) == "not_allowed"
    own = actions.submit(office.payment(by=office.chief), by=office.chief)
    assert refused(actions.review, own, by=office.chief) == "own_voucher"
    both = second_chief(office)
    make_membership(both, office.school, "cashier")
    assert refused(actions.review, voucher, by=both) == "cashier_reviews"
    assert refused(actions.send_back, voucher, reason=" ", by=office.chief) == "reason_missing"


@pytest.mark.parametrize("person", ["accountant", "cashier", "principal"])
def test_only_the_chief_accountant_posts_reverses_and_closes(office, person):
    by = getattr(office, person)
    opening = office.opening()
    voucher = office.reviewed(office.payment())
    assert refused(actions.post, voucher, by=by) == "not_allowed"
    assert refused(actions.close_period, office.period(1), by=by) == "not_allowed"
    assert refused(actions.carry_forward, office.ledger, YEAR, by=by) == "not_allowed"
    assert (
        refused(actions.reverse, opening, prepared_by=office.accountant, by=by, date=date(YEAR, 3, 2), reason="x")
        == "not_allowed"
    )


# --- posting


def test_a_reviewed_voucher_becomes_a_posting_with_number_balances_and_chain(office):
    first = office.opening(1000)
    posting = office.post(office.payment(300))
    assert (first.kind, first.position, first.number) == ("opening", 1, 1)
    assert (posting.kind, posting.year, posting.month, posting.number, posting.position) == ("payment", YEAR, 3, 1, 2)
    assert posting.previous_hash == first.hash
    ledger = books_of(office)
    assert (ledger.chain_position, ledger.chain_head) == (2, posting.hash)
    assert office.balance(CASH) == 700
    cash = Entry.objects.get(posting=posting, account__code=CASH)
    assert (cash.position, cash.credit, cash.balance) == (2, Decimal("300.00"), Decimal("700.00"))
    assert (cash.counter, cash.date) == ("5001 业务活动费用", date(YEAR, 3, 2))
    assert verify(ledger) is None


def test_numbers_run_without_gaps_in_each_month_and_kind(office):
    office.opening()
    office.payment()
    actions.void(office.payment(), by=office.accountant)
    days = [date(YEAR, 3, 2), date(YEAR, 3, 5), date(YEAR, 4, 1)]
    numbers = [
        (office.post(office.payment(1, on=day)).number, office.post(office.receipt(2, on=day)).number) for day in days
    ]
    assert numbers == [(1, 1), (2, 2), (1, 1)]


@pytest.mark.parametrize("day", [date(YEAR, 3, 1), date(YEAR, 2, 28)])
def test_dates_never_go_back_within_a_money_book(office, day):
    office.opening()
    office.post(office.payment())
    assert refused(office.post, office.payment(1, on=day)) == "date_goes_back"
    lines = [office.line("500102", 5, 0, "计提"), office.line("2302", 0, 5)]
    assert office.post(office.draft(*lines, kind="transfer", on=day)).date == day


def test_money_is_never_negative(office):
    office.opening(100)
    assert refused(office.post, office.payment(Decimal("100.01"))) == "negative_money"
    office.post(office.payment(100))
    assert office.balance(CASH) == 0
    assert Posting.objects.count() == 2


def test_the_database_refuses_money_below_zero_by_itself(office):
    office.opening(100)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE finance_accounthead SET balance = -1 WHERE account_id = %s", [office.account(CASH).pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_opening_balances_come_first_and_balance(office):
    office.opening()
    lines = [office.line(CASH, 5, 0, "上年结转"), office.line(SURPLUS, 0, 5)]
    voucher = office.draft(*lines, kind="opening", on=office.ledger.opened_on)
    assert refused(office.post, voucher) == "opening_late"


def test_many_are_posted_all_or_none(office):
    office.opening(100)
    vouchers = [office.reviewed(office.payment(40, on=date(YEAR, 3, day))) for day in (2, 3, 4)]
    assert refused(actions.post_all, vouchers, by=office.chief) == "negative_money"
    assert office.balance(CASH) == 100
    assert [posting.number for posting in actions.post_all(vouchers[:2], by=office.chief)] == [1, 2]
    logged = ActionLog.objects.filter(code="finance.post_voucher", result="done").order_by("pk")
    assert [(row.record_id, row.record_name, row.detail) for row in logged[1:]] == [
        (vouchers[0].pk, str(vouchers[0]), "付字第1号 · 2026-03-02"),
        (vouchers[1].pk, str(vouchers[1]), "付字第2号 · 2026-03-03"),
    ]


def test_nothing_is_posted_into_a_closed_month(office):
    office.opening()
    voucher = office.reviewed(office.payment(on=date(YEAR, 2, 1)))
    assert refused(actions.close_period, office.period(2), by=office.chief) == "earlier_open"
    actions.close_period(office.period(1), by=office.chief)
    assert refused(actions.close_period, office.period(2), by=office.chief) == "drafts_left"
    actions.post(voucher, by=office.chief)
    actions.close_period(office.period(2), by=office.chief)
    assert refused(actions.close_period, office.period(2), by=office.chief) == "period_closed"
    assert refused(office.payment, on=date(YEAR, 2, 1)) == "period_closed"


def test_a_month_that_has_not_begun_is_not_closed():
    office = Office(year=2099)
    assert refused(actions.close_period, office.period(1, 2099), by=office.chief) == "not_begun"
