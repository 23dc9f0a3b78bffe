"""Any change behind the application's back is found, and the first bad row named."""

import os
import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction

from finance.ledger import actions
from finance.ledger.models import AccountHead, BookLine, ChainHead, Entry, Ledger, Posting
from finance.ledger.verify import verify
from tests.finance.ledger_factories import CASH, YEAR, Office, settle

pytestmark = pytest.mark.django_db

# So many random edits; a longer run says more.
EDITS = int(os.environ.get("HOUQIN_RANDOM_EDITS", "200"))


def fill(office):
    """Some months of books: several pages, a write-off, a correction, transfers."""
    office.opening(1000)
    for number in range(24):
        month, day = 1 + number // 8, 1 + number % 8
        office.post(office.payment(10 + number, on=date(YEAR, month, day)))
        if number % 8 == 3:
            office.post(office.receipt(200, on=date(YEAR, month, day)))
    transfer = [office.line("500104", 30, 0, "计提折旧"), office.line("160202", 0, 30)]
    posting = office.post(office.draft(*transfer, kind="transfer", on=date(YEAR, 3, 31)))
    actions.reverse(posting, prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 31), reason="重复")
    wrong = office.post(office.payment(77, on=date(YEAR, 4, 1)))
    actions.correct(wrong, lines=office.paid(70), prepared_by=office.accountant, by=office.chief, date=date(YEAR, 4, 2))
    office.close_through(3)


@pytest.fixture
def office():
    office = Office(lines_per_page=9)
    fill(office)
    settle()
    return office


def behind_the_back(statement, *params):
    """As a superuser with the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, params)
        changed = cursor.rowcount
        cursor.execute("SET LOCAL session_replication_role = origin")
    return changed


def found(office, statement, *params):
    """What is found after a change that is then undone."""
    before = transaction.savepoint()
    assert behind_the_back(statement, *params)
    problem = verify(office.ledger)
    transaction.savepoint_rollback(before)
    return problem


def test_whole_books_say_nothing(office, capsys):
    call_command("verify_books")
    call_command("verify_books", school=office.school.code)
    assert capsys.readouterr() == ("", "")


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
]


def test_a_changed_byte_is_found_in_its_table(office):
    drop_rules()
    for table, change in CHANGES:
        key = f"(SELECT id FROM {table} ORDER BY id OFFSET 7 LIMIT 1)"
        problem = found(office, f"UPDATE {table} SET {change} WHERE id = {key}")
        assert problem is not None, change
        # A text that only the chain covers is named by the posting that holds it.
        assert problem.table in (table, "finance_posting"), change


def test_a_missing_row_is_found(office):
    for table in ("finance_posting", "finance_entry", "finance_bookline"):
        for which in ("min", "max"):
            statement = f"DELETE FROM {table} WHERE id = (SELECT {which}(id) FROM {table})"
            assert found(office, statement) is not None, statement


def test_a_cut_tail_is_found_by_the_noted_head_alone(office):
    """Even by one who sets everything back as if the last posting had never been."""
    actions.note_chain_heads()
    last = Posting.objects.order_by("-position").first()
    for table, column in (("finance_bookline", "entry_id"), ("finance_entry", "id")):
        behind_the_back(
            f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM finance_entry WHERE posting_id = %s)", last.pk
        )
    behind_the_back("DELETE FROM finance_posting WHERE id = %s", last.pk)
    behind_the_back(
        "UPDATE finance_ledger SET chain_position = %s, chain_head = %s WHERE id = %s",
        last.position - 1,
        last.previous_hash,
        office.ledger.pk,
    )
    problem = verify(office.ledger)
    assert (problem.table, problem.row) == ("finance_chainhead", ChainHead.objects.latest("position").pk)


def test_a_line_that_was_put_in_is_found(office):
    columns = "ledger_id, account_id, year, page, line, kind, date, debit, credit, balance"
    last = "SELECT max(id) FROM finance_bookline"
    statement = (
        f"INSERT INTO finance_bookline ({columns}) SELECT ledger_id, account_id, year, page, line + 1, 'day_total',"
        f" date, debit, credit, balance FROM finance_bookline WHERE id = ({last})"
    )
    assert found(office, statement).table == "finance_bookline"


AROUND = [
    "UPDATE finance_accounthead SET balance = balance + 1 WHERE position > 0",
    "UPDATE finance_accounthead SET line = line + 1 WHERE page > 0",
    "UPDATE finance_ledger SET chain_position = chain_position + 1",
    "UPDATE finance_voucherline SET debit = debit + 1 WHERE debit > 0",
    "UPDATE finance_voucher SET state = 'voided' WHERE id = (SELECT min(id) FROM finance_voucher)",
    "UPDATE finance_chainhead SET hash = repeat('0', 64)",
    "UPDATE finance_period SET state = 'closed' WHERE month = 12",
    "UPDATE finance_account SET code = '100109' WHERE code = '100101'",
]


def test_what_stands_around_the_chain_is_held_to_it(office):
    drop_rules()
    for statement in AROUND:
        assert found(office, statement) is not None, statement


def other_value(field, value, rng):
    """A value that the column could hold and does not."""
    if field.primary_key:
        return value + 10**9
    if value is None:
        return rng.choice([1, 2, 10**6]) if not isinstance(field, models.DateField) else date(YEAR, 1, 1)
    if isinstance(value, datetime):
        return value + timedelta(microseconds=rng.choice([1, 10**6, -(10**9)]))
    if isinstance(value, date):
        return value + timedelta(days=rng.choice([-1, 1, 31]))
    if isinstance(value, Decimal):
        return rng.choice([value + Decimal("0.01"), -value or Decimal(1), value * 10 + 1, value - 100])
    if isinstance(value, int):
        return rng.choice([value + 1, value + 1000, 0 if value else 5])
    if value and rng.random() < 0.7:
        at = rng.randrange(len(value))
        return value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]
    return value[:-1] if value else "x"


def test_random_edits_are_all_found(office):
    """Rows and columns by lot. The key of a book's line says nothing, so it is left out."""
    rng = random.Random(20260901)
    fields = [
        (model, field)
        for model in (Posting, Entry, BookLine)
        for field in model._meta.concrete_fields
        if (model, field.name) != (BookLine, "id")
    ]
    keys = {
        model: list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in (Posting, Entry, BookLine)
    }
    missed = []
    drop_rules()
    for _number in range(EDITS):
        model, field = rng.choice(fields)
        key = rng.choice(keys[model])
        table = model._meta.db_table
        value = model.objects.values_list(field.attname, flat=True).get(pk=key)
        new = other_value(field, value, rng)
        if new == value:
            continue
        if found(office, f'UPDATE {table} SET "{field.column}" = %s WHERE id = %s', new, key) is None:
            missed.append((table, field.column, key, value, new))
    assert missed == []
    assert verify(office.ledger) is None


RULES = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype IN ('c', 'f', 'u') AND conrelid = ANY(%s::regclass[])
"""


def drop_rules():
    """Let through what only the checks of the database would stop, as a superuser might."""
    tables = ["posting", "entry", "bookline", "accounthead", "period", "voucher", "voucherline", "chainhead"]
    with connection.cursor() as cursor:
        cursor.execute(RULES, [[f"finance_{table}" for table in tables]])
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')


def test_other_books_are_not_disturbed(office):
    other = Office()
    other.opening(5)
    behind_the_back("UPDATE finance_entry SET balance = 0 WHERE ledger_id = %s", office.ledger.pk)
    assert verify(other.ledger) is None
    assert verify(office.ledger) is not None
    assert Ledger.objects.count() == 2
    assert AccountHead.objects.filter(ledger=other.ledger, position=1).count() == 2
