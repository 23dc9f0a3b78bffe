"""Posting finds its voucher and the posting before it by key, also where nothing is known of the tables yet.

Without statistics any index is as good as another to PostgreSQL. Asked for the posting at the chain's end of the same
month and kind it took the index of numbers, and read all postings of the month for each new one; asked for one
reviewed voucher it took the index of those that wait, and read them all. Both questions leave it no choice now: only
the index of positions has the order, which nothing else may bring about by sorting, and no index is of the states that
an expression names.
"""

from importlib import import_module

from django.db import migrations

# How 0019 asks, and how it is asked now.
QUESTIONS = (
    (
        "SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$",
        "SET enable_hashjoin = off SET enable_mergejoin = off SET enable_sort = off SET jit = off AS $$",
    ),
    (
        """
            WHERE id = vouchers[step] AND ledger_id = book_id AND state = 'reviewed'
""",
        """
            WHERE id = vouchers[step] AND ledger_id = book_id AND state ~ '^reviewed$'
""",
    ),
    (
        """
            SELECT number FROM finance_posting
            WHERE ledger_id = book_id AND position = book.chain_position
                AND year = paper.year AND month = paper.month AND kind = paper.kind
""",
        """
            SELECT CASE WHEN year = paper.year AND month = paper.month AND kind = paper.kind THEN number END
            FROM finance_posting WHERE ledger_id = book_id AND position >= book.chain_position
            ORDER BY position LIMIT 1
""",
    ),
)


def _before() -> str:
    """Return `finance_post` as 0019 made it."""
    functions: str = import_module("finance.migrations.0019_shorter_lock").POSTING
    return functions[functions.index("CREATE OR REPLACE FUNCTION finance_post(") :]


def _after() -> str:
    """Return `finance_post` with these questions asked otherwise."""
    function = _before()
    for old, new in QUESTIONS:
        before, _, after = function.partition(old)
        function = before + new + after
    return function


class Migration(migrations.Migration):
    dependencies = [("finance", "0021_bank_reconciliations")]

    operations = [migrations.RunSQL(_after(), _before())]
