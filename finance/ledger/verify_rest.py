"""The second half of the check: what must agree with the chain once that is whole."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from finance.ledger.models import Ledger
from finance.ledger.problems import Problem

# Amounts, accounts and summaries of posted vouchers, as they were reviewed.
_PAPERS = """
    SELECT e.id, l.id, v.id FROM finance_posting p
    JOIN finance_voucher v ON v.id = p.voucher_id
    JOIN finance_entry e ON e.posting_id = p.id
    FULL JOIN (
        SELECT line.* FROM finance_voucherline line
        JOIN finance_posting posted ON posted.voucher_id = line.voucher_id AND posted.ledger_id = %s
    ) l ON l.voucher_id = p.voucher_id AND l.position = e.line
    WHERE (p.ledger_id = %s OR p.id IS NULL) AND (
        (e.account_id, e.debit, e.credit, e.summary) IS DISTINCT FROM (l.account_id, l.debit, l.credit, l.summary)
        OR (v.ledger_id, v.kind, v.date, v.attachments, v.prepared_by_id, v.reviewed_by_id, v.reverses_id,
            v.corrects_id, v.state) IS DISTINCT FROM (p.ledger_id, p.kind, p.date, p.attachments, p.prepared_by_id,
            p.reviewed_by_id, p.reverses_id, p.corrects_id, 'posted'))
    ORDER BY p.position, e.line LIMIT 1
"""
_ASTRAY = """
    SELECT e.id FROM finance_entry e LEFT JOIN finance_posting p ON p.id = e.posting_id AND p.ledger_id = e.ledger_id
    WHERE e.ledger_id = %s AND p.id IS NULL ORDER BY e.id LIMIT 1
"""
_LOST = """
    SELECT v.id FROM finance_voucher v LEFT JOIN finance_posting p ON p.voucher_id = v.id
    WHERE v.ledger_id = %s AND v.state = 'posted' AND p.id IS NULL ORDER BY v.id LIMIT 1
"""
_HEADS = "SELECT id, account_id, position, balance, last_date FROM finance_accounthead WHERE ledger_id = %s ORDER BY id"
_NOTED = "SELECT id, position, hash FROM finance_chainhead WHERE ledger_id = %s ORDER BY position"
_PERIODS = """
    SELECT id, state, EXISTS (
        SELECT 1 FROM finance_voucher v WHERE v.ledger_id = p.ledger_id
            AND v.state IN ('draft', 'submitted', 'reviewed') AND v.date >= make_date(p.year, p.month, 1)
            AND v.date < make_date(p.year, p.month, 1) + interval '1 month')
    FROM finance_period p WHERE ledger_id = %s ORDER BY year, month
"""


def problems(ledger: Ledger, books: Any) -> Iterator[Problem]:
    """Yield what does not agree with the recomputed `books`."""
    yield from _noted(ledger, books)
    if (ledger.chain_position, ledger.chain_head) != (books.position, books.head):
        what = f"{books.position} postings in the chain, should be {ledger.chain_position}, or their head differs"
        yield Problem("finance_ledger", ledger.pk, what)
    for (entry,) in _all(_ASTRAY, ledger.pk):
        yield Problem("finance_entry", entry, "belongs to no posting of its books")
    for (voucher,) in _all(_LOST, ledger.pk):
        yield Problem("finance_voucher", voucher, "is posted, but its posting is not there")
    for entry, line, voucher in _all(_PAPERS, ledger.pk, ledger.pk):
        table, row = ("finance_entry", entry) if entry else ("finance_voucherline", line)
        yield Problem(table, row, f"differs from what was reviewed (voucher {voucher})")
    yield from _heads(ledger, books)
    yield from _periods(ledger)


def _noted(ledger: Ledger, books: Any) -> Iterator[Problem]:
    """The noted heads must be in the chain: a cut or rewritten tail is seen by them."""
    for row, position, noted in _all(_NOTED, ledger.pk):
        if position > books.position:
            yield Problem("finance_chainhead", row, f"{position} postings were noted, {books.position} are there")
        elif books.hashes[position] != noted:
            yield Problem("finance_chainhead", row, f"posting {position} has another hash than was noted")


def _heads(ledger: Ledger, books: Any) -> Iterator[Problem]:
    known = set()
    for row, account, position, balance, last in _all(_HEADS, ledger.pk):
        known.add(account)
        stand = books.stands.get(account)
        expected = (0, 0, None) if stand is None else (stand.position, stand.balance, stand.last)
        if (position, balance, last) != expected:
            yield Problem("finance_accounthead", row, f"stands at {position}: {balance}, should at {expected[:2]}")
    for account in sorted(books.stands.keys() - known):
        yield Problem("finance_accounthead", None, f"account {account} has no head")


def _periods(ledger: Ledger) -> Iterator[Problem]:
    """Closed months come before open ones, and hold nothing that is not posted."""
    opened = False
    for row, state, has_drafts in _all(_PERIODS, ledger.pk):
        if state == "closed" and (opened or has_drafts):
            yield Problem("finance_period", row, "closed before an earlier one, or with vouchers left")
        opened = opened or state == "open"


def _all(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
