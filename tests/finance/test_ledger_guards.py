"""What is posted cannot be changed: not by the application's login, not by the owner of the tables."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from psycopg2 import Error
from psycopg2.errors import InsufficientPrivilege

from finance.books.models import ClosedMonth
from finance.ledger import actions
from finance.ledger.models import BookLine, ChainHead, Entry, Posting, Voucher, VoucherLine
from finance.ledger.verify import verify
from houqin.errors import Refused
from houqin.history.models import ActionLog
from tests.finance.ledger_factories import CASH, YEAR, Office, settle

pytestmark = pytest.mark.django_db

INSERTED = [Posting, Entry, BookLine, ChainHead, ClosedMonth]


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
    assert said == dict.fromkeys(POSTED, "finance_voucher_done")


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
            assert outcome(statement.format(t=table, c=column, all=names[table])) == rule, statement


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


def by_hand(office, voucher, *, settle_money=False):
    """What the posting function says to a voucher that came past the application."""
    return outcome("SELECT finance_post(%s, %s, %s, %s)", office.ledger.pk, [voucher.pk], office.chief.pk, settle_money)


def as_reviewed(office, voucher):
    """Mark it as reviewed, without anybody looking at it."""
    Voucher.objects.filter(pk=voucher.pk).update(state="submitted")
    Voucher.objects.filter(pk=voucher.pk).update(state="reviewed", reviewed_by=office.chief)
    return voucher


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("500102", 5, 0), (CASH, 0, 4)], "unbalanced"),
        # Both halves together balance, neither does by itself.
        ([("500102", 5, 0), (CASH, 0, 4), ("720101", 4, 0), ("800102", 0, 5)], "unbalanced"),
        ([("500102", 5, 0), ("800102", 0, 5)], "unbalanced"),
        ([], "unbalanced"),
        ([(CASH, 5, 0), ("2001", 0, 5)], "account_closed"),
        ([(CASH, 5, 0), ("100201", 0, 5)], "account_closed"),
        ([("5001", 5, 0), (CASH, 0, 5)], "account_not_leaf"),
        ([("500102", 5000, 0), (CASH, 0, 5000)], "negative_money"),
    ],
)
def test_the_posting_function_asks_everything_again(office, lines, code):
    made = [office.line(account, debit, credit, "x") for account, debit, credit in lines]
    assert by_hand(office, as_reviewed(office, office.draft(*made))) == f"finance_post_{code}"
    voucher = office.draft(*made)
    assert by_hand(office, voucher) == "finance_post_not_reviewed"


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(YEAR, 1, 31), "period_closed"),
        (date(YEAR - 1, 12, 31), "period_missing"),
        (date(YEAR + 1, 1, 1), "period_missing"),
        (date(YEAR, 2, 1), "date_goes_back"),
    ],
)
def test_the_posting_function_knows_its_months_and_days(office, on, code):
    """A voucher that came past the application and past the guards, into whatever month."""
    office.post(office.payment(1, on=date(YEAR, 2, 2)))
    voucher = office.payment(5, on=date(YEAR, 3, 3))
    settle()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE finance_voucher DISABLE TRIGGER finance_voucher_moves")
    Voucher.objects.filter(pk=voucher.pk).update(date=on)
    assert by_hand(office, as_reviewed(office, voucher)) == f"finance_post_{code}"


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
def test_every_voucher_begins_as_a_draft(office, as_application, state):
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


def test_money_is_short_between_a_write_off_and_its_correction_alone(office):
    short, back = (as_reviewed(office, one) for one in (office.payment(1500), office.receipt(1500)))
    posting = "SELECT finance_post(%s, %s, %s, true)"
    both = [short.pk, back.pk]
    assert outcome(posting, office.ledger.pk, both, office.chief.pk) == "finance_post_negative_money"
    assert outcome(posting, office.ledger.pk, both[::-1], office.chief.pk) == "done"


def test_months_close_one_after_the_other(office, as_application):
    closing = "UPDATE finance_period SET state = 'closed', closed_at = now(), closed_by_id = %s WHERE month = %s"
    assert outcome(closing, office.chief.pk, 7) == "finance_period_earlier_open"


def test_nothing_is_put_right_that_is_not_written_off_just_before(office):
    wrong = office.post(office.payment(5))
    right = as_reviewed(office, office.draft(*office.paid(6), corrects=wrong))
    assert by_hand(office, right) == "finance_post_not_written_off"


def test_opening_balances_stand_on_the_first_day(office):
    other = Office()
    lines = [other.line(CASH, 5, 0, "上年结转"), other.line("3001", 0, 5)]
    late = other.draft(*lines, kind="opening", on=date(YEAR, 5, 7))
    with pytest.raises(Refused) as refused:
        actions.submit(late, by=other.accountant)
    assert refused.value.code == "opening_date"
    assert by_hand(other, as_reviewed(other, late)) == "finance_post_opening_date"


def test_money_short_for_a_moment_is_not_short_in_the_end_even_by_hand(office):
    voucher = as_reviewed(office, office.payment(5000))
    assert by_hand(office, voucher, settle_money=True) == "finance_post_negative_money"


def test_nothing_is_posted_in_other_books(office):
    other = Office()
    voucher = as_reviewed(other, other.receipt(5))
    assert by_hand(office, voucher) == "finance_post_not_reviewed"


def test_a_month_does_not_close_over_a_draft(office):
    office.payment(5, on=date(YEAR, 2, 3))
    closing = "UPDATE finance_period SET state = 'closed', closed_at = now(), closed_by_id = %s WHERE month = 2"
    assert outcome(closing, office.chief.pk) == "finance_period_drafts_left"


def test_the_same_is_not_written_off_twice_even_by_hand(office):
    posting = office.post(office.payment(5))
    actions.reverse(posting, prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 3), reason="重复")
    draft = office.payment(5, on=date(YEAR, 3, 3))
    draft.reverses = posting
    draft.save(update_fields=["reverses"])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        office.reviewed(draft)
        cursor.execute("SELECT finance_post(%s, %s, %s, false)", [office.ledger.pk, [draft.pk], office.chief.pk])
    assert office.balance(CASH) == 900
