"""The book of any account (明细账): some months of it, page by page, with the balance after each entry.

Entries come by date, as an office reads them; late vouchers of an open month stand where they belong. A page is found
by key. Its first balance comes along in the page's own signed address, so that no page sums those before it; only when
something was posted since are the months summed up to there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import connection

from finance.books import figures, months
from finance.books.figures import Amount
from finance.books.months import Sums
from finance.books.tree import Node, Tree
from finance.ledger import wording
from finance.ledger.models import ZERO, Account

PAGE = 50
_SALT = "finance.books.subsidiary"

# A few entries of each account by index, then of all together. Opening balances are no entries here, and must not
# take the place of one among the few.
_ROWS = """
    SELECT entry.id, entry.account_id, entry.date, entry.summary, entry.counter, entry.debit, entry.credit,
        entry.kind, entry.number, entry.voucher_id
    FROM unnest(%(accounts)s::bigint[]) AS wanted (account)
    CROSS JOIN LATERAL (
        SELECT one.*, posting.kind, posting.number, posting.voucher_id
        FROM finance_entry AS one JOIN finance_posting AS posting ON posting.id = one.posting_id
        WHERE one.account_id = wanted.account AND one.date BETWEEN %(first)s AND %(last)s
            AND (one.date, one.id) {beyond} (%(date)s, %(id)s) AND posting.kind <> 'opening'
        ORDER BY one.date {order}, one.position {order} LIMIT %(limit)s
    ) AS entry
    ORDER BY entry.date {order}, entry.id {order} LIMIT %(limit)s
"""
# The last entry of each account by index, of the accounts that begin with a code.
_NEWEST = """
    SELECT max(last.date)
    FROM finance_account AS account
    CROSS JOIN LATERAL (
        SELECT date FROM finance_entry WHERE account_id = account.id AND date <= %(until)s
        ORDER BY date DESC, position DESC LIMIT 1
    ) AS last
    WHERE account.ledger_id = %(ledger)s AND account.code LIKE %(code)s AND account.is_leaf
"""
_UP_TO = """
    SELECT coalesce(sum(entry.debit - entry.credit), 0)
    FROM finance_entry AS entry JOIN finance_posting AS posting ON posting.id = entry.posting_id
    WHERE entry.account_id = ANY(%(accounts)s) AND entry.date BETWEEN %(first)s AND %(date)s
        AND (entry.date, entry.id) <= (%(date)s, %(id)s) AND posting.kind <> 'opening'
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Some months of a year."""

    year: int
    first: int
    last: int


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
class MonthEnd:
    """What a month came to, and the year so far: the two lines below its last entry."""

    month: int
    sums: Sums
    # Of the multi-column book: what each of its columns came to.
    columns: Sequence[Decimal] = ()
    year_columns: Sequence[Decimal] = ()


@dataclass(frozen=True, slots=True)
class BookPage:
    """A page of some months: its entries, and what months end on it."""

    rows: list[Entered]
    # The balance at the beginning of the months.
    opening: Decimal
    # By the place of the entry among the rows below which they stand.
    ends: dict[int, MonthEnd]
    before: str = ""
    after: str = ""

    @property
    def begins(self) -> bool:
        """Whether the book begins here."""
        return not self.before


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


def newest(account: Account, year: int | None) -> date | None:
    """Return the day of the last entry of an account and those below it, until the end of a year. One query."""
    until = date(year or date.max.year, 12, 31)
    with connection.cursor() as database:
        database.execute(_NEWEST, {"ledger": account.ledger_id, "code": f"{account.code}%", "until": until})
        found: date | None = database.fetchone()[0]
    return found


def book_page(ends: Mapping[int, MonthEnd], span: Span, leaves: Sequence[Node], address: str = "") -> BookPage:
    """Return a page of some months of some accounts together. One query, or two when something was posted since.

    `ends` has what each month came to, of `month_ends`.
    """
    opening, accounts = ends[span.first].sums.opening, [leaf.pk for leaf in leaves]
    stamp = sum(leaf.entries for leaf in leaves)
    key = f"{span.year}-{span.first}-{span.last}:{','.join(map(str, sorted(accounts)))}"
    values: dict[str, Any] = {
        "accounts": accounts,
        "first": months.first_day(span.year, span.first),
        "last": months.last_day(span.year, span.last),
        "limit": PAGE + 1,
    }
    cursor = _read_address(address, key) if address else None
    with connection.cursor() as database:
        if cursor is None:
            cursor = _Cursor(False, values["first"], 0, opening, stamp)
        elif cursor.stamp != stamp:
            cursor = _Cursor(cursor.backwards, cursor.date, cursor.id, _balance_at(cursor, values, opening), stamp)
        order, beyond = ("DESC", "<") if cursor.backwards else ("ASC", ">")
        database.execute(_ROWS.format(order=order, beyond=beyond), values | {"date": cursor.date, "id": cursor.id})
        found = database.fetchall()
    more, following = len(found) > PAGE, found[PAGE:]
    page = _page(found[:PAGE], more, cursor, opening, key)
    # The entry after the last one of the page: the one that a backward page stands before, or the one too many.
    after = cursor.date if cursor.backwards else following[0][2] if following else None
    page.ends.update(_ends(page.rows, after, ends))
    return page


def _ends(rows: Sequence[Entered], after: date | None, ends: Mapping[int, MonthEnd]) -> dict[int, MonthEnd]:
    """Return which months end below which rows; `after` is the day of the entry that follows them."""
    days = [row.date for row in rows] + ([after] if after else [])
    found = {}
    for number, row in enumerate(rows):
        if number + 1 == len(days) or days[number + 1].month != row.date.month:
            found[number] = ends[row.date.month]
    return found


def _balance_at(cursor: _Cursor, values: dict[str, Any], opening: Decimal) -> Decimal:
    """Return the balance at a cursor that is out of date; a backward one stands before its entry."""
    with connection.cursor() as database:
        database.execute(_UP_TO, values | {"date": cursor.date, "id": cursor.id - 1 if cursor.backwards else cursor.id})
        return opening + Decimal(database.fetchone()[0])


def _page(found: list[Any], more: bool, cursor: _Cursor, opening: Decimal, key: str) -> BookPage:
    start = cursor.balance
    if cursor.backwards:
        found = found[::-1]
        start -= sum((row[5] - row[6] for row in found), Decimal())
    rows: list[Entered] = []
    balance = start
    for pk, account, on, summary, counter, debit, credit, kind, number, voucher in found:
        balance += debit - credit
        name = wording.word(kind)
        rows.append(Entered(pk, account, on, summary, counter, debit, credit, balance, name, number, voucher))
    has_before = more if cursor.backwards else bool(cursor.id)
    has_after = True if cursor.backwards else more
    if not rows:
        return BookPage(rows, opening, {})
    before = _Cursor(True, rows[0].date, rows[0].pk, start, cursor.stamp)
    after = _Cursor(False, rows[-1].date, rows[-1].pk, balance, cursor.stamp)
    return BookPage(
        rows, opening, {}, before.address(key) if has_before else "", after.address(key) if has_after else ""
    )


def month_ends(ledger: int, groups: Sequence[Sequence[int]], span: Span, closed_through: int) -> dict[int, MonthEnd]:
    """Return what some months came to, for accounts that are grouped into columns. One query, or two for several."""
    leaves = [leaf for group in groups for leaf in group]
    start = months.sums([ledger], span.year, span.first, leaves).get(ledger, {})
    if span.first == span.last:
        moved = {leaf: {span.first - 1: (sums.debit, sums.credit)} for leaf, sums in start.items()}
    else:
        by_month = months.year_by_month(ledger, span.year, leaves, closed_through=closed_through)
        moved = {leaf: dict(enumerate(pairs)) for leaf, pairs in by_month.items()}
    sums = sum(start.values(), Sums())
    before = [
        sum((start[leaf].year_debit - start[leaf].year_credit for leaf in group if leaf in start), ZERO)
        for group in groups
    ]
    found = {}
    for month in range(span.first, span.last + 1):
        here = [[moved[leaf][month - 1] for leaf in group if leaf in moved] for group in groups]
        columns = [sum((debit - credit for debit, credit in group), ZERO) for group in here]
        if month > span.first:
            debit = sum((pair[0] for group in here for pair in group), ZERO)
            credit = sum((pair[1] for group in here for pair in group), ZERO)
            sums = Sums(sums.balance, debit, credit, sums.year_debit + debit, sums.year_credit + credit)
            before = [year + column for year, column in zip(before, columns, strict=True)]
        found[month] = MonthEnd(month, sums, columns, before)
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """A balance as books show it: its side, and the amount without a sign."""

    side: str
    amount: Amount | None


def standing(balance: Decimal) -> Standing:
    """Return a balance as books show it."""
    return Standing(figures.side(balance), figures.amount(abs(balance)))


def choices(tree: Tree, shown: Node, *, only_above: bool) -> list[Node]:
    """Return the accounts whose book may be chosen: those that ever moved, those above them, and the one shown."""
    return [
        node
        for node in tree.in_order()
        if node is shown or ((node.children or not only_above) and any(leaf.entries for leaf in node.leaves))
    ]
