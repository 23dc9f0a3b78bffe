"""What posting stands on begins as nothing and moves by the right steps alone, whatever statement is sent."""

from datetime import date

import pytest
from django.db import connection

from finance.banks import actions as banks
from finance.ledger import actions
from finance.ledger.models import AccountHead, BookLine, ChainHead, Ledger, Posting, Voucher
from finance.ledger.verify import verify
from houqin.errors import Refused
from tests.finance.ledger_factories import BANK, CASH, YEAR, Office, books_of, register_bank, settle
from tests.finance.outcomes import outcome

pytestmark = pytest.mark.django_db

# A year that is over.
LAST = YEAR - 1
CLOSING = "UPDATE finance_period SET state = 'closed', closed_at = now(), closed_by_id = %s WHERE month = %s"
CARRYING = "UPDATE finance_ledger SET carried_through = %s"


@pytest.fixture
def office():
    office = Office()
    office.opening(1000)
    office.post(office.payment(100, on=date(YEAR, 1, 5)))
    return office


# Whoever is not the owner writes no head, and changes nothing that decides over postings.
NO_RIGHT = [
    "INSERT INTO finance_chainhead (ledger_id, position, hash, noted_at) SELECT id, 1, chain_head, now()"
    " FROM finance_ledger",
    "INSERT INTO finance_accounthead SELECT * FROM finance_accounthead",
    "UPDATE finance_accounthead SET balance = 1000000",
    "UPDATE finance_ledger SET opened_on = opened_on - 1",
    "UPDATE finance_ledger SET voucher_kinds = 'general', name = ''",
    "UPDATE finance_ledger SET chain_position = 0, chain_head = repeat('0', 64)",
    "UPDATE finance_period SET year = year - 1",
    "DELETE FROM finance_period WHERE month = 12",
    "UPDATE finance_account SET is_money = false",
    "UPDATE finance_account SET parent_id = NULL",
    "DELETE FROM finance_account WHERE code = '1212'",
    "DELETE FROM finance_voucher",
    "DELETE FROM finance_ledger",
    "DELETE FROM finance_bankaccount",
]


@pytest.mark.parametrize("statement", NO_RIGHT)
def test_the_application_writes_no_heads_and_moves_no_ground(as_application, statement):
    assert outcome(statement) == "no right"


def test_the_application_marks_no_voucher_as_posted(office, as_application):
    voucher = office.reviewed(office.payment(5))
    assert outcome("UPDATE finance_voucher SET state = 'posted' WHERE id = %s", voucher.pk) == "no right"
    actions.post(voucher, by=office.chief)
    assert Voucher.objects.get(pk=voucher.pk).state == "posted"


VOUCHER = """
    INSERT INTO finance_voucher (kind, date, attachments, state, summary, total, returned_reason, source_kind, key,
        search_text, ledger_id, prepared_by_id, school_id)
    SELECT kind, '2026-05-05', 0, 'draft', 'x', 0, '', '', gen_random_uuid(), '', ledger_id, prepared_by_id, %s
    FROM finance_voucher LIMIT 1
"""


@pytest.mark.parametrize("who", ["owner", "application"])
def test_a_voucher_is_of_the_school_of_its_books(office, request, who):
    settle()
    if who == "application":
        request.getfixturevalue("as_application")
    assert outcome(VOUCHER, office.central.pk) == "finance_voucher_other_school"
    assert outcome(VOUCHER, office.campus.pk) == "done"


def test_a_voucher_of_another_school_than_its_books_is_found(office):
    settle()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE finance_voucher DISABLE TRIGGER finance_voucher_school")
        cursor.execute(VOUCHER + " RETURNING id", [office.central.pk])
        made = cursor.fetchone()[0]
    problem = verify(office.ledger)
    assert (problem.table, problem.row) == ("finance_voucher", made)


PERIOD = "INSERT INTO finance_period (ledger_id, year, month, state, closed_at, closed_by_id) SELECT id, "
BY = "FROM finance_ledger"
LEDGER = """
    INSERT INTO finance_ledger (school_id, kind, name, year_opened, opened_on, opened_by_id, voucher_kinds,
        lines_per_page, carried_through, chain_position, chain_head)
    SELECT school_id, 'canteen', name, {year}, '2026-01-01', opened_by_id, 'three', 20, {carried}, {place}, {head}
    FROM finance_ledger
"""
NOTHING = {"year": 2026, "carried": "NULL", "place": 0, "head": "repeat('0', 64)"}
COLUMNS = (
    "ledger_id, code, name, full_name, counter_label, parent_id, half, category, normal, use, is_leaf, is_money,"
    " never_negative, bound_book, closed, name_pinyin, search_text"
)
ACCOUNT = f"INSERT INTO finance_account ({COLUMNS}) SELECT {COLUMNS} FROM finance_account WHERE code = '{{like}}'"


def account(like, **changed):
    """A statement that copies an account with some columns changed."""
    columns = [f"({changed[name]}) AS {name}" if name in changed else name for name in COLUMNS.split(", ")]
    return ACCOUNT.format(like=like).replace(f"SELECT {COLUMNS}", f"SELECT {', '.join(columns)}")


STEPS = [
    (PERIOD + f"2027, 2, 'open', NULL, NULL {BY}", "finance_period_follows"),
    (PERIOD + f"2025, 12, 'open', NULL, NULL {BY}", "finance_period_follows"),
    (PERIOD + f"2027, 1, 'closed', now(), opened_by_id {BY}", "finance_period_begins_open"),
    (PERIOD + f"2028, 1, 'open', NULL, NULL {BY}", "finance_period_too_early"),
    (PERIOD + f"2027, 1, 'open', NULL, NULL {BY}", "done"),
    (LEDGER.format(**NOTHING | {"place": 7}), "finance_ledger_not_empty"),
    (LEDGER.format(**NOTHING | {"head": "repeat('1', 64)"}), "finance_ledger_not_empty"),
    (LEDGER.format(**NOTHING | {"carried": 2026}), "finance_ledger_not_empty"),
    (LEDGER.format(**NOTHING | {"year": 2025}), "finance_ledger_not_empty"),
    (LEDGER.format(**NOTHING), "done"),
    (account("100101", code="'100109'", never_negative="false"), "finance_account_money"),
    (account("100101", code="'100109'", bound_book="false"), "finance_account_money"),
    (account("100101", code="'100109'", is_money="false", never_negative="false"), "finance_account_bound"),
    (account("1218", code="'1299'", is_money="true"), "finance_account_money"),
    (account("100101", code="'100109'", parent_id="NULL::bigint"), "finance_account_place"),
    (account("100101", code="'120109'"), "finance_account_place"),
    (account("500102", code="'500109'", category="'income'"), "finance_account_place"),
    (account("500102", code="'50010201'", parent_id="id"), "finance_account_place"),
    (account("100101", code="'100109'", use="'no'"), "finance_account_place"),
    (account("100101", code="'100109'"), "done"),
    ("UPDATE finance_account SET is_leaf = true WHERE code = '1001'", "finance_account_fixed"),
]


@pytest.mark.parametrize("who", ["owner", "application"])
@pytest.mark.parametrize(("statement", "rule"), STEPS)
def test_rows_begin_as_nothing_in_their_place(office, request, who, statement, rule):
    settle()
    if who == "application":
        request.getfixturevalue("as_application")
    assert outcome(statement) == rule


def test_a_new_account_has_its_head_at_nothing(office, as_application):
    assert outcome(account("100101", code="'100109'")) == "done"
    head = AccountHead.objects.get(account__code="100109")
    assert (head.ledger_id, head.position, head.balance, head.last_date) == (office.ledger.pk, 0, 0, None)


def test_closing_a_month_by_hand_strikes_its_books_and_notes_the_head(office, as_application):
    assert outcome(CLOSING, office.chief.pk, 1) == "done"
    kinds = list(BookLine.objects.order_by("page", "line").values_list("kind", flat=True))
    assert kinds == ["opening", "entry", "month_total", "year_total"]
    head = ChainHead.objects.get()
    assert (head.position, head.hash) == (2, Posting.objects.get(position=2).hash)
    assert office.account(CASH).closed_months.get(month=1).balance == 900


def test_a_year_is_carried_forward_by_hand_as_it_should_or_not_at_all(office, as_application):
    for month in range(1, 13):
        assert outcome(CLOSING, office.chief.pk, month) == "done"
    assert outcome(CARRYING, YEAR) == "finance_ledger_results_left"


def test_no_year_is_left_out(as_application):
    office = Office(year=LAST)
    office.opening(1000)
    office.close_through(12, LAST)
    assert outcome(f"{CARRYING} WHERE id = %s", LAST + 1, office.ledger.pk) == "finance_ledger_year_open"
    assert outcome(f"{CARRYING} WHERE id = %s", LAST, office.ledger.pk) == "done"
    assert BookLine.objects.filter(ledger=office.ledger, kind="opening", year=LAST + 1).count() == 1
    assert outcome(f"{CARRYING} WHERE id = %s", LAST - 1, office.ledger.pk) == "finance_ledger_carried"
    assert verify(books_of(office)) is None


def test_the_application_can_do_all_that_it_should(as_application):
    """The life of a set of books, with no more rights than the running application has."""
    office = Office(year=LAST)
    chief = office.chief
    central = actions.open_ledger(office.central, kind="main", year=LAST, by=chief)
    added = actions.add_account(office.account("1214"), code="121401", name="张三", by=chief)
    actions.rename_account(added, name="李四", by=chief)
    actions.reopen_account(actions.close_account(added, by=chief), by=chief)
    bank = register_bank(central.accounts.select_related("ledger__school").get(code=BANK), by=chief)
    banks.close(bank, closed_on=date(LAST, 1, 1), reason="销户", by=chief)
    office.opening(1000)
    wrong = office.post(office.payment(100, on=date(LAST, 2, 5)))
    actions.correct(wrong, lines=office.paid(90), prepared_by=office.accountant, by=chief, date=date(LAST, 2, 6))
    with pytest.raises(Refused):
        office.post(office.payment(10_000, on=date(LAST, 3, 1)))
    actions.void(Voucher.objects.get(ledger=office.ledger, state="reviewed"), by=chief)
    assert actions.note_chain_heads() == 2
    assert actions.note_chain_heads() == 0
    office.close_through(11, LAST)
    actions.open_year(office.ledger, by=chief)
    office.close_through(12, LAST)
    actions.carry_forward(office.ledger, LAST, by=chief)
    settle()
    assert {verify(ledger) for ledger in Ledger.objects.all()} == {None}


def test_policies_do_not_hide_vouchers(as_application, office):
    """The policy is about writing: who reads what is asked of roles."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM finance_voucher")
        assert cursor.fetchone() == (2,)
