"""What the database refuses around bank reconciliations, whoever sends the statement."""

from datetime import date, timedelta

import pytest

from finance.reconciliations.models import BankReconciliation
from tests.finance.ledger_factories import YEAR, settle
from tests.finance.outcomes import outcome
from tests.finance.reconciliation_factories import APRIL, MARCH, BankOffice

pytestmark = pytest.mark.django_db
TABLE, ITEMS = "finance_bankreconciliation", "finance_reconciliationitem"
BOTH = pytest.mark.parametrize("who", ["owner", "application"])
ADD = f"""
    INSERT INTO {ITEMS} (reconciliation_id, position, kind, date, text, amount, entry_id)
    SELECT id, 9, %s, %s, %s, %s, %s FROM {TABLE}
"""


def be(request, who):
    if who == "application":
        request.getfixturevalue("as_application")


@pytest.fixture
def office():
    return BankOffice()


@BOTH
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        (f"UPDATE {TABLE} SET state = 'reviewed', reviewed_by_id = registered, reviewed_at = now()", "not_submitted"),
        (f"UPDATE {TABLE} SET ends_on = '2026-03-30'", "month"),
        (f"UPDATE {TABLE} SET ends_on = '2026-04-30'", "fixed"),
        (f"UPDATE {TABLE} SET bank_paid = -1", "sums_not_negative"),
        (f"UPDATE {TABLE} SET state = 'submitted', statement = 1012.51", "agrees"),
        (f"UPDATE {TABLE} SET state = 'submitted', bank_received = 13.5, statement = 1013.5", "sums"),
        (f"UPDATE {TABLE} SET state = 'submitted', book = 701, statement = 1013.5", "book"),
        (f"UPDATE {TABLE} SET state = 'submitted', position = 1", "book"),
        (f"UPDATE {TABLE} SET state = 'submitted', reviewed_by_id = registered", "state"),
        (f"UPDATE {TABLE} SET state = 'posted'", "state"),
        (f"UPDATE {TABLE} SET state = 'submitted'", None),
    ],
)
def test_a_draft_is_handed_on_with_what_is_there_and_agrees(request, office, who, statement, broken):
    office.written()
    be(request, who)
    statement = statement.replace("registered", str(office.chief.pk))
    assert outcome(statement) == (f"{TABLE}_{broken}" if broken else "done")


@BOTH
def test_nobody_reviews_their_own_by_hand_either(request, office, who):
    office.submitted()
    be(request, who)
    own = f"UPDATE {TABLE} SET state = 'reviewed', reviewed_by_id = prepared_by_id, reviewed_at = now()"
    assert outcome(own) == f"{TABLE}_two_people"


@BOTH
@pytest.mark.parametrize("change", ["statement = 1, book = -299.5", "prepared_by_id = reviewer", "position = 0"])
def test_what_waits_for_review_does_not_change(request, office, who, change):
    office.submitted()
    be(request, who)
    change = change.replace("reviewer", str(office.chief.pk))
    assert outcome(f"UPDATE {TABLE} SET {change}") == f"{TABLE}_not_draft"
    assert outcome(f"UPDATE {ITEMS} SET text = 'x'") == f"{ITEMS}_not_draft"
    assert outcome(f"DELETE FROM {ITEMS}") == f"{ITEMS}_not_draft"
    assert outcome(ADD, "bank_paid", MARCH, "手续费", 1, None) == f"{ITEMS}_not_draft"


@BOTH
@pytest.mark.parametrize(
    "change", ["state = 'draft', reviewed_by_id = NULL, reviewed_at = NULL", "returned_reason = 'x'", "statement = 1"]
)
def test_what_is_reviewed_stays_for_good(request, office, who, change):
    office.reviewed_one()
    settle()
    be(request, who)
    assert outcome(f"UPDATE {TABLE} SET {change}") == f"{TABLE}_done"
    assert outcome(f"UPDATE {ITEMS} SET amount = 1") == f"{ITEMS}_not_draft"
    assert outcome(f"DELETE FROM {ITEMS}") == f"{ITEMS}_not_draft"
    refusals = ("no right",) if who == "application" else ("_kept", "_no_truncate")
    for statement in (f"DELETE FROM {TABLE}", f"TRUNCATE {TABLE} CASCADE", f"TRUNCATE {ITEMS}"):
        assert any(word in outcome(statement) for word in refusals), statement


def test_nothing_begins_but_as_a_draft_once_a_month_at_its_own_school(office):
    office.submitted()
    copy = f"""
        INSERT INTO {TABLE} (bank_account_id, school_id, ends_on, state, statement, book, position, bank_received,
            bank_paid, we_received, we_paid, prepared_by_id, prepared_at, returned_reason)
        SELECT bank_account_id, coalesce(%s, school_id), %s, %s, statement, book, position, bank_received, bank_paid,
            we_received, we_paid, prepared_by_id, prepared_at, '' FROM {TABLE} LIMIT 1
    """
    assert outcome(copy, None, APRIL, "submitted") == f"{TABLE}_begins_as_draft"
    assert outcome(copy, office.campus.pk, APRIL, "draft") == f"{TABLE}_other_school"
    assert outcome(copy, None, MARCH, "draft") == f"{TABLE}_once"
    assert outcome(copy, None, APRIL, "draft") == "done"
    assert BankReconciliation.objects.count() == 2


@BOTH
def test_items_have_their_kind_their_amount_and_ours_their_entry(request, office, who):
    one = office.begun()
    paid = office.paid_out
    other = paid.posting.entries.exclude(pk=paid.pk).get()
    later = office.paid_by_bank(5, APRIL)
    be(request, who)
    wrong = {
        "amount": ("bank_paid", MARCH, "手续费", 0, None),
        "after_month": ("bank_paid", date(YEAR, 4, 1), "手续费", 1, None),
    }
    for text in ("", "  ", "\t\n"):
        assert outcome(ADD, "bank_paid", MARCH, text, 1, None) == f"{ITEMS}_text"
    assert outcome(ADD, "loan", MARCH, "无分录", 1, None) == f"{ITEMS}_kind"
    for rule, values in wrong.items():
        assert outcome(ADD, *values) == f"{ITEMS}_{rule}"
    for kind, amount, entry in (
        ("we_paid", 300, other), ("we_paid", 5, later), ("we_paid", 299, paid), ("we_received", 300, paid)
    ):  # fmt: skip
        assert outcome(ADD, kind, MARCH, "别的", amount, entry.pk) == f"{ITEMS}_other_entry"
    assert outcome(ADD, "we_paid", MARCH, "电费", 300, paid.pk) == "done"
    assert one.items.get().amount == 300


@BOTH
@pytest.mark.parametrize("kind", ["we_paid", "we_received"])
def test_only_what_was_booked_before_the_books_were_opened_has_no_entry(request, office, who, kind):
    one = office.begun()
    opened_on = office.ledger.opened_on
    be(request, who)
    assert outcome(ADD, kind, opened_on, "无分录", 1, None) == f"{ITEMS}_entry_missing"
    assert outcome(ADD, kind, opened_on - timedelta(days=1), "上年支票", 1, None) == "done"
    assert outcome(f"UPDATE {ITEMS} SET date = '{opened_on}'") == f"{ITEMS}_entry_missing"
    assert one.items.get().text == "上年支票"


@BOTH
def test_no_item_comes_before_its_reconciliation(request, office, who):
    """Else it would wait outside all sums for one that is made, and reviewed, meanwhile."""
    be(request, who)
    early = f"""
        INSERT INTO {ITEMS} (reconciliation_id, position, kind, date, text, amount)
        VALUES (4711, 1, 'bank_paid', '2026-03-01', '手续费', 7)
    """
    assert outcome(early) == f"{ITEMS}_not_draft"


def test_an_item_stays_with_its_reconciliation(office):
    one = office.written()
    other = office.begun("1012.50", APRIL)
    moved = f"UPDATE {ITEMS} SET reconciliation_id = %s, position = position + 9 WHERE reconciliation_id = %s"
    assert outcome(moved, other.pk, one.pk) == f"{ITEMS}_moved"


def test_the_application_can_do_all_that_it_should(as_application):
    """The life of a reconciliation, with no more rights than the running application has."""
    office = BankOffice()
    assert office.reviewed_one().state == "reviewed"
