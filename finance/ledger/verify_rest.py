"""The second part of the check: what must agree with the chain once that is whole."""

from collections.abc import Iterator

from finance.ledger.models import Ledger
from finance.ledger.problems import Problem
from finance.ledger.verify_state import NOTHING, Books, rows

# Amounts, accounts and summaries of posted vouchers, as they were reviewed.
_PAPERS = """
    SELECT e.id, l.id, v.id FROM finance_posting p
    JOIN finance_voucher v ON v.id = p.voucher_id
    JOIN finance_entry e ON e.posting_id = p.id
    FULL JOIN (
        SELECT line.* FROM finance_voucherline line
        JOIN finance_posting posted ON posted.voucher_id = line.voucher_id AND posted.ledger_id = %(ledger)s
    ) l ON l.voucher_id = p.voucher_id AND l.position = e.line
    WHERE (p.ledger_id = %(ledger)s OR p.id IS NULL) AND (
        (e.account_id, e.debit, e.credit, e.summary) IS DISTINCT FROM (l.account_id, l.debit, l.credit, l.summary)
        OR (v.ledger_id, v.kind, v.date, v.attachments, v.prepared_by_id, v.reviewed_by_id, v.reverses_id,
            v.corrects_id, v.state) IS DISTINCT FROM (p.ledger_id, p.kind, p.date, p.attachments, p.prepared_by_id,
            p.reviewed_by_id, p.reverses_id, p.corrects_id, 'posted'))
    ORDER BY p.position, e.line LIMIT 1
"""
_ASTRAY = """
    SELECT e.id FROM finance_entry e LEFT JOIN finance_posting p ON p.id = e.posting_id AND p.ledger_id = e.ledger_id
    WHERE e.ledger_id = %(ledger)s AND p.id IS NULL ORDER BY e.id LIMIT 1
"""
_LOST = """
    SELECT v.id FROM finance_voucher v LEFT JOIN finance_posting p ON p.voucher_id = v.id
    WHERE v.ledger_id = %(ledger)s AND v.state = 'posted' AND p.id IS NULL ORDER BY v.id LIMIT 1
"""
# Who may see and post it is asked of its school.
_ELSEWHERE = """
    SELECT v.id FROM finance_voucher v JOIN finance_ledger l ON l.id = v.ledger_id
    WHERE v.ledger_id = %(ledger)s AND v.school_id <> l.school_id ORDER BY v.id LIMIT 1
"""
# A write-off is its posting with every amount in red, line by line.
_RED = """
    SELECT red.posting_id, red.id FROM finance_posting p
    JOIN finance_entry red ON red.posting_id = p.id
    FULL JOIN (
        SELECT entry.*, off.id AS off_id FROM finance_entry entry
        JOIN finance_posting off ON off.reverses_id = entry.posting_id AND off.ledger_id = %(ledger)s
    ) was ON was.off_id = p.id AND was.line = red.line
    WHERE ((p.ledger_id = %(ledger)s AND p.reverses_id IS NOT NULL) OR was.id IS NOT NULL)
        AND (red.account_id, red.debit, red.credit) IS DISTINCT FROM (was.account_id, -was.debit, -was.credit)
    ORDER BY p.position, red.line LIMIT 1
"""
_TWICE = """
    SELECT p.id FROM finance_posting p
    WHERE p.ledger_id = %(ledger)s AND EXISTS (
        SELECT 1 FROM finance_posting earlier WHERE earlier.position < p.position AND earlier.ledger_id = p.ledger_id
            AND (earlier.reverses_id = p.reverses_id OR earlier.corrects_id = p.corrects_id
                OR earlier.voucher_id = p.voucher_id))
    ORDER BY p.position LIMIT 1
"""
# What only a bound book has stays at nothing in the heads of other accounts.
_HEADS = """
    SELECT h.id, h.account_id, h.position, h.balance, h.last_date, h.ledger_id,
        NOT a.bound_book AND (h.year, h.page, h.line, h.day_entries, h.month_entries, h.day_debit, h.day_credit,
            h.month_debit, h.month_credit, h.year_debit, h.year_credit) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    FROM finance_accounthead h JOIN finance_account a ON a.id = h.account_id
    WHERE a.ledger_id = %(ledger)s OR h.ledger_id = %(ledger)s ORDER BY h.id
"""
_HEADLESS = """
    SELECT a.id FROM finance_account a LEFT JOIN finance_accounthead h ON h.account_id = a.id
    WHERE a.ledger_id = %(ledger)s AND a.is_leaf AND h.id IS NULL ORDER BY a.id LIMIT 1
"""
_PERIODS = """
    SELECT id, year, month, state, EXISTS (
        SELECT 1 FROM finance_voucher v WHERE v.ledger_id = p.ledger_id
            AND v.state IN ('draft', 'submitted', 'reviewed')
            AND (extract(year FROM v.date), extract(month FROM v.date)) = (p.year, p.month))
    FROM finance_period p WHERE ledger_id = %(ledger)s ORDER BY year, month, id
"""
# Closing notes the head, so the last note is not behind the last posting of a closed month.
_UNNOTED = """
    SELECT p.year, p.month, max(p.position) FROM finance_posting p
    JOIN finance_period d ON d.ledger_id = p.ledger_id AND d.year = p.year AND d.month = p.month AND d.state = 'closed'
    WHERE p.ledger_id = %(ledger)s
        AND p.position > (SELECT coalesce(max(position), 0) FROM finance_chainhead WHERE ledger_id = %(ledger)s)
    GROUP BY p.year, p.month ORDER BY p.year, p.month LIMIT 1
"""


def problems(ledger: Ledger, books: Books) -> Iterator[Problem]:
    """Yield what does not agree with the recomputed `books`."""
    whose = {"ledger": ledger.pk}
    if (ledger.chain_position, ledger.chain_head) != (books.position, books.head):
        what = f"{books.position} postings in the chain, should be {ledger.chain_position}, or their head differs"
        yield Problem("finance_ledger", ledger.pk, what)
    for (entry,) in rows(_ASTRAY, whose):
        yield Problem("finance_entry", entry, "belongs to no posting of its books")
    for (voucher,) in rows(_LOST, whose):
        yield Problem("finance_voucher", voucher, "is posted, but its posting is not there")
    for (voucher,) in rows(_ELSEWHERE, whose):
        yield Problem("finance_voucher", voucher, "is of another school than its books")
    for entry, line, voucher in rows(_PAPERS, whose):
        table, row = ("finance_entry", entry) if entry else ("finance_voucherline", line)
        yield Problem(table, row, f"differs from what was reviewed (voucher {voucher})")
    for posting, entry in rows(_RED, whose):
        yield Problem("finance_posting", posting, f"is not what it writes off, in red (entry {entry})")
    for (posting,) in rows(_TWICE, whose):
        yield Problem("finance_posting", posting, "posts, writes off or puts right a second time")
    yield from _heads(ledger, books)
    yield from _periods(ledger, books)
    for year, month, position in rows(_UNNOTED, whose):
        yield Problem(
            "finance_chainhead", None, f"the head noted at closing {year}-{month:02d}, at {position} or later"
        )


def _heads(ledger: Ledger, books: Books) -> Iterator[Problem]:
    for row, account, position, balance, last, whose, is_odd in rows(_HEADS, {"ledger": ledger.pk}):
        stand = books.stands.get(account)
        expected = (0, NOTHING, None) if stand is None else (stand.position, stand.balance, stand.last)
        if (position, balance, last) != expected:
            yield Problem("finance_accounthead", row, f"stands at {position}: {balance}, should at {expected[:2]}")
        if whose != ledger.pk or is_odd:
            yield Problem("finance_accounthead", row, "is of other books, or keeps a book that it does not have")
    for (account,) in rows(_HEADLESS, {"ledger": ledger.pk}):
        yield Problem("finance_accounthead", None, f"account {account} has no head")


def _periods(ledger: Ledger, books: Books) -> Iterator[Problem]:
    """Months follow one another from the first on, closed ones before open ones; these hold nothing unposted."""
    opened, following, carried = False, None, ledger.carried_through or 0
    missing = {(year, month) for year, month, _kind in books.numbers}
    for row, year, month, state, has_drafts in rows(_PERIODS, {"ledger": ledger.pk}):
        if (year, month) != (following or (ledger.opened_on.year, ledger.opened_on.month)):
            yield Problem("finance_period", row, f"{year}-{month:02d} does not follow the month before it")
        if state not in ("open", "closed"):
            yield Problem("finance_period", row, f"is neither open nor closed: {state}")
        if state == "closed" and (opened or has_drafts):
            yield Problem("finance_period", row, "closed before an earlier one, or with vouchers left")
        if state != "closed" and year <= carried:
            yield Problem("finance_period", row, f"is open, though {carried} is carried forward")
        opened = opened or state != "closed"
        following = (year, month + 1) if month < 12 else (year + 1, 1)
        missing.discard((year, month))
    if carried and (following is None or following[0] <= carried):
        yield Problem("finance_ledger", ledger.pk, f"{carried} is carried forward, and has not all its months")
    for year, month in sorted(missing):
        yield Problem("finance_period", None, f"{year}-{month:02d}, which has postings")
