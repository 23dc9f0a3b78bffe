"""What is posted cannot be changed: not by the application's login, not by the owner of the tables."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from psycopg2.errors import InsufficientPrivilege

from finance.ledger import actions
from finance.ledger.models import BookLine, ChainHead, Entry, Posting, Voucher
from finance.ledger.verify import verify
from houqin.errors import Refused
from houqin.history.models import ActionLog
from tests.finance.ledger_factories import CASH, YEAR, Office, settle

pytestmark = pytest.mark.django_db

INSERTED = [Posting, Entry, BookLine, ChainHead]
COLUMNS = [(model._meta.db_table, field.column) for model in INSERTED for field in model._meta.concrete_fields]


@pytest.fixture
def office():
    office = Office()
    office.opening(1000)
    office.post(office.payment(100, on=date(YEAR, 1, 5)))
    office.close_through(1)
    return office


@pytest.fixture
def as_application(office, settings):
    """Grant the rights and go on as the application's role."""
    settle()
    with connection.cursor() as cursor:
        call_command("grant_rights")
        cursor.execute(f"SET ROLE {settings.DATABASE_APP_ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def outcome(statement, *params):
    """What the database says: "done", "no right" or the broken rule."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, params)
    except ProgrammingError as error:
        assert isinstance(error.__cause__, InsufficientPrivilege), error
        return "no right"
    except DatabaseError as error:
        return error.__cause__.diag.constraint_name or error.__cause__.diag.message_primary
    return "done"


def changing(table, column):
    return f"UPDATE {table} SET {column} = {column}"


WHOLE = [
    verb.format(table=model._meta.db_table)
    for model in INSERTED
    for verb in (
        "DELETE FROM {table}",
        "DELETE FROM ONLY {table} WHERE id = (SELECT min(id) FROM {table})",
        "TRUNCATE {table} CASCADE",
        "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone",
        "MERGE INTO {table} t USING {table} s ON t.id = s.id WHEN MATCHED THEN DELETE",
        "MERGE INTO {table} t USING {table} s ON t.id = s.id WHEN MATCHED THEN UPDATE SET ledger_id = s.ledger_id",
        "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET ledger_id = EXCLUDED.ledger_id",
        "SELECT * FROM {table} FOR UPDATE",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
    )
]


@pytest.mark.parametrize("statement", WHOLE + [changing(*column) for column in COLUMNS])
def test_the_application_has_no_right_to_change_what_is_posted(as_application, statement):
    assert outcome(statement) == "no right"


@pytest.mark.parametrize(
    "statement",
    [one for one in WHOLE if "DISABLE" not in one and "FOR UPDATE" not in one] + [changing(*col) for col in COLUMNS],
)
def test_the_owner_is_refused_as_well(office, statement):
    settle()
    assert outcome(statement).endswith(("_append_only", "_no_truncate"))


LINE = "ledger_id, account_id, year, page, line, kind, date, debit, credit, balance"
WRITING = [
    "INSERT INTO finance_posting SELECT * FROM finance_posting",
    "INSERT INTO finance_entry SELECT * FROM finance_entry",
    "INSERT INTO finance_entry (posting_id, ledger_id, account_id, line, position, date, summary, counter, debit,"
    " credit, balance) SELECT posting_id, ledger_id, account_id, 99, 99, date, summary, counter, debit, credit, balance"
    " FROM finance_entry LIMIT 1",
    f"INSERT INTO finance_bookline ({LINE}) SELECT {LINE.replace('page', 'page + 1')} FROM finance_bookline",
    "INSERT INTO finance_closedmonth SELECT * FROM finance_closedmonth",
    "UPDATE finance_closedmonth SET debit = debit + 1",
    "UPDATE finance_accounthead SET balance = balance + 1, position = position + 1",
    "DELETE FROM finance_accounthead",
    # the pieces of which the functions are made have no right of their own
    "SELECT finance_save_head(head) FROM finance_accounthead AS head",
    "SELECT finance_book_write(head, 20, 'entry', NULL, current_date, 1, 0, 1) FROM finance_accounthead AS head",
    "SELECT finance_post_one(book, (SELECT max(id) FROM finance_voucher), 1, true) FROM finance_ledger AS book",
]


@pytest.mark.parametrize("statement", WRITING)
def test_the_application_writes_no_books_but_by_posting(as_application, statement):
    assert outcome(statement) in ("no right", "finance_post_already_posted")


def test_functions_that_run_as_the_owner_look_nowhere_else_and_are_closed_to_others(office, as_application):
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT proname, array_to_string(proconfig, ' ') LIKE '%%search_path=public, pg_temp%%',
                EXISTS (SELECT 1 FROM aclexplode(proacl) WHERE grantee = 0), proacl IS NULL
            FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY proname
        """)
        found = cursor.fetchall()
    names = ["finance_close_books", "finance_post", "finance_sum_closed_month", "finance_turn_books"]
    assert [row[0] for row in found] == names
    assert all(fixed and not public and not unset for _name, fixed, public, unset in found)


def test_every_column_of_a_voucher_is_guarded():
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT array_agg(attname::text) FROM pg_attribute, pg_trigger
            WHERE tgname IN ('finance_voucher_guard', 'finance_voucher_state') AND attrelid = tgrelid
                AND attnum = ANY(tgattr)
        """)
        guarded = set(cursor.fetchone()[0])
    assert guarded == {field.column for field in Voucher._meta.concrete_fields if not field.generated}


def test_the_trail_has_the_number_that_was_given(office):
    posting = office.post(office.payment(5))
    row = ActionLog.objects.get(code="finance.post_voucher", record_id=posting.voucher_id)
    assert (row.detail, row.user, row.school_id) == (str(posting), office.chief, office.school.pk)
    assert (row.record_kind, row.record_name) == ("finance.voucher", str(posting.voucher))
    assert row.at == posting.posted_at


def test_a_refused_posting_leaves_no_trace_and_the_transaction_goes_on(office):
    voucher = office.reviewed(office.payment(5000))
    with transaction.atomic():
        with pytest.raises(Refused) as refused:
            actions.post(voucher, by=office.chief)
        voucher.refresh_from_db()
    assert (refused.value.code, voucher.state) == ("negative_money", "reviewed")
    assert not ActionLog.objects.filter(code="finance.post_voucher", record_id=voucher.pk).exists()


def test_the_application_posts_as_its_own_login(office, as_application):
    assert office.post(office.payment(5)).number == 1
    actions.close_period(office.period(2), by=office.chief)
    settle()
    assert verify(office.ledger) is None


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        (
            "UPDATE finance_period SET state = 'open', closed_at = NULL, closed_by_id = NULL WHERE state = 'closed'",
            "finance_period_closed_for_good",
        ),
        ("UPDATE finance_period SET year = year + 1 WHERE month = 12", "finance_period_fixed"),
        ("DELETE FROM finance_period", "finance_period_kept"),
        ("DELETE FROM finance_ledger", "finance_ledger_kept"),
        ("TRUNCATE finance_voucherline", "finance_voucherline_no_truncate"),
        ("DELETE FROM finance_voucher", "finance_voucher_kept"),
        ("DELETE FROM finance_voucherline", "finance_voucherline_not_draft"),
        ("UPDATE finance_voucherline SET debit = debit + 1", "finance_voucherline_not_draft"),
        ("UPDATE finance_voucher SET state = 'draft', reviewed_by_id = NULL", "finance_voucher_done"),
        ("UPDATE finance_voucher SET date = date + 1", "finance_voucher_done"),
        ("UPDATE finance_account SET code = code || '0'", "finance_account_fixed"),
        ("UPDATE finance_account SET never_negative = NOT never_negative", "finance_account_fixed"),
        ("UPDATE finance_account SET is_leaf = false WHERE code = '100101'", "finance_account_used"),
        ("UPDATE finance_ledger SET lines_per_page = 25", "finance_ledger_in_use"),
        ("UPDATE finance_ledger SET chain_position = 0", "finance_ledger_chain"),
        ("DELETE FROM finance_accounthead", "finance_accounthead_kept"),
    ],
)
def test_the_database_keeps_what_postings_stand_on(office, statement, rule):
    settle()
    assert outcome(statement) == rule


def test_a_voucher_is_not_changed_after_it_was_handed_in(office):
    voucher = actions.submit(office.payment(5), by=office.accountant)
    assert outcome("UPDATE finance_voucher SET total = 1 WHERE id = %s", voucher.pk) == "finance_voucher_not_draft"
    assert (
        outcome(
            "UPDATE finance_voucher SET state = 'posted', reviewed_by_id = %s WHERE id = %s",
            office.chief.pk,
            voucher.pk,
        )
        == "finance_voucher_not_reviewed"
    )
    own = "UPDATE finance_voucher SET state = 'reviewed', reviewed_by_id = prepared_by_id WHERE id = %s"
    assert outcome(own, voucher.pk) == "finance_voucher_two_people"
    line = "UPDATE finance_voucherline SET debit = debit + 1 WHERE voucher_id = %s AND debit > 0"
    assert outcome(line, voucher.pk) == "finance_voucherline_not_draft"


def test_a_month_does_not_close_over_a_draft(office):
    office.payment(5, on=date(YEAR, 2, 3))
    closing = "UPDATE finance_period SET state = 'closed', closed_at = now(), closed_by_id = %s WHERE month = 2"
    assert outcome(closing, office.chief.pk) == "finance_period_drafts_left"


def test_the_same_is_not_written_off_twice_even_by_hand(office):
    posting = office.post(office.payment(5))
    actions.reverse(posting, by=office.chief, date=date(YEAR, 3, 3), reason="重复")
    draft = office.payment(5, on=date(YEAR, 3, 3))
    draft.reverses = posting
    draft.save(update_fields=["reverses"])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        office.reviewed(draft)
        cursor.execute("SELECT finance_post(%s, %s, %s, false)", [office.ledger.pk, [draft.pk], office.chief.pk])
    assert office.balance(CASH) == 900
