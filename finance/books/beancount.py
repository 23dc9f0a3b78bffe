"""Write a set of books in the language of Beancount, so that a program of others can judge it.

Transactions are written from the debits and credits of entries, the balances that must come out from what posting has
stored beside them: `bean-check` passes only when both agree. The amount of a line is debit less credit. Both halves of
the books stand in one file, the budget half under names of its own.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from finance.ledger.models import Account, Ledger
from finance.ledger.models.postings import Entry

CURRENCY = "CNY"
_ROOTS = {
    Account.Category.ASSET: "Assets",
    Account.Category.LIABILITY: "Liabilities",
    Account.Category.NET_ASSET: "Equity",
    Account.Category.INCOME: "Income",
    Account.Category.EXPENSE: "Expenses",
    Account.Category.BUDGET_INCOME: "Income:Budget",
    Account.Category.BUDGET_EXPENSE: "Expenses:Budget",
    Account.Category.BUDGET_BALANCE: "Equity:Budget",
}
_ENTRIES = """
    SELECT p.position, p.date, p.kind, p.number, p.hash, e.account_id, e.summary, e.debit, e.credit
    FROM finance_posting p JOIN finance_entry e ON e.posting_id = p.id
    WHERE p.ledger_id = %s ORDER BY p.position, e.line
"""
# The last balance of each month, of accounts whose dates never go back.
_MONTHS = """
    SELECT DISTINCT ON (e.account_id, date_trunc('month', e.date)) e.account_id, e.date, e.balance
    FROM finance_entry e JOIN finance_account a ON a.id = e.account_id
    WHERE a.ledger_id = %s AND a.is_money
    ORDER BY e.account_id, date_trunc('month', e.date), e.position DESC
"""


def name_of(account: Account) -> str:
    """Return what an account is called there: its codes, from the top account down."""
    tops = [account.code[:4]] if len(account.code) > 4 else []
    return ":".join([_ROOTS[Account.Category(account.category)], *tops, account.code])


def lines(ledger: Ledger) -> Iterator[str]:
    """Yield the lines of a ledger, read from one snapshot; a few thousand rows in memory at a time."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        accounts = {
            account.pk: account
            for account in Account.objects.filter(ledger=ledger, is_leaf=True).select_related("head").order_by("code")
        }
        names = {key: name_of(account) for key, account in accounts.items()}
        ends = Entry.objects.filter(ledger=ledger).order_by("date").values_list("date", flat=True)
        first, last = ends.first() or ledger.opened_on, ends.last() or ledger.opened_on
        yield f'option "title" {_quoted(str(ledger))}\n'
        yield f'option "operating_currency" "{CURRENCY}"\n\n'
        for key, account in accounts.items():
            yield f"{min(first, ledger.opened_on)} open {names[key]} {CURRENCY}\n  name: {_quoted(account.full_name)}\n"
        yield from _transactions(ledger, names)
        for key, day, balance in _rows(_MONTHS, ledger.pk):
            yield _balance(_month_after(day), names[key], balance)
        for key, account in accounts.items():
            yield _balance(last + timedelta(days=1), names[key], account.head.balance)


def _transactions(ledger: Ledger, names: dict[int, str]) -> Iterator[str]:
    for _position, group in groupby(_rows(_ENTRIES, ledger.pk), key=itemgetter(0)):
        entries = list(group)
        position, day, kind, number, head = entries[0][:5]
        yield f"\n{day} * {_quoted(entries[0][6])}\n"
        yield f'  position: {position}\n  voucher: "{kind}-{number}"\n  hash: "{head}"\n'
        for entry in entries:
            yield f"  {names[entry[5]]}  {entry[7] - entry[8]:.2f} {CURRENCY}\n"


def _balance(day: date, name: str, balance: Decimal) -> str:
    return f"\n{day} balance {name}  {balance:.2f} {CURRENCY}\n"


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _rows(sql: str, ledger: int) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, [ledger])
        yield from cursor
