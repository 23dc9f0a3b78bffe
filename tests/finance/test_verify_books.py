"""Any change behind the application's back is found, and the first bad row named."""

import os
import random
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.utils import timezone

from finance.banks.models import BankAccount
from finance.books.models import ClosedMonth
from finance.ledger import actions
from finance.ledger.models import (
    Account,
    AccountHead,
    BookLine,
    ChainHead,
    Entry,
    Ledger,
    Period,
    Posting,
    Voucher,
    VoucherLine,
)
from finance.ledger.verify import verify
from finance.ledger.verify_history import gone
from tests.conftest import as_superuser, cloned_database
from tests.finance.ledger_factories import BANK, CASH, YEAR, Office, register_bank

# So many random edits; a longer run says more.
EDITS = int(os.environ.get("HOUQIN_RANDOM_EDITS", "1000"))

BOOKS = [
    *(Posting, Entry, BookLine, ChainHead, ClosedMonth, AccountHead, Ledger, Period, Account, Voucher, VoucherLine),
    BankAccount,
]
# What says nothing of the books: keys that nothing refers to, and what things are searched by.
SILENT = {
    *((model, "id") for model in (BookLine, ChainHead, ClosedMonth, AccountHead, VoucherLine)),
    *((model, name) for model in (Account, Voucher) for name in ("search_text", "search_pieces")),
    (Account, "name_pinyin"),
    (Period, "id"),
}


def fill(office):
    """Some months of books: several pages, a write-off, a correction, a transfer, a closed quarter."""
    office.opening(1000)
    for number in range(14):
        month, day = 1 + number // 6, 1 + number % 6
        office.post(office.payment(10 + number, on=date(YEAR, month, day)))
        if number % 6 == 3:
            office.post(office.receipt(200, on=date(YEAR, month, day)))
    transfer = [office.line("500104", 30, 0, "计提折旧"), office.line("160202", 0, 30)]
    posting = office.post(office.draft(*transfer, kind="transfer", on=date(YEAR, 3, 31)))
    actions.reverse(posting, prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 31), reason="重复")
    collected = [office.line(CASH, 50, 0, "收取住宿费"), office.line("210302", 0, 50)]
    office.post(office.draft(*collected, kind="receipt", on=date(YEAR, 3, 31)))
    handed_on = [office.line("210302", 50, 0, "缴入财政专户"), office.line(CASH, 0, 50)]
    office.post(office.draft(*handed_on, on=date(YEAR, 3, 31)))
    office.close_through(3)
    wrong = office.post(office.payment(77, on=date(YEAR, 4, 1)))
    actions.correct(wrong, lines=office.paid(70), prepared_by=office.accountant, by=office.chief, date=date(YEAR, 4, 2))
    # What waits is no part of the books, and does not disturb them.
    office.payment(5, on=date(YEAR, 4, 3))


def register(office):
    """The bank account through which the central school's money goes."""
    central = actions.open_ledger(office.central, kind="main", year=YEAR, by=office.chief)
    register_bank(central.accounts.select_related("ledger__school").get(code=BANK), by=office.chief)


@pytest.fixture(scope="module")
def written(django_db_setup, django_db_blocker):
    """Books in a database of their own, written as always; what comes then comes from a superuser."""
    template = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), cloned_database() as clone:
        connection.settings_dict["NAME"] = clone.name
        try:
            office = Office(lines_per_page=9)
            register(office)
            fill(office)
            actions.note_chain_heads()
            with as_superuser():
                yield office
        finally:
            connection.close()
            connection.settings_dict["NAME"] = template


@pytest.fixture
def office(written):
    """The books; whatever a test does to them is undone after it."""
    with transaction.atomic():
        yield written
        transaction.set_rollback(True)


def behind_the_back(statement, *params):
    """As a superuser with the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, params)
        changed = cursor.rowcount
        cursor.execute("SET LOCAL session_replication_role = origin")
    return changed


def found(statement, *params):
    """What is found after a change that is then undone."""
    before = transaction.savepoint()
    assert behind_the_back(statement, *params)
    problems = [*filter(None, map(verify, Ledger.objects.all())), *gone()]
    transaction.savepoint_rollback(before)
    return problems[0] if problems else None


def test_whole_books_say_nothing(written, capsys):
    call_command("verify_books")
    call_command("verify_books", school=written.school.code)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("asked", [{"school": "no-such"}, {"kind": "canteen"}])
def test_books_that_are_not_there_are_not_whole(written, asked):
    with pytest.raises(CommandError, match="no such books"):
        call_command("verify_books", **asked)


def test_the_command_names_the_first_bad_row(office):
    entry = Entry.objects.filter(account__code=CASH).order_by("position")[5]
    behind_the_back("UPDATE finance_entry SET balance = balance + 0.01 WHERE id = %s", entry.pk)
    with pytest.raises(CommandError, match=rf"{office.ledger}: finance_entry {entry.pk}: balance"):
        call_command("verify_books")


CHANGES = [
    ("finance_posting", "number = number + 1"),
    ("finance_posting", "attachments = attachments + 1"),
    ("finance_posting", "posted_at = posted_at + interval '1 microsecond'"),
    ("finance_posting", "hash = upper(hash)"),
    ("finance_posting", "format_version = 2"),
    ("finance_entry", "summary = summary || ' '"),
    ("finance_entry", "counter = ''"),
    ("finance_entry", "debit = debit - 0.01, credit = credit + 0.01"),
    ("finance_bookline", "page = page + 1"),
    ("finance_bookline", "balance = balance - 0.01"),
    ("finance_bookline", "kind = 'day_total'"),
    ("finance_closedmonth", "balance = balance + 0.01, debit = debit + 0.01"),
    ("finance_closedmonth", "year_credit = year_credit - 1"),
]


@pytest.mark.parametrize(("table", "change"), CHANGES)
def test_a_changed_byte_is_found_in_its_table(office, table, change):
    drop_rules()
    key = f"(SELECT id FROM {table} ORDER BY id OFFSET 7 LIMIT 1)"
    problem = found(f"UPDATE {table} SET {change} WHERE id = {key}")
    assert problem is not None
    # A text that only the chain covers is named by the posting that holds it.
    assert problem.table in (table, "finance_posting")


@pytest.mark.parametrize("which", ["min", "max"])
@pytest.mark.parametrize("table", ["posting", "entry", "bookline", "closedmonth", "voucherline", "accounthead"])
def test_a_missing_row_is_found(office, table, which):
    whose = {"voucherline": "WHERE voucher_id IN (SELECT voucher_id FROM finance_posting)"}.get(table, "")
    statement = f"DELETE FROM finance_{table} WHERE id = (SELECT {which}(id) FROM finance_{table} {whose})"
    assert found(statement) is not None


MISSING = [
    "DELETE FROM finance_voucher WHERE id = (SELECT min(voucher_id) FROM finance_posting)",
    "DELETE FROM finance_voucher WHERE state = 'draft'",
    "DELETE FROM finance_account WHERE code = '1212'",
    "DELETE FROM finance_ledger",
    "DELETE FROM finance_period WHERE month = 2",
    "DELETE FROM finance_period WHERE month = 4",
    "DELETE FROM finance_chainhead",
    "DELETE FROM history_actionlog WHERE code = 'finance.close_period'",
    "DELETE FROM finance_bankaccount",
    "DELETE FROM finance_bankaccountevent",
]


@pytest.mark.parametrize("statement", MISSING)
def test_missing_papers_are_found(office, statement):
    drop_rules()
    assert found(statement) is not None


def test_a_cut_tail_is_found_by_the_noted_head_alone(office):
    """Even by one who sets everything back as if the last posting had never been."""
    actions.note_chain_heads()
    last = Posting.objects.order_by("-position").first()
    cut_tail(office, last)
    problem = verify(office.ledger)
    assert (problem.table, problem.row) == ("finance_chainhead", ChainHead.objects.latest("position").pk)


def test_a_cut_tail_is_found_by_the_printed_head_when_the_noted_ones_are_gone_too(office):
    """The head that stands on the printed closing page is the last witness."""
    last = Posting.objects.order_by("-position").first()
    paper = ["--school", office.school.code, "--printed", f"{last.position}:{last.hash}"]
    call_command("verify_books", *paper)
    cut_tail(office, last)
    behind_the_back("DELETE FROM finance_chainhead WHERE position >= %s", last.position)
    assert verify(office.ledger) is None
    with pytest.raises(CommandError, match=rf"place {last.position} of the chain, which stands on paper"):
        call_command("verify_books", *paper)


def cut_tail(office, last):
    """Undo the last posting as if it had never been: its lines, pages, heads, voucher and their trail."""
    wrong = Posting.objects.get(position=last.position - 1)
    for table, column in (("finance_bookline", "entry_id"), ("finance_entry", "id")):
        behind_the_back(
            f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM finance_entry WHERE posting_id = %s)", last.pk
        )
    behind_the_back("DELETE FROM finance_posting WHERE id = %s", last.pk)
    unsaid = "SET state = 'voided', reviewed_by_id = NULL"
    behind_the_back(f"UPDATE finance_voucher {unsaid} WHERE id = %s", last.voucher_id)
    behind_the_back(f"UPDATE finance_voucherevent {unsaid} WHERE pgh_obj_id = %s", last.voucher_id)
    behind_the_back(
        "UPDATE finance_ledger SET chain_position = %s, chain_head = %s WHERE id = %s",
        wrong.position,
        wrong.hash,
        office.ledger.pk,
    )
    behind_the_back(
        "UPDATE finance_accounthead h SET position = e.position, balance = e.balance FROM finance_entry e"
        " WHERE e.account_id = h.account_id AND e.position = ("
        " SELECT max(position) FROM finance_entry WHERE account_id = h.account_id)"
    )
    # The day stands as after the posting before: the write-off of 77, the first entry of the page.
    behind_the_back(
        "UPDATE finance_accounthead SET line = line - 1, day_entries = 1, month_entries = 2, day_credit = -77,"
        " month_credit = 0, year_credit = year_credit - 70 WHERE page > 0"
    )


def test_a_rewritten_tail_is_found_by_the_noted_head(office):
    """Even by one who knows how the hashes are made."""
    from finance.ledger.verify import _POSTING_COLUMNS, _POSTINGS, fingerprint
    from finance.ledger.verify_state import rows

    last = Posting.objects.order_by("-position").first()
    behind_the_back("UPDATE finance_posting SET attachments = 9 WHERE id = %s", last.pk)
    behind_the_back("UPDATE finance_voucher SET attachments = 9 WHERE id = %s", last.voucher_id)
    behind_the_back("UPDATE finance_voucherevent SET attachments = 9 WHERE id = %s", last.voucher_id)
    found_rows = [row for row in rows(_POSTINGS, [office.ledger.pk]) if row[0] == last.pk]
    fresh = fingerprint(
        office.ledger.pk, found_rows[0][:_POSTING_COLUMNS], [row[_POSTING_COLUMNS:] for row in found_rows]
    )
    behind_the_back("UPDATE finance_posting SET hash = %s WHERE id = %s", fresh, last.pk)
    behind_the_back("UPDATE finance_ledger SET chain_head = %s WHERE id = %s", fresh, office.ledger.pk)
    noted = ChainHead.objects.get(position=last.position)
    problem = verify(office.ledger)
    assert (problem.table, problem.row) == ("finance_chainhead", noted.pk)
    behind_the_back("DELETE FROM finance_chainhead WHERE id = %s", noted.pk)
    assert verify(office.ledger) is None


def test_a_line_that_was_put_in_is_found(office):
    columns = "ledger_id, account_id, year, page, line, kind, date, debit, credit, balance"
    last = "SELECT max(id) FROM finance_bookline"
    statement = (
        f"INSERT INTO finance_bookline ({columns}) SELECT ledger_id, account_id, year, page, line + 1, 'day_total',"
        f" date, debit, credit, balance FROM finance_bookline WHERE id = ({last})"
    )
    assert found(statement).table == "finance_bookline"


def test_sums_noted_for_a_month_that_is_not_closed_are_found(office):
    columns = "ledger_id, account_id, year, opening, debit, credit, year_debit, year_credit, balance"
    statement = (
        f"INSERT INTO finance_closedmonth (month, {columns}) SELECT 4, {columns} FROM finance_closedmonth"
        " WHERE month = 3 LIMIT 1"
    )
    problem = found(statement)
    assert (problem.table, problem.what) == ("finance_closedmonth", "should not be there")


AROUND = [
    "UPDATE finance_accounthead SET balance = balance + 1 WHERE position > 0",
    "UPDATE finance_accounthead SET line = line + 1 WHERE page > 0",
    "UPDATE finance_accounthead SET year_debit = 1 WHERE page = 0",
    "UPDATE finance_ledger SET chain_position = chain_position + 1",
    "UPDATE finance_ledger SET carried_through = 2026",
    "UPDATE finance_voucherline SET debit = debit + 1 WHERE debit > 0",
    "UPDATE finance_voucher SET state = 'voided' WHERE id = (SELECT min(id) FROM finance_voucher)",
    "UPDATE finance_chainhead SET hash = repeat('0', 64)",
    "UPDATE finance_chainhead SET position = 0 WHERE id = (SELECT min(id) FROM finance_chainhead)",
    "UPDATE finance_chainhead SET noted_at = noted_at - interval '1 day'",
    "UPDATE finance_chainhead SET noted_at = noted_at + interval '1 day'",
    "UPDATE finance_period SET state = 'closed' WHERE month = 12",
    "UPDATE finance_period SET state = 'open' WHERE month = 3",
    "UPDATE finance_period SET closed_at = closed_at - interval '1 day' WHERE month = 3",
    "UPDATE finance_period SET closed_by_id = (SELECT max(id) FROM accounts_user) WHERE month = 3",
    "UPDATE finance_account SET code = '100109' WHERE code = '100101'",
    "UPDATE finance_account SET name = '现金' WHERE code = '100101'",
]


@pytest.mark.parametrize("statement", AROUND)
def test_what_stands_around_the_chain_is_held_to_it(office, statement):
    drop_rules()
    assert found(statement) is not None


def other_value(field, value, rng):
    """A value that the column could hold and does not."""
    if field.primary_key:
        return value + 10**9
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateTimeField):
        # A clock is believed to within some minutes where nothing but it tells a time.
        step = rng.choice([timedelta(days=1), -timedelta(hours=5)])
        exact = field.model is Posting and rng.random() < 0.7
        return (value or timezone.now()) + (timedelta(microseconds=1) if exact else step)
    if isinstance(field, models.DateField):
        return (value or date(YEAR, 1, 1)) + timedelta(days=rng.choice([-1, 1, 31]))
    if isinstance(value, UUID):
        return UUID(int=value.int ^ 1)
    if isinstance(value, Decimal):
        return rng.choice([value + Decimal("0.01"), -value or Decimal(1), value * 10 + 1, value - 100])
    if isinstance(value, int):
        return rng.choice([value + 1, value + 1000, 0 if value else 5])
    if value is None:
        return rng.choice([1, 2, 1000])
    if value and rng.random() < 0.7:
        at = rng.randrange(len(value))
        return value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]
    return value[:-1] if value else "x"


def test_random_edits_are_all_found(office):
    """Tables, columns and rows by lot: every column of every table of the books."""
    rng = random.Random(20260901)
    fields = {
        model: [field for field in model._meta.concrete_fields if (model, field.name) not in SILENT] for model in BOOKS
    }
    rows = {model: list(model.objects.order_by("pk").values()) for model in BOOKS}
    # Nobody has posted it yet: a draft may change, though not without a trace.
    rows[VoucherLine] = [row for row in rows[VoucherLine] if Posting.objects.filter(voucher=row["voucher_id"]).exists()]
    # Every column once, and then by lot.
    columns = rng.sample(every := [(model, field) for model in BOOKS for field in fields[model]], k=len(every))
    missed, done = [], 0
    drop_rules()
    while done < EDITS:
        model = rng.choice(BOOKS)
        model, field = columns.pop() if columns else (model, rng.choice(fields[model]))
        row = rng.choice(rows[model])
        value = row[field.attname]
        new = other_value(field, value, rng)
        if new == value:
            continue
        done += 1
        table = model._meta.db_table
        change = f'UPDATE {table} SET "{field.column}" = %s WHERE id = %s'
        if found(change, new, row["id"]) is None:
            missed.append((table, field.column, row["id"], value, new))
    assert missed == []
    assert verify(office.ledger) is None


RULES = """
    SELECT format('ALTER TABLE %I DROP CONSTRAINT IF EXISTS %I CASCADE', conrelid::regclass, conname)
    FROM pg_constraint WHERE contype IN ('c', 'f', 'u') AND conrelid::regclass::text LIKE 'finance\\_%'
    UNION ALL
    SELECT format('DROP INDEX IF EXISTS %I', indexrelid::regclass)
    FROM pg_index WHERE indisunique AND NOT indisprimary AND indrelid::regclass::text LIKE 'finance\\_%'
"""


def drop_rules():
    """Let through what only the checks of the database would stop, as a superuser might."""
    with connection.cursor() as cursor:
        cursor.execute(RULES)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


def test_other_books_are_not_disturbed(office):
    other = Office()
    other.opening(5)
    behind_the_back("UPDATE finance_entry SET balance = 0 WHERE ledger_id = %s", office.ledger.pk)
    assert verify(other.ledger) is None
    assert verify(office.ledger) is not None
    assert Ledger.objects.count() == 3
    assert AccountHead.objects.filter(ledger=other.ledger, position=1).count() == 2
