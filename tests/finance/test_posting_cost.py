"""A posting costs the same whatever was posted before it."""

import pytest
from django.db import connection

from finance.ledger import actions
from tests.finance.ledger_factories import Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office()


def rows_read():
    """How many rows of each table this transaction has read so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
        )
        return dict(cursor.fetchall())


def read_by_posting(office, voucher):
    before = rows_read()
    actions.post(voucher, by=office.chief)
    return {table: rows - before[table] for table, rows in rows_read().items() if rows > before[table]}


@pytest.mark.parametrize("known", [False, True])
def test_a_posting_reads_as_many_rows_at_the_end_of_a_month_as_at_its_beginning(office, known):
    """A table without statistics is the case that counts: nobody tells PostgreSQL which index is the better one."""
    office.opening(1000)
    vouchers = [office.reviewed(office.payment(1)) for _ in range(25)]
    first = [read_by_posting(office, voucher) for voucher in vouchers[:2]][-1]
    for voucher in vouchers[2:-2]:
        actions.post(voucher, by=office.chief)
    if known:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE finance_posting, finance_entry, finance_bookline")
    # A plan that was made before ANALYZE is made anew by the posting after it.
    actions.post(vouchers[-2], by=office.chief)
    assert read_by_posting(office, vouchers[-1]) == first
