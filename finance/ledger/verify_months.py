"""The fourth part of the check: the sums noted when months were closed, and results carried forward."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from finance.ledger.models import Ledger
from finance.ledger.problems import Problem
from finance.ledger.verify_state import NOTHING, Books, Moved, rows

_COLUMNS = ("year", "month", "account", "opening", "debit", "credit", "year_debit", "year_credit", "balance")
_NOTED = """
    SELECT id, year, month, account_id, opening, debit, credit, year_debit, year_credit, balance
    FROM finance_closedmonth WHERE ledger_id = %s ORDER BY year, month, account_id, id
"""
_STRAY = """
    SELECT m.id FROM finance_closedmonth m LEFT JOIN finance_account a ON a.id = m.account_id
    WHERE (m.ledger_id = %(ledger)s OR a.ledger_id = %(ledger)s) AND m.ledger_id IS DISTINCT FROM a.ledger_id
    ORDER BY m.id LIMIT 1
"""
_RESULTS = """
    SELECT id, code FROM finance_account
    WHERE ledger_id = %s AND is_leaf AND category IN ('income', 'expense', 'budget_income', 'budget_expense')
    ORDER BY code
"""


@dataclass(slots=True)
class Running:
    """An account as it goes from month to month."""

    balance: Decimal = NOTHING
    year: int = 0
    year_debit: Decimal = NOTHING
    year_credit: Decimal = NOTHING


def problems(ledger: Ledger, books: Books) -> Iterator[Problem]:
    """Yield noted sums that are not what the entries come to, and results left behind by a year carried forward."""
    for (row,) in rows(_STRAY, {"ledger": ledger.pk}):
        yield Problem("finance_closedmonth", row, "is of an account of other books")
    for due, row in zip_longest(_expected(ledger, books), rows(_NOTED, [ledger.pk])):
        if row is None:
            yield Problem("finance_closedmonth", None, f"account {due[2]}, {due[0]}-{due[1]:02d}")
        elif due is None or row[1:4] != due[:3]:
            # What stands before the one that is due should not be there; what stands behind it tells of a gap.
            is_extra = due is None or row[1:4] < due[:3]
            what = f"account {due[2]}, {due[0]}-{due[1]:02d}" if not is_extra else "should not be there"
            yield Problem("finance_closedmonth", row[0] if is_extra else None, what)
        elif row[1:] != due:
            pairs = zip(_COLUMNS, row[1:], due, strict=True)
            wrong = [f"{name} {is_}, should be {should}" for name, is_, should in pairs if is_ != should]
            yield Problem("finance_closedmonth", row[0], "; ".join(wrong))
    yield from _results(ledger, books)


def _expected(ledger: Ledger, books: Books) -> Iterator[tuple[Any, ...]]:
    """Yield what is noted of each closed month: every account that was ever moved, from its first month on."""
    running: dict[int, Running] = {}
    closed = ledger.periods.filter(state="closed").order_by("year", "month").values_list("year", "month")
    for year, month in list(closed):
        for account, stand in sorted(books.stands.items()):
            moved = stand.months.get((year, month), Moved())
            if account not in running and not (moved.opened or moved.debit or moved.credit):
                continue
            run = running.setdefault(account, Running())
            if run.year != year:
                run.year, run.year_debit, run.year_credit = year, NOTHING, NOTHING
            opening = run.balance + moved.opened
            run.balance = opening + moved.debit - moved.credit
            run.year_debit += moved.debit
            run.year_credit += moved.credit
            sums = (moved.debit, moved.credit, run.year_debit, run.year_credit)
            yield (year, month, account, opening, *sums, run.balance)


def _results(ledger: Ledger, books: Books) -> Iterator[Problem]:
    """Income and expense of a year that is carried forward are zero at its end."""
    if ledger.carried_through is None:
        return
    for account, code in rows(_RESULTS, [ledger.pk]):
        stand = books.stands.get(account)
        months = stand.months.items() if stand else ()
        left = sum(
            (one.opened + one.debit - one.credit for (year, _month), one in months if year <= ledger.carried_through),
            NOTHING,
        )
        if left:
            yield Problem(
                "finance_ledger", ledger.pk, f"{ledger.carried_through} is carried forward, {code} has {left}"
            )
