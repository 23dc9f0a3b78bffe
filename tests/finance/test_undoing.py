"""Postings are written off (注销) and put right (订正), once each; what is refused on the way, by code."""

from datetime import date
from decimal import Decimal

import pytest

from finance.ledger import actions
from finance.ledger.models import Entry, Posting
from finance.ledger.verify import verify
from tests.finance.ledger_factories import CASH, YEAR, Office, second_chief
from tests.finance.outcomes import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office()


def test_a_posting_is_written_off_in_red_once(office):
    office.opening(1000)
    posting = office.post(office.payment(300))
    red = actions.reverse(posting, prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 9), reason="重复")
    assert (red.kind, red.number, red.reverses) == ("payment", 2, posting)
    assert (red.prepared_by, red.reviewed_by) == (office.accountant, office.chief)
    entry = Entry.objects.get(posting=red, account__code=CASH)
    assert (entry.summary, entry.credit, entry.balance) == (
        "注销3月2日付字1号凭证",
        Decimal("-300.00"),
        Decimal("1000.00"),
    )
    assert (
        refused(
            actions.reverse, posting, prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 9), reason="x"
        )
        == "already_reversed"
    )
    assert (
        refused(actions.reverse, red, prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 9), reason="x")
        == "not_reversible"
    )
    assert verify(office.ledger) is None


def test_a_posting_is_put_right_in_one_transaction_once(office):
    office.opening(1000)
    posting = office.post(office.payment(300))
    red, right = actions.correct(
        posting, lines=office.paid(200), prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 9)
    )
    assert (red.number, right.number, right.corrects) == (2, 3, posting)
    assert set(right.entries.values_list("summary", flat=True)) == {"订正3月2日付字1号凭证"}
    assert office.balance(CASH) == 800
    again = actions.correct
    assert (
        refused(
            again, posting, lines=office.paid(1), prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 9)
        )
        == "already_reversed"
    )
    # What was put right may itself be wrong; who put it right does not undo it alone.
    again = {"lines": office.paid(100), "date": date(YEAR, 3, 10)}
    assert refused(actions.correct, right, **again, prepared_by=office.chief, by=office.chief) == "own_voucher"
    actions.correct(right, **again, prepared_by=office.accountant, by=second_chief(office))
    assert office.balance(CASH) == 900
    assert verify(office.ledger) is None


def test_a_red_voucher_waits_for_another_persons_review(office):
    office.opening(1000)
    posting = office.post(office.payment(300))
    given = {"date": date(YEAR, 3, 9), "reason": "重复"}
    assert refused(actions.draft_reversal, posting, **given, by=office.principal) == "not_allowed"
    red = actions.draft_reversal(posting, **given, by=office.accountant)
    assert (red.state, red.reverses, red.total) == ("submitted", posting, Decimal("-600.00"))
    assert refused(actions.draft_reversal, posting, **given, by=office.accountant) == "undoing_waits"
    assert refused(office.payment, 1, corrects=posting) == "undoing_waits"
    assert refused(actions.post, red, by=office.chief) == "not_reviewed"
    assert refused(actions.review, red, by=office.accountant) == "not_allowed"
    actions.send_back(red, reason="没错", by=office.chief)
    red.refresh_from_db()
    changed = {"kind": "payment", "date": date(YEAR, 3, 9), "lines": office.paid(1), "by": office.accountant}
    assert refused(actions.save_draft, office.ledger, **changed, voucher=red) == "reversal_fixed"
    actions.void(red, by=office.accountant)
    again = actions.draft_reversal(posting, **given, by=office.accountant)
    reversal = actions.post(actions.review(again, by=office.chief), by=office.chief)
    assert (reversal.reverses, reversal.prepared_by, reversal.reviewed_by) == (posting, office.accountant, office.chief)
    assert office.balance(CASH) == 1000
    assert refused(actions.draft_reversal, posting, **given, by=office.accountant) == "already_reversed"
    assert verify(office.ledger) is None


def test_a_correction_may_be_drafted_reviewed_and_posted_by_three(office):
    office.opening(1000)
    posting = office.post(office.payment(300))
    draft = office.payment(200, on=date(YEAR, 3, 9), corrects=posting)
    right = office.post(draft)
    assert (right.corrects, right.reviewed_by, office.balance(CASH)) == (posting, office.chief, 800)
    assert refused(actions.post, draft, by=office.chief) == "already_posted"


def test_money_may_be_short_between_the_two_and_never_after_them(office):
    office.opening(0.01)
    received = office.post(office.receipt(500))
    office.post(office.payment(450))
    on = date(YEAR, 3, 9)
    assert (
        refused(actions.reverse, received, prepared_by=office.accountant, by=office.chief, date=on, reason="x")
        == "negative_money"
    )
    lines = [office.line(CASH, 449, 0), office.line("230790", 0, 449)]
    assert (
        refused(actions.correct, received, lines=lines, prepared_by=office.accountant, by=office.chief, date=on)
        == "negative_money"
    )
    lines = [office.line(CASH, 450, 0), office.line("230790", 0, 450)]
    actions.correct(received, lines=lines, prepared_by=office.accountant, by=office.chief, date=on)
    assert office.balance(CASH) == Decimal("0.01")
    assert verify(office.ledger) is None


def test_what_cannot_be_written_off(office):
    opening = office.opening()
    posting = office.post(office.payment())
    on = date(YEAR, 3, 9)
    assert (
        refused(actions.reverse, opening, prepared_by=office.accountant, by=office.chief, date=on, reason="x")
        == "not_reversible"
    )
    assert (
        refused(actions.reverse, posting, prepared_by=office.accountant, by=office.chief, date=on, reason=" ")
        == "reason_missing"
    )
    assert (
        refused(
            actions.reverse, posting, prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 1), reason="x"
        )
        == "date_goes_back"
    )
    assert (
        refused(actions.reverse, posting, prepared_by=office.chief, by=office.chief, date=on, reason="x")
        == "own_voucher"
    )
    actions.open_year(office.ledger, by=office.chief)
    later = date(YEAR + 1, 1, 5)
    assert (
        refused(actions.reverse, posting, prepared_by=office.accountant, by=office.chief, date=later, reason="x")
        == "earlier_year"
    )
    wrong = actions.correct
    assert (
        refused(wrong, posting, lines=office.paid(0), prepared_by=office.accountant, by=office.chief, date=on)
        == "amount_missing"
    )
    assert (
        refused(wrong, posting, lines=office.paid(1)[:1], prepared_by=office.accountant, by=office.chief, date=on)
        == "unbalanced"
    )
    assert Posting.objects.count() == 2
