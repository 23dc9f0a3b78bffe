"""The cash journal is held against the box every month: by who keeps the cash, before another person's eyes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from finance.counts import actions
from finance.counts.denominations import known, shipped
from finance.counts.models import CashCount, CashCountLine
from finance.ledger import actions as ledgers
from finance.ledger.verify import verify
from houqin.history.models import ActionLog
from houqin.web.grants import rights_on
from tests.finance.count_factories import counted, pieces
from tests.finance.ledger_factories import BANK, CASH, YEAR, Office, settle
from tests.finance.outcomes import outcome, refused
from tests.schools.factories import make_membership, make_person, make_user

pytestmark = pytest.mark.django_db
State = CashCount.State


@pytest.fixture
def office():
    office = Office()
    office.opening(1000)
    return office


def test_a_count_stands_beside_the_book_as_it_was_when_it_was_made(office):
    made = counted(office, pieces(y100=9, y50=1, y20=2, y5=2, f50=0))
    assert (made.counted, made.due, made.difference) == (Decimal(1000), Decimal(1000), Decimal(0))
    assert (made.book_position, made.book_balance, made.book_date) == (1, Decimal(1000), date(YEAR, 1, 1))
    assert (made.state, made.school, made.counted_by) == (State.COUNTED, office.school, office.cashier)
    # Only what lay there has a line.
    assert [(line.denomination.name, line.pieces, line.amount) for line in made.lines.all()] == [
        ("100元", 9, Decimal(900)),
        ("50元", 1, Decimal(50)),
        ("20元", 2, Decimal(40)),
        ("5元", 2, Decimal(10)),
    ]
    settle()
    office.post(office.payment(100))
    made.refresh_from_db()
    assert made.book_balance == Decimal(1000)
    later = counted(office, pieces(y100=9))
    assert (later.book_position, later.difference) == (2, Decimal(0))
    assert verify(office.ledger) is None


def test_what_is_not_posted_yet_counts_on_both_sides(office):
    came = counted(office, pieces(y100=12, y20=1), received_unposted=Decimal("300"), paid_unposted=Decimal("80"))
    assert (came.due, came.difference) == (Decimal(1220), Decimal(0))


def test_a_difference_is_explained_with_its_sign(office):
    short = pieces(y100=9, y50=1)
    assert refused(counted, office, short) == "difference_unexplained"
    assert refused(counted, office, short, reason="  ") == "difference_unexplained"
    made = counted(office, short, reason="找零差错，已报告")
    assert (made.difference, made.reason) == (Decimal(-50), "找零差错，已报告")
    assert counted(office, pieces(y100=11), reason="多收待查").difference == Decimal(100)


def test_an_empty_box_is_counted_too():
    office = Office()
    made = counted(office, {})
    assert (made.counted, made.book_position, made.book_date) == (Decimal(0), 0, None)
    settle()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"numbers": {Decimal(100): -1}}, "pieces_wrong"),
        ({"numbers": {Decimal(100): 100_001}}, "pieces_wrong"),
        ({"numbers": {Decimal(3): 1}}, "pieces_wrong"),
        ({"received_unposted": Decimal(-1)}, "amount_wrong"),
        ({"paid_unposted": Decimal("0.001")}, "amount_wrong"),
        ({"paid_unposted": Decimal("NaN")}, "amount_wrong"),
        ({"received_unposted": Decimal(10) ** 10}, "amount_wrong"),
        ({"on": date(2099, 1, 1)}, "count_in_future"),
        ({"on": date(YEAR, 3, 1)}, "count_before_entry"),
        ({"seen": 1}, "book_moved"),
    ],
)
def test_what_cannot_be_is_refused(office, changes, code):
    office.post(office.receipt(100, on=date(YEAR, 3, 2)))
    assert refused(counted, office, changes.pop("numbers", pieces(y100=11)), **changes) == code
    assert not CashCount.objects.exists()
    assert counted(office, pieces(y100=11), on=date(YEAR, 3, 2), seen=2).difference == 0


def test_only_cash_is_counted_and_only_by_who_keeps_it(office):
    today = timezone.localdate()
    for code in (BANK, "1001", "3001"):
        assert refused(actions.count, office.account(code), pieces={}, on=today, by=office.cashier) == "not_cash"
    elsewhere = make_person(office.central, "cashier")
    for person in (office.accountant, office.chief, office.principal, elsewhere):
        assert refused(counted, office, by=person) == "not_allowed"


def test_another_person_confirms_it_once_and_for_good(office):
    made = counted(office)
    confirmed = actions.confirm(made, by=office.accountant)
    assert (confirmed.state, confirmed.witness) == (State.CONFIRMED, office.accountant)
    assert confirmed.witnessed_at is not None
    assert refused(actions.confirm, made, by=office.principal) == "count_decided"
    assert refused(actions.give_back, made, reason="重盘", by=office.principal) == "count_decided"
    assert refused(counted, office, replaces=confirmed) == "count_not_returned"
    codes = ActionLog.objects.filter(record_kind="finance.cashcount", record_id=made.pk).values_list("code", flat=True)
    assert sorted(codes) == ["finance.confirm_cash_count", "finance.count_cash"]


def test_it_is_given_back_with_a_reason_and_counted_anew_once(office):
    made = counted(office)
    assert refused(counted, office, replaces=made) == "count_not_returned"
    assert refused(actions.give_back, made, reason=" ", by=office.principal) == "reason_missing"
    returned = actions.give_back(made, reason="少点一沓", by=office.principal)
    assert (returned.state, returned.returned_reason, returned.witness) == (
        State.RETURNED,
        "少点一沓",
        office.principal,
    )
    for action in (actions.confirm, lambda one, by: actions.give_back(one, reason="再退", by=by)):
        assert refused(action, returned, by=office.accountant) == "count_decided"
    anew = counted(office, replaces=returned)
    assert (anew.replaces, anew.state) == (returned, State.COUNTED)
    assert refused(counted, office, replaces=returned) == "count_replaced"


def test_the_count_of_another_box_is_not_made_anew_by_this_one(office):
    other = Office()
    theirs = actions.give_back(counted(other, {}), reason="重盘", by=other.accountant)
    assert refused(counted, office, replaces=theirs) == "count_not_returned"


def test_who_may_witness(office):
    made = counted(office)
    both = make_person(office.school, "accountant")
    make_membership(both, office.school, "cashier")
    assert refused(actions.confirm, made, by=both) == "cashier_witnesses"
    assert refused(actions.give_back, made, reason="不对", by=both) == "cashier_witnesses"
    own = counted(office, by=both)
    assert refused(actions.confirm, own, by=both) == "own_count"
    strangers = [make_person(office.central, "accountant"), make_person(office.central, "principal"), make_user()]
    for person in (office.cashier, *strangers):
        assert refused(actions.confirm, made, by=person) == "not_allowed"
    assert actions.confirm(made, by=office.chief).state == State.CONFIRMED
    assert actions.confirm(own, by=office.principal).state == State.CONFIRMED


def insert(office, **changes):
    """A statement that writes a count down, and its values."""
    values = {
        "school_id": office.school.pk,
        "account_id": office.account(CASH).pk,
        "counted_on": date(YEAR, 3, 2),
        "book_position": 1,
        "book_balance": 1000,
        "book_date": date(YEAR, 1, 1),
        "received_unposted": 0,
        "paid_unposted": 0,
        "counted": 1000,
        "difference": 0,
        "reason": "",
        "counted_by_id": office.cashier.pk,
        "counted_at": timezone.now(),
        "state": "counted",
        "returned_reason": "",
    } | changes
    columns, places = ", ".join(values), ", ".join(["%s"] * len(values))
    return f"INSERT INTO finance_cashcount ({columns}) VALUES ({places})", *values.values()


def test_no_count_is_made_up_by_plain_sql(office):
    campus, other = office.school.pk, office.central.pk
    wrong = [
        ({"difference": 5, "reason": "x"}, "finance_cashcount_difference"),
        ({"counted": 1005, "difference": 5}, "finance_cashcount_explained"),
        ({"counted": 1005, "difference": 5, "reason": "\t"}, "finance_cashcount_explained"),
        ({"received_unposted": -1, "difference": 1, "reason": "x"}, "finance_cashcount_amounts"),
        ({"counted_on": date(YEAR - 1, 12, 31)}, "finance_cashcount_not_before_book"),
        ({"state": "confirmed"}, "finance_cashcount_state"),
        ({"state": "counted", "witness_id": office.chief.pk}, "finance_cashcount_state"),
        (
            {"state": "confirmed", "witness_id": office.chief.pk, "witnessed_at": timezone.now()},
            "finance_cashcount_begins",
        ),
        ({"counted_on": date(2099, 1, 1)}, "finance_cashcount_future"),
        ({"school_id": other}, "finance_cashcount_other_school"),
        ({"account_id": office.account("3001").pk}, "finance_cashcount_cash"),
        ({"account_id": office.account("1001").pk}, "finance_cashcount_cash"),
        ({"book_balance": 900, "counted": 900}, "finance_cashcount_book"),
        ({"book_position": 2}, "finance_cashcount_book"),
        ({"book_date": date(YEAR, 1, 2)}, "finance_cashcount_book"),
        ({"book_date": None}, "finance_cashcount_book"),
        ({"replaces_id": counted(office).pk}, "finance_cashcount_replaces"),
    ]
    settle()
    said = [outcome(*insert(office, **changes)) for changes, _rule in wrong]
    assert said == [rule for _changes, rule in wrong]
    assert CashCount.objects.filter(school=campus).count() == 1
    assert outcome("SET CONSTRAINTS ALL IMMEDIATE") == "done"
    assert outcome(*insert(office)) == "finance_cashcount_sum"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


CHANGES = {
    "UPDATE finance_cashcount SET reason = 'x'": "fixed",
    "UPDATE finance_cashcount SET book_position = 2": "fixed",
    "UPDATE finance_cashcount SET counted_on = current_date + 1": "fixed",
    "UPDATE finance_cashcount SET counted_by_id = {accountant}": "fixed",
    "UPDATE finance_cashcount SET counted = 5, difference = 5 - 1000, reason = 'x'": "fixed",
    "UPDATE finance_cashcount SET id = id + 1": "fixed",
    "UPDATE finance_cashcount SET state = 'confirmed'": "state",
    "UPDATE finance_cashcount SET state = 'returned', witness_id = {chief}, witnessed_at = {now}": "state",
    "UPDATE finance_cashcount SET state = 'confirmed', witness_id = {cashier}, witnessed_at = {now}": "two_people",
    "UPDATE finance_cashcount SET state = 'confirmed', witness_id = {second}, witnessed_at = {now}": "keeps_cash",
    "UPDATE finance_cashcount SET state = 'confirmed', witness_id = {gone}, witnessed_at = {now}": "witness",
    "UPDATE finance_cashcount SET state = 'confirmed', witness_id = {chief}, witnessed_at = '2001-01-01'": "witness",
    "DELETE FROM finance_cashcount": "kept",
    "TRUNCATE finance_cashcount CASCADE": "no_truncate",
    "UPDATE finance_cashcountline SET pieces = 11": "append_only",
    "DELETE FROM finance_cashcountline": "append_only",
    "TRUNCATE finance_cashcountline": "no_truncate",
}
# What the role may not even try.
NO_RIGHT = [statement for statement in CHANGES if "state =" not in statement]


def filled(office, statement):
    second = make_person(office.school, "cashier")
    gone = make_user(is_active=False)
    people = {
        "accountant": office.accountant,
        "chief": office.chief,
        "cashier": office.cashier,
        "second": second,
        "gone": gone,
    }
    return statement.format(now="clock_timestamp()", **{name: person.pk for name, person in people.items()})


@pytest.mark.parametrize("statement", CHANGES)
def test_what_was_counted_stays_whatever_the_owner_sends(office, statement):
    counted(office)
    settle()
    assert outcome(filled(office, statement)).endswith(f"_{CHANGES[statement]}")


@pytest.mark.parametrize("statement", NO_RIGHT)
def test_the_application_has_no_right_to_change_it(office, statement, as_application):
    counted(office)
    assert outcome(statement.format(accountant=office.accountant.pk)) == "no right"


def test_what_a_witness_said_stays(office):
    confirmed = actions.confirm(counted(office), by=office.accountant)
    actions.give_back(counted(office), reason="重盘", by=office.accountant)
    settle()
    for again in (
        "state = 'counted', witness_id = NULL, witnessed_at = NULL, returned_reason = ''",
        "state = 'confirmed', returned_reason = ''",
        "witnessed_at = now()",
        f"witness_id = {office.chief.pk}",
    ):
        assert outcome(f"UPDATE finance_cashcount SET {again}") == "finance_cashcount_done"
    assert outcome("UPDATE finance_cashcount SET reason = 'x' WHERE id = %s", confirmed.pk) == "finance_cashcount_done"


def test_no_piece_is_added_later(office):
    made = counted(office)
    settle()
    more = "INSERT INTO finance_cashcountline (count_id, value, pieces) VALUES (%s, %s, %s)"
    assert outcome(more, made.pk, 50, 0) == "finance_cashcountline_pieces"
    assert outcome(more, made.pk, 100, 1) == "finance_cashcountline_once"
    outcome("SET CONSTRAINTS ALL IMMEDIATE")
    assert outcome(more, made.pk, 50, 1) == "finance_cashcount_sum"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_the_application_counts_and_witnesses_with_its_rights_alone(office, as_application):
    made = counted(office)
    settle()
    assert actions.confirm(made, by=office.accountant).state == State.CONFIRMED
    assert rights_on(CashCountLine) == "SELECT, INSERT"


def test_notes_and_coins_are_those_of_the_table():
    assert [one.name for one in shipped()] == [
        "100元", "50元", "20元", "10元", "5元", "1元", "5角", "1角", "5分", "2分", "1分",
    ]  # fmt: skip
    assert [one.fen for one in shipped()] == [10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 2, 1]
    # One that is taken from the table later still has a name on old counts.
    assert known(Decimal("0.25")).name == "0.25元"


def test_a_day_before_today_is_fine_while_the_book_has_nothing_later(office):
    yesterday = timezone.localdate() - timedelta(days=1)
    assert counted(office, on=yesterday).counted_on == yesterday


def test_a_count_that_agrees_keeps_no_reason(office):
    assert counted(office, reason="短款，已补").reason == ""


def test_a_closed_account_is_not_counted(office):
    spare = ledgers.add_account(office.account("1001"), code="100102", name="备用金", by=office.chief)
    ledgers.close_account(spare, by=office.chief)
    today = timezone.localdate()
    assert refused(actions.count, spare, pieces={}, on=today, by=office.cashier) == "not_cash"
    fresh = {"account_id": spare.pk, "book_position": 0, "book_balance": 0, "book_date": None, "counted": 0}
    assert outcome(*insert(office, **fresh)) == "finance_cashcount_cash"
