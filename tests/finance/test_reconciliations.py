"""Bank reconciliations: what is prepared, submitted, reviewed and sent back, and what is refused from which state."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from finance.banks import actions as banks
from finance.ledger import actions as ledgers
from finance.reconciliations import actions
from finance.reconciliations.facts import due, has_moved, month_end, standing
from finance.reconciliations.models import BankReconciliation
from houqin.history.models import ActionLog
from houqin.schools.models import School
from tests.assets.test_repair_races import at_once
from tests.finance.ledger_factories import BANK, YEAR, register_bank, second_chief
from tests.finance.outcomes import refused
from tests.finance.reconciliation_factories import APRIL, MARCH, BankOffice, interest
from tests.schools.factories import make_membership, make_person


@pytest.fixture
def office(db):
    return BankOffice()


def test_the_journal_stands_where_its_last_entry_of_the_month_left_it(office):
    account = office.bank.account_id
    assert standing(account, date(YEAR, 2, 28)) == (0, 0)
    assert standing(account, date(YEAR, 3, 30)) == (1, 1000)
    assert standing(account, MARCH) == standing(account, APRIL) == (2, 700)


def test_both_sides_are_adjusted_until_they_agree_and_another_person_reviews(office):
    one = office.begun()
    assert (one.state, one.book, one.position, one.difference) == ("draft", 700, 2, Decimal("312.50"))
    assert refused(actions.submit, one, by=office.accountant) == "does_not_agree"
    one = office.written(one)
    assert (one.bank_received, one.we_paid, one.bank_paid, one.we_received) == (Decimal("12.50"), 300, 0, 0)
    assert one.adjusted_statement == one.adjusted_book == Decimal("712.50")
    kept = [(item.kind, item.text, item.amount, item.entry_id) for item in one.items.all()]
    assert kept[0] == ("bank_received", "一季度利息", Decimal("12.50"), None)
    assert kept[1] == ("we_paid", "付字第1号 支付电费", Decimal("300.00"), office.paid_out.pk)
    one = actions.submit(one, by=office.accountant)
    one = actions.review(one, by=office.chief)
    assert (one.state, one.reviewed_by) == ("reviewed", office.chief)
    codes = ActionLog.objects.filter(record_kind="finance.bankreconciliation").values_list("code", flat=True)
    verbs = [code.removeprefix("finance.") for code in codes.order_by("at", "pk")]
    assert verbs == [f"{verb}_reconciliation" for verb in ("begin", "write", "submit", "review")]


def test_who_may_do_which_step(office):
    assert refused(actions.begin, office.bank, ends_on=MARCH, statement=Decimal(1), by=office.chief) == "not_allowed"
    one = office.submitted()
    for person in (office.accountant, office.cashier, make_person(office.central, "central_officer")):
        assert refused(actions.review, one, by=person) == "not_allowed"
        assert refused(actions.send_back, one, reason="再看", by=person) == "not_allowed"
    assert refused(actions.write, one, statement=1, bank_items=[], entries=[], by=office.cashier) == "not_allowed"
    assert refused(actions.submit, one, by=office.cashier) == "not_allowed"


def test_nobody_reviews_their_own_and_no_cashier_reviews(office):
    make_membership(office.accountant, office.central, "chief_accountant")
    del office.accountant._access
    cashing = second_chief(office)
    make_membership(cashing, office.central, "cashier")
    one = office.submitted()
    assert refused(actions.review, one, by=office.accountant) == "own_reconciliation"
    assert refused(actions.review, one, by=cashing) == "cashier_reviews"


def test_each_step_has_its_state(office):
    draft = office.written()
    assert refused(actions.review, draft, by=office.chief) == "not_submitted"
    assert refused(actions.send_back, draft, reason="再看", by=office.chief) == "not_submitted"
    submitted = actions.submit(draft, by=office.accountant)
    assert refused(office.written, submitted) == "not_draft"
    assert refused(actions.submit, submitted, by=office.accountant) == "not_draft"
    assert refused(actions.send_back, submitted, reason=" ", by=office.chief) == "reason_missing"
    back = actions.send_back(submitted, reason="利息是哪天的？", by=office.chief)
    assert (back.state, back.returned_reason) == ("draft", "利息是哪天的？")
    done = actions.review(actions.submit(office.written(back), by=office.accountant), by=office.chief)
    for again in (
        lambda **by: office.written(done),
        lambda **by: actions.submit(done, by=office.accountant),
        lambda **by: actions.review(done, by=office.chief),
        lambda **by: actions.send_back(done, reason="再看", by=office.chief),
    ):
        assert refused(again) in ("not_draft", "not_submitted")


def test_only_months_that_are_over_and_have_entries_are_begun_once(office):
    begin = {"statement": Decimal(1000), "by": office.accountant}
    assert refused(actions.begin, office.bank, ends_on=date(YEAR, 3, 30), **begin) == "not_month_end"
    now = month_end(timezone.localdate())
    assert refused(actions.begin, office.bank, ends_on=now, **begin) == "month_not_over"
    assert refused(actions.begin, office.bank, ends_on=date(YEAR, 2, 28), **begin) == "no_entries"
    office.begun()
    assert refused(actions.begin, office.bank, ends_on=MARCH, **begin) == "reconciled_already"
    office.paid_by_bank(700, date(YEAR, 4, 2))
    banks.close(office.bank, closed_on=date(YEAR, 5, 3), reason="并户", by=office.chief)
    office.bank.refresh_from_db()
    assert refused(actions.begin, office.bank, ends_on=date(YEAR, 5, 31), **begin) == "earlier_month_first"
    actions.begin(office.bank, ends_on=APRIL, **begin)
    assert actions.begin(office.bank, ends_on=date(YEAR, 5, 31), **begin).book == 0
    assert refused(actions.begin, office.bank, ends_on=date(YEAR, 6, 30), **begin) == "bank_account_closed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"statement": Decimal("1.005")}, "amount_wrong"),
        ({"statement": Decimal("NaN")}, "amount_wrong"),
        ({"bank_items": [interest(0)]}, "amount_wrong"),
        ({"bank_items": [interest("-12.50")]}, "amount_wrong"),
        ({"bank_items": [interest(text=" ")]}, "text_missing"),
        ({"bank_items": [interest(kind="we_paid")]}, "wrong_item_kind"),
        ({"bank_items": [interest(date=APRIL)]}, "date_after_month"),
        ({"bank_items": [interest(date=date(26, 3, 1))]}, "date_too_early"),
        ({"bank_items": [interest()] * 501}, "too_many_items"),
        ({"entries": [0]}, "wrong_entry"),
    ],
)
def test_items_that_cannot_be_are_refused(office, changes, code):
    one = office.begun()
    assert refused(office.written, one, **changes) == code
    assert not one.items.exists()


def test_our_items_are_entries_of_this_journal_up_to_the_month_end(office):
    one = office.begun()
    later = office.paid_by_bank(5, date(YEAR, 4, 1))
    other = office.paid_out.posting.entries.exclude(account__code=BANK).get()
    for entry in (later, other):
        assert refused(office.written, one, entries=[entry.pk]) == "wrong_entry"


def test_what_was_booked_before_the_books_were_opened_is_written_once_and_kept(office):
    cheque = interest(300, kind="we_paid", date=office.ledger.opened_on - timedelta(days=3), text="上年支票")
    one = office.written(statement=Decimal("1312.50"), earlier=[cheque])
    assert (one.we_paid, one.difference) == (600, 0)
    assert [(item.text, item.entry_id is None) for item in one.items.filter(kind="we_paid")] == [
        ("上年支票", True),
        ("付字第1号 支付电费", False),
    ]
    actions.review(actions.submit(one, by=office.accountant), by=office.chief)
    later = office.begun("1312.50", APRIL)
    assert later.items.filter(text="上年支票").count() == 1
    # Later it is there or no longer, and never another.
    for changed in ([replace(cheque, amount=Decimal(299))], [replace(cheque, text="别的")], [cheque, cheque]):
        assert refused(office.written, later, earlier=changed) == "not_carried_over"
    assert office.written(later, statement=Decimal("1312.50"), earlier=[cheque]).difference == 0
    assert not office.written(later, earlier=[]).items.filter(text="上年支票").exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [({}, "not_before_opening"), ({"kind": "bank_paid"}, "wrong_item_kind"), ({"text": " "}, "text_missing")],
)
def test_ours_without_an_entry_are_from_before_the_books_alone(office, changes, code):
    item = interest(**{"kind": "we_paid", "date": office.ledger.opened_on} | changes)
    assert refused(office.written, earlier=[item]) == code


def test_a_red_entry_of_ours_counts_on_the_other_side(office):
    red = ledgers.draft_reversal(office.paid_out.posting, by=office.accountant, date=MARCH, reason="重复")
    entry = office.chief_posts(red).entries.get(account__code=BANK)
    one = office.written(entries=[entry.pk, office.paid_out.pk], bank_items=[])
    assert [(item.kind, item.amount) for item in one.items.all()] == [("we_paid", 300), ("we_received", 300)]


def test_what_was_open_at_the_end_of_a_month_is_proposed_again(office):
    before = office.reviewed_one()
    office.received(50, date(YEAR, 4, 7))
    one = office.begun("1062.50", APRIL)
    assert [item.text for item in one.items.all()] == [item.text for item in before.items.all()]
    assert (one.book, one.difference) == (750, 0)


def test_what_is_posted_into_the_month_later_is_seen(office):
    one = office.submitted()
    assert not has_moved(one)
    office.received(8, date(YEAR, 3, 31))
    assert has_moved(one)
    assert refused(actions.review, one, by=office.chief) == "journal_moved"
    one = actions.send_back(one, reason="账上又有一笔", by=office.chief)
    assert refused(actions.submit, one, by=office.accountant) == "does_not_agree"
    one = office.written(one, statement=Decimal("1020.50"))
    done = actions.review(actions.submit(one, by=office.accountant), by=office.chief)
    office.received(9, date(YEAR, 3, 31))
    assert has_moved(done)


def test_months_are_due_from_the_first_entry_until_they_are_submitted(office):
    (row,) = due(office.accountant, office.central)
    assert row.months[0] == MARCH
    assert row.months[-1] == timezone.localdate().replace(day=1) - timedelta(days=1)
    one = office.written()
    (row,) = due(office.accountant, office.central)
    assert (row.months[0], row.begun, row.fresh[0]) == (MARCH, {MARCH: one}, APRIL)
    actions.submit(one, by=office.accountant)
    assert due(office.accountant, office.central)[0].months[0] == APRIL


def test_a_school_that_is_no_longer_in_use_is_not_reminded(office):
    School.objects.filter(pk=office.central.pk).update(is_active=False)
    assert due(office.accountant, office.central) == []


def test_nothing_is_due_after_a_bank_account_was_closed(office):
    office.submitted()
    office.paid_by_bank(700, date(YEAR, 4, 2))
    banks.close(office.bank, closed_on=date(YEAR, 5, 3), reason="并户", by=office.chief)
    assert due(office.accountant, office.central)[0].months == [APRIL, date(YEAR, 5, 31)]


def test_who_wrote_it_prepared_it_whoever_hands_it_on(office):
    """An accountant who reviews elsewhere, too, does not come to review their own work by another's tap."""
    make_membership(office.accountant, office.central, "chief_accountant")
    writer = type(office.accountant).objects.get(pk=office.accountant.pk)
    one = actions.submit(office.written(by=writer), by=make_person(office.central, "accountant"))
    assert one.prepared_by == writer
    assert refused(actions.review, one, by=writer) == "own_reconciliation"


def test_a_posting_in_the_moment_of_handing_on_is_told_in_words(office, monkeypatch):
    """The journal moves between the look at it and the statement."""
    ready, waits = office.written(), (2, Decimal("700.00"))
    office.received(5, MARCH)
    monkeypatch.setattr(actions, "standing", lambda *_asked: waits)
    assert refused(actions.submit, ready, by=office.accountant) == "journal_moved"
    assert BankReconciliation.objects.get().state == "draft"


def test_a_journal_is_reconciled_once_a_month_whoever_kept_the_account(office):
    """Another bank account may follow on the same account of the books."""
    closed_on = date(YEAR, 5, 8)
    office.paid_by_bank(700, date(YEAR, 5, 6))
    banks.close(office.bank, closed_on=closed_on, reason="换行", by=office.chief)
    following = register_bank(office.account(BANK), by=office.chief)
    [first, second] = due(office.accountant, office.central)
    assert (first.bank_account, first.months) == (office.bank, [MARCH, APRIL])
    assert (second.bank_account, second.months[0]) == (following, month_end(closed_on))
    office.begun()
    again = {"ends_on": MARCH, "statement": Decimal(1), "by": office.accountant}
    assert refused(actions.begin, following, **again) == "reconciled_already"


def test_sums_that_no_column_holds_and_months_that_no_calendar_has_are_refused(office):
    one = office.begun()
    items = [interest("999999999999.00", text=f"第{number}笔") for number in range(150)]
    assert (
        refused(actions.write, one, statement=1, bank_items=items, entries=[], by=office.accountant) == "amount_wrong"
    )
    last = {"ends_on": date(9999, 12, 31), "statement": Decimal(1), "by": office.accountant}
    assert refused(actions.begin, office.bank, **last) == "month_not_over"


def test_two_people_reviewing_at_once_review_it_once(committing_db):
    office = BankOffice()
    other = second_chief(office)
    one = office.submitted()
    people = [office.chief, other] * 2
    results = at_once(*[lambda person=person: actions.review(one, by=person) for person in people])
    assert results.count("not_submitted") == 3
    assert BankReconciliation.objects.get().state == "reviewed"
