"""Nobody brings a voucher into the books alone: not by taking over a draft, not by plain SQL, not with two posts."""

from datetime import date

import pytest

from finance.ledger import actions
from finance.ledger.verify import verify
from tests.finance.ledger_factories import YEAR, Office, second_chief, settle
from tests.finance.outcomes import refused
from tests.finance.test_ledger_guards import outcome
from tests.schools.factories import make_membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    office = Office()
    office.opening(1000)
    return office


def test_who_changes_a_draft_has_prepared_it(office):
    draft = office.payment(1)
    changed = office.draft(*office.paid(900), voucher=draft, by=office.chief)
    assert changed.prepared_by == office.chief
    submitted = actions.submit(changed, by=office.chief)
    assert refused(actions.review, submitted, by=office.chief) == "own_voucher"
    other = second_chief(office)
    posting = actions.post(actions.review(submitted, by=other), by=office.chief)
    assert (posting.prepared_by, posting.reviewed_by) == (office.chief, other)
    settle()
    assert verify(office.ledger) is None


def test_who_prepared_it_changes_with_the_draft_alone(office):
    voucher = office.payment(5)
    takes_over = "UPDATE finance_voucher SET prepared_by_id = %s WHERE id = %s"
    assert outcome(takes_over, office.chief.pk, voucher.pk) == "done"
    assert outcome(takes_over, office.accountant.pk, voucher.pk) == "done"
    actions.submit(voucher, by=office.accountant)
    assert outcome(takes_over, office.chief.pk, voucher.pk) == "finance_voucher_not_draft"


def test_a_draft_is_not_moved_to_other_books(office):
    draft = Office().payment(1)
    writing = {"kind": "payment", "date": draft.date, "lines": office.paid(2), "by": office.accountant}
    assert refused(actions.save_draft, office.ledger, voucher=draft, **writing) == "wrong_ledger"


def test_who_keeps_the_cash_posts_nothing_whatever_else_they_are(office):
    both = second_chief(office)
    make_membership(both, office.school, "cashier")
    voucher = office.reviewed(office.payment(5))
    assert refused(actions.post, voucher, by=both) == "cashier_posts"
    assert refused(actions.post_all, [voucher], by=both) == "cashier_posts"


def test_the_database_takes_no_red_voucher_that_nobody_reviewed(office):
    posting = office.post(office.payment(5))
    voucher = office.payment(5, on=date(YEAR, 3, 3))
    writes_off = "UPDATE finance_voucher SET reverses_id = %s WHERE id = %s"
    assert outcome(writes_off, posting.pk, voucher.pk) == "done"
    reviewed = "UPDATE finance_voucher SET state = 'reviewed' WHERE id = %s"
    assert outcome(reviewed, voucher.pk) == "finance_voucher_state"
