"""The book of any account (明细账): a month of it, page by page, with the balance after each entry.

Entries come by date, as an office reads them; late vouchers of an open month stand where they belong. A page is found
by key. Its first balance comes along in the page's own signed address, so that no page sums those before it; only when
something was posted since is the month summed up to there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import connection

from finance.books import figures, months
from finance.books.figures import Amount
from finance.books.months import Sums

PAGE = 50
_SALT = "finance.books.subsidiary"

# A few entries of each account by index, then of all together; opening balances are no entries here.
_ROWS = """
    SELECT entry.id, entry.account_id, entry.date, entry.summary, entry.counter, entry.debit, entry.credit,
        posting.kind, posting.number, posting.voucher_id
    FROM unnest(%(accounts)s::bigint[]) AS wanted (account)
    CROSS JOIN LATERAL (
        SELECT * FROM finance_entry
        WHERE account_id = wanted.account AND date BETWEEN %(first)s AND %(last)s
            AND (date, id) {beyond} (%(date)s, %(id)s)
        ORDER BY date {order}, position {order} LIMIT %(limit)s
    ) AS entry
    JOIN finance_posting AS posting ON posting.id = entry.posting_id
    WHERE posting.kind <> 'opening'
    ORDER BY entry.date {order}, entry.id {order} LIMIT %(limit)s
"""
_UP_TO = """
    SELECT coalesce(sum(entry.debit - entry.credit), 0)
    FROM finance_entry AS entry JOIN finance_posting AS posting ON posting.id = entry.posting_id
    WHERE entry.account_id = ANY(%(accounts)s) AND entry.date BETWEEN %(first)s AND %(date)s
        AND (entry.date, entry.id) <= (%(date)s, %(id)s) AND posting.kind <> 'opening'
"""
_STAMP = "SELECT coalesce(sum(position), 0) FROM finance_accounthead WHERE account_id = ANY(%(accounts)s)"


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry as a book shows it."""

    pk: int
    account: int
    date: date
    summary: str
    counter: str
    debit: Decimal
    credit: Decimal
    balance: Decimal
    word: str
    number: int
    voucher: int

    @property
    def is_red(self) -> bool:
        """Whether it is written in red."""
        return self.debit < 0 or self.credit < 0

    @property
    def side(self) -> str:
        """借, 贷 or 平."""
        return figures.side(self.balance)

    @property
    def shown_balance(self) -> Amount | None:
        """The balance without its sign, which the side tells."""
        return figures.amount(abs(self.balance))


@dataclass(frozen=True, slots=True)
class MonthPage:
    """A page of a month."""

    rows: list[Entered]
    sums: Sums
    before: str = ""
    after: str = ""

    @property
    def begins(self) -> bool:
        """Whether the month begins here."""
        return not self.before

    @property
    def ends(self) -> bool:
        """Whether the month ends here."""
        return not self.after


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a page stands: beyond this entry, in this direction, with this balance there."""

    backwards: bool
    date: date
    id: int
    balance: Decimal
    stamp: int

    def address(self, key: str) -> str:
        parts = [self.backwards, self.date.isoformat(), self.id, str(self.balance), self.stamp, key]
        return signing.dumps(parts, salt=_SALT)


def _read_address(address: str, key: str) -> _Cursor | None:
    """Return the cursor of an address; None for a broken one, or another book's."""
    try:
        backwards, on, pk, balance, stamp, of = signing.loads(address, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return _Cursor(bool(backwards), date.fromisoformat(on), pk, Decimal(balance), stamp) if of == key else None


def month_page(ledger: int, accounts: Sequence[int], year: int, month: int, address: str = "") -> MonthPage:
    """Return a page of a month of some accounts together. Three queries, or four when something was posted since."""
    sums = months.sums_of(ledger, year, month, accounts)
    key = f"{year}-{month}:{','.join(map(str, sorted(accounts)))}"
    values: dict[str, Any] = {
        "accounts": list(accounts),
        "first": months.first_day(year, month),
        "last": months.last_day(year, month),
        "limit": PAGE + 1,
    }
    cursor = _read_address(address, key) if address else None
    with connection.cursor() as database:
        database.execute(_STAMP, values)
        stamp = int(database.fetchone()[0])
        if cursor is None:
            cursor = _Cursor(False, values["first"], 0, sums.opening, stamp)
        elif cursor.stamp != stamp:
            cursor = _Cursor(cursor.backwards, cursor.date, cursor.id, _balance_at(cursor, values, sums), stamp)
        order, beyond = ("DESC", "<") if cursor.backwards else ("ASC", ">")
        database.execute(_ROWS.format(order=order, beyond=beyond), values | {"date": cursor.date, "id": cursor.id})
        found = database.fetchall()
    more, found = len(found) > PAGE, found[:PAGE]
    return _page(found, more, cursor, sums, key)


def _balance_at(cursor: _Cursor, values: dict[str, Any], sums: Sums) -> Decimal:
    """Return the balance at a cursor that is out of date; a backward one stands before its entry."""
    with connection.cursor() as database:
        database.execute(_UP_TO, values | {"date": cursor.date, "id": cursor.id - 1 if cursor.backwards else cursor.id})
        return sums.opening + Decimal(database.fetchone()[0])


def _page(found: list[Any], more: bool, cursor: _Cursor, sums: Sums, key: str) -> MonthPage:
    start = cursor.balance
    if cursor.backwards:
        found = found[::-1]
        start -= sum((row[5] - row[6] for row in found), Decimal())
    rows: list[Entered] = []
    balance = start
    for pk, account, on, summary, counter, debit, credit, kind, number, voucher in found:
        balance += debit - credit
        name = figures.word(kind)
        rows.append(Entered(pk, account, on, summary, counter, debit, credit, balance, name, number, voucher))
    has_before = more if cursor.backwards else bool(cursor.id)
    has_after = True if cursor.backwards else more
    if not rows:
        return MonthPage(rows, sums)
    before = _Cursor(True, rows[0].date, rows[0].pk, start, cursor.stamp)
    after = _Cursor(False, rows[-1].date, rows[-1].pk, balance, cursor.stamp)
    return MonthPage(rows, sums, before.address(key) if has_before else "", after.address(key) if has_after else "")


@dataclass(frozen=True, slots=True)
class Standing:
    """A balance as books show it: its side, and the amount without a sign."""

    side: str
    amount: Amount | None


def standing(balance: Decimal) -> Standing:
    """Return a balance as books show it."""
    return Standing(figures.side(balance), figures.amount(abs(balance)))
