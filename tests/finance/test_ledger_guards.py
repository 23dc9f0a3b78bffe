"""What is posted cannot be changed: not by the application's login, not by the owner of the tables."""

from datetime import date
from io import StringIO

import pytest
from django.db import connection, transaction
from psycopg2 import Error
from psycopg2.errors import InsufficientPrivilege

from finance.books.models import ClosedMonth
from finance.ledger import actions
from finance.ledger.models import BookLine, ChainHead, Entry, Posting, Voucher, VoucherLine
from finance.ledger.verify import verify
from houqin.errors import Refused
from houqin.history.models import ActionLog
from tests.finance.ledger_factories import YEAR, Office, settle
from tests.finance.outcomes import outcome

pytestmark = pytest.mark.django_db

INSERTED = [Posting, Entry, BookLine, ChainHead, ClosedMonth]


@pytest.fixture
def office():
    office = Office()
    office.opening(1000)
    office.post(office.payment(100, on=date(YEAR, 1, 5)))
    office.close_through(1)
    return office


def changing(table, column):
    return f"UPDATE {table} SET {column} = {column}"


WHOLE = [
    "DELETE FROM {table}",
    "DELETE FROM ONLY {table} WHERE id = (SELECT min(id) FROM {table})",
    "TRUNCATE {table} CASCADE",
    "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone",
    "MERGE INTO {table} t USING {table} s ON t.id = s.id WHEN MATCHED THEN DELETE",
    "MERGE INTO {table} t USING {table} s ON t.id = s.id WHEN MATCHED THEN UPDATE SET ledger_id = s.ledger_id",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET ledger_id = EXCLUDED.ledger_id",
    "SELECT * FROM {table} FOR UPDATE",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "ALTER TABLE {table} RENAME TO was_{table}",
    "DROP TRIGGER {table}_append_only ON {table}",
    "DROP TABLE {table} CASCADE",
    "CREATE RULE away AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE TRIGGER late BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION houqin_append_only()",
]
# What an owner may do to a table itself, and no application.
OWNERS = ("ALTER", "DROP", "CREATE", "SELECT")
ELSEWHERE = [
    "SET session_replication_role = replica",
    "TRUNCATE accounts_user CASCADE",
    "CREATE OR REPLACE FUNCTION houqin_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE OR REPLACE FUNCTION finance_ledger_refuse(broken text) RETURNS void LANGUAGE sql AS ''",
    "ALTER FUNCTION finance_check_period() OWNER TO CURRENT_USER",
    "ALTER TABLE finance_period DISABLE TRIGGER ALL",
    "ALTER TABLE finance_voucher DISABLE TRIGGER USER",
    "ALTER TABLE finance_voucherline DROP CONSTRAINT finance_voucherline_one_side",
    "TRUNCATE finance_period",
    "TRUNCATE finance_voucher CASCADE",
    "COPY finance_entry TO PROGRAM 'cat'",
]


def of(model):
    """All statements that would change what is in a table of the books."""
    table = model._meta.db_table
    changes = [changing(table, field.column) for field in model._meta.concrete_fields]
    return [*(one.format(table=table) for one in WHOLE), *changes]


@pytest.mark.parametrize("model", INSERTED)
def test_the_application_has_no_right_to_change_what_is_posted(as_application, model):
    assert {statement: outcome(statement) for statement in of(model)} == dict.fromkeys(of(model), "no right")


def test_the_application_has_no_right_to_take_the_guards_away(as_application):
    assert {statement: outcome(statement) for statement in ELSEWHERE} == dict.fromkeys(ELSEWHERE, "no right")


@pytest.mark.parametrize("model", INSERTED)
def test_the_owner_is_refused_as_well(office, model):
    settle()
    said = {one: outcome(one) for one in of(model) if not one.startswith(OWNERS)}
    assert len(said) > 10
    assert [one for one, what in said.items() if not what.endswith(("_append_only", "_no_truncate"))] == []


def test_nothing_of_the_books_goes_with_something_else(office):
    settle()
    assert outcome("TRUNCATE accounts_user CASCADE").endswith("_no_truncate")


def copied(table, columns, rows):
    """What the database says to COPY, the quickest way to write."""
    text = "".join("\t".join("\\N" if value is None else str(value) for value in row) + "\n" for row in rows)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", StringIO(text))
    except InsufficientPrivilege:
        return "no right"
    except Error as error:
        return error.diag.constraint_name or error.diag.message_primary
    return "done"


@pytest.mark.parametrize("model", [*INSERTED, VoucherLine])
def test_nothing_is_copied_over_what_is_there(office, model):
    """The same rows again are refused by their keys, a line more for a posted voucher by its state."""
    columns = [field.column for field in model._meta.concrete_fields]
    rows = list(model.objects.order_by("pk").values_list(*columns)[:1])
    fresh = [(row[0] + 10**6, *row[1:]) for row in rows]
    expected = "finance_voucherline_not_draft" if model is VoucherLine else f"{model._meta.db_table}_pkey"
    assert copied(model._meta.db_table, columns, rows) == expected
    assert copied(model._meta.db_table, columns, fresh) != "done"


POSTED = [field.column for field in Voucher._meta.concrete_fields if not field.column.startswith("search_")]
COLUMNS_OF = """
    SELECT string_agg(column_name, ', ') FROM information_schema.columns
    WHERE table_name = %s AND is_generated = 'NEVER'
"""
MERGES = [
    "MERGE INTO {t} t USING {t} s ON t.id = s.id WHEN MATCHED THEN UPDATE SET {c} = s.{c}",
    "INSERT INTO {t} ({all}) SELECT {all} FROM {t} ON CONFLICT (id) DO UPDATE SET {c} = EXCLUDED.{c}",
    "WITH s AS (UPDATE {t} SET {c} = {c} RETURNING 1) SELECT count(*) FROM s",
]


OTHERS = [
    ("finance_voucher", "attachments", "finance_voucher_done"),
    ("finance_voucherline", "summary", "finance_voucherline_not_draft"),
    ("finance_period", "closed_at", "finance_period_closed_for_good"),
]


@pytest.mark.parametrize("who", ["owner", "application"])
def test_nothing_of_a_posted_voucher_changes(office, request, who):
    settle()
    if who == "application":
        request.getfixturevalue("as_application")
    said = {column: outcome(changing("finance_voucher", column)) for column in POSTED}
    assert said == dict.fromkeys(POSTED, "no right" if who == "application" else "finance_voucher_done")


@pytest.mark.parametrize("who", ["owner", "application"])
def test_no_other_statement_gets_through_either(office, request, who):
    settle()
    names = {}
    with connection.cursor() as cursor:
        for table, _column, _rule in OTHERS:
            cursor.execute(COLUMNS_OF, [table])
            names[table] = cursor.fetchone()[0]
    if who == "application":
        request.getfixturevalue("as_application")
    for table, column, rule in OTHERS:
        for statement in MERGES:
            expected = "no right" if (who, table) == ("application", "finance_voucher") else rule
            assert outcome(statement.format(t=table, c=column, all=names[table])) == expected, statement


def test_a_line_more_for_a_posted_voucher_is_refused(office, as_application):
    line = "INSERT INTO finance_voucherline (voucher_id, position, summary, account_id, debit, credit)"
    for which in ("ASC", "DESC"):
        values = f"SELECT voucher_id, 99, 'x', account_id, 1, 0 FROM finance_voucherline ORDER BY id {which} LIMIT 1"
        assert outcome(f"{line} {values}") == "finance_voucherline_not_draft"


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
    "SELECT finance_save_heads(ARRAY[head]) FROM finance_accounthead AS head",
    "SELECT finance_book_write(head, 20, 'entry', NULL, current_date, 1, 0, 1) FROM finance_accounthead AS head",
    "SELECT finance_book_turn_page(head, 1) FROM finance_accounthead AS head",
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
    names = ["close_books", "make_head", "note_head", "post", "sum_closed_month", "turn_books"]
    assert [row[0] for row in found] == [f"finance_{name}" for name in names]
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
    assert (row.detail, row.user, row.school_id) == ("付字第1号 · 2026-03-02", office.chief, office.school.pk)
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


NEW_VOUCHER = """
    INSERT INTO finance_voucher (ledger_id, school_id, kind, date, attachments, state, summary, total, prepared_by_id,
        reviewed_by_id, returned_reason, source_kind, key, search_text)
    SELECT ledger_id, school_id, kind, %s, 1, %s, '', 0, prepared_by_id, %s, '', '', gen_random_uuid(), ''
    FROM finance_voucher WHERE id = %s
"""


@pytest.mark.parametrize("on", [date(YEAR, 1, 31), date(YEAR - 1, 12, 31), date(YEAR + 1, 1, 1)])
def test_no_draft_gets_into_a_month_that_is_not_open(office, as_application, on):
    voucher = office.payment(5, on=date(YEAR, 3, 3))
    assert outcome(NEW_VOUCHER, on, "draft", None, voucher.pk) == "finance_voucher_month_open"
    moved = "UPDATE finance_voucher SET date = %s WHERE id = %s"
    assert outcome(moved, on, voucher.pk) == "finance_voucher_month_open"
    assert outcome(moved, date(YEAR, 2, 1), voucher.pk) == "done"


@pytest.mark.parametrize("state", ["reviewed", "posted"])
def test_every_voucher_begins_as_a_draft(office, state):
    voucher = office.payment(5, on=date(YEAR, 3, 3))
    by = office.chief.pk
    assert outcome(NEW_VOUCHER, voucher.date, state, by, voucher.pk) == "finance_voucher_begins_as_draft"


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("SELECT finance_close_books(id, 2026, 3) FROM finance_ledger", "finance_books_month_open"),
        ("SELECT finance_turn_books(id, 2027) FROM finance_ledger", "finance_books_year_not_carried"),
        ("UPDATE finance_ledger SET carried_through = 2026", "finance_ledger_year_open"),
        ("UPDATE finance_ledger SET chain_head = repeat('1', 64)", "no right"),
        ("UPDATE finance_ledger SET chain_position = chain_position + 1", "no right"),
    ],
)
def test_the_application_strikes_and_turns_no_book_before_its_time(office, as_application, statement, rule):
    assert outcome(statement) == rule


def test_months_close_one_after_the_other(office, as_application):
    closing = "UPDATE finance_period SET state = 'closed', closed_at = now(), closed_by_id = %s WHERE month = %s"
    assert outcome(closing, office.chief.pk, 7) == "finance_period_earlier_open"


def test_a_month_does_not_close_over_a_draft(office):
    office.payment(5, on=date(YEAR, 2, 3))
    closing = "UPDATE finance_period SET state = 'closed', closed_at = now(), closed_by_id = %s WHERE month = 2"
    assert outcome(closing, office.chief.pk) == "finance_period_drafts_left"
