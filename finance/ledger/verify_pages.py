"""The third part of the check: write every bound book anew from its entries and compare it line by line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from finance.ledger.models import Ledger
from finance.ledger.problems import Problem
from finance.ledger.verify_state import NOTHING, rows

# (year, page, line, kind, entry, date, debit, credit, balance)
Line = tuple[int, int, int, str, int | None, date, Decimal, Decimal, Decimal]

_ENTRIES = """
    SELECT e.id, e.date, e.debit, e.credit, e.balance, p.kind = 'opening'
    FROM finance_entry e JOIN finance_posting p ON p.id = e.posting_id
    WHERE e.account_id = %s ORDER BY e.position
"""
_LINES = """
    SELECT id, ledger_id, year, page, line, kind, entry_id, date, debit, credit, balance FROM finance_bookline
    WHERE account_id = %s ORDER BY year, page, line, id
"""
_HEAD = """
    SELECT id, year, page, line, day_entries, month_entries, day_debit, day_credit, month_debit, month_credit,
        year_debit, year_credit
    FROM finance_accounthead WHERE account_id = %s
"""
_STRAY = """
    SELECT l.id FROM finance_bookline l JOIN finance_account a ON a.id = l.account_id
    WHERE (l.ledger_id = %(ledger)s OR a.ledger_id = %(ledger)s) AND (l.ledger_id <> a.ledger_id OR NOT a.bound_book)
    ORDER BY l.id LIMIT 1
"""


@dataclass(slots=True)
class Sums:
    """Entries of a span, and what they come to."""

    count: int = 0
    debit: Decimal = NOTHING
    credit: Decimal = NOTHING

    def add(self, debit: Decimal, credit: Decimal) -> None:
        """Count one more entry."""
        self.count += 1
        self.debit += debit
        self.credit += credit


@dataclass(slots=True)
class Pen:
    """Writes one bound book."""

    per_page: int
    year: int = 0
    page: int = 0
    line: int = 0
    balance: Decimal = NOTHING
    last: date = date.min
    day: Sums = field(default_factory=Sums)
    month: Sums = field(default_factory=Sums)
    total: Sums = field(default_factory=Sums)

    def put(
        self, kind: str, on: date, sums: Sums | None, balance: Decimal | None = None, entry: int | None = None
    ) -> Iterator[Line]:
        """Write a line, on the next page when only the line for carrying over is left on this one."""
        sums = sums or Sums()
        if self.line + 1 == self.per_page:
            carried = (self.last, self.month.debit, self.month.credit, self.balance)
            yield (self.year, self.page, self.per_page, "carried_over", None, *carried)
            self.page, self.line = self.page + 1, 1
            yield (self.year, self.page, 1, "brought_forward", None, *carried)
        self.line += 1
        after = self.balance if balance is None else balance
        yield (self.year, self.page, self.line, kind, entry, on, sums.debit, sums.credit, after)

    def end_day(self) -> Iterator[Line]:
        """Strike the day."""
        if self.day.count > 1:
            yield from self.put("day_total", self.last, self.day)
        self.day = Sums()

    def end_month(self) -> Iterator[Line]:
        """Strike the day and the month."""
        yield from self.end_day()
        if self.month.count:
            following = (self.last.replace(day=1) + timedelta(days=32)).replace(day=1)
            yield from self.put("month_total", following - timedelta(days=1), self.month)
            yield from self.put("year_total", following - timedelta(days=1), self.total)
        self.month = Sums()

    def turn_to(self, year: int) -> Iterator[Line]:
        """End books until the one of `year` is begun."""
        while self.year < year:
            yield from self.end_month()
            yield from self.put("next_year", date(self.year, 12, 31), None)
            self.year, self.page, self.line, self.total = self.year + 1, 1, 0, Sums()
            yield from self.put("opening", date(self.year, 1, 1), None)

    def enter(self, entry: tuple[Any, ...]) -> Iterator[Line]:
        """Write an entry, after what its date ends."""
        key, day, debit, credit, balance, is_opening = entry
        if self.page == 0:
            self.year, self.page = day.year, 1
        elif day.year > self.year:
            yield from self.turn_to(day.year)
        elif (day.year, day.month) > (self.last.year, self.last.month):
            yield from self.end_month()
        elif day > self.last:
            yield from self.end_day()
        if is_opening:
            yield from self.put("opening", day, None, balance, key)
        else:
            yield from self.put("entry", day, Sums(1, debit, credit), balance, key)
            for sums in (self.day, self.month, self.total):
                sums.add(debit, credit)
        self.balance, self.last = balance, day


def problems(ledger: Ledger) -> Iterator[Problem]:
    """Yield the lines of bound books, and the heads, that are not as the entries have them."""
    closed = set(ledger.periods.filter(state="closed").values_list("year", "month"))
    for (row,) in rows(_STRAY, {"ledger": ledger.pk}):
        yield Problem("finance_bookline", row, "stands in a book that is not of its books")
    for account in ledger.accounts.filter(bound_book=True).order_by("code").values_list("pk", flat=True):
        pen = Pen(ledger.lines_per_page)
        yield from _compare(account, _expected(pen, account, closed, ledger.carried_through))
        yield from _head(account, pen)


def _expected(pen: Pen, account: int, closed: set[tuple[int, int]], carried: int | None) -> Iterator[Line]:
    for entry in rows(_ENTRIES, [account]):
        yield from pen.enter(entry)
    if pen.page and (pen.last.year, pen.last.month) in closed:
        yield from pen.end_month()
    if pen.page and carried is not None:
        yield from pen.turn_to(carried + 1)


def _compare(account: int, expected: Iterator[Line]) -> Iterator[Problem]:
    before = 0
    for line, row in zip_longest(expected, rows(_LINES, [account])):
        if line is None:
            yield Problem("finance_bookline", row[0], "should not be there")
        elif row is None:
            yield Problem("finance_bookline", None, f"account {account}, page {line[0]}/{line[1]}, line {line[2]}")
        elif row[2:] != line:
            names = ("year", "page", "line", "kind", "entry", "date", "debit", "credit", "balance")
            wrong = [
                f"{n} {is_}, should be {due}" for n, is_, due in zip(names, row[2:], line, strict=True) if is_ != due
            ]
            yield Problem("finance_bookline", row[0], "; ".join(wrong))
        elif row[0] <= before:
            yield Problem("finance_bookline", row[0], "was not written after the line above it")
        before = row[0] if row else before


def _head(account: int, pen: Pen) -> Iterator[Problem]:
    sums = [amount for span in (pen.day, pen.month, pen.total) for amount in (span.debit, span.credit)]
    expected = (pen.year, pen.page, pen.line, pen.day.count, pen.month.count, *sums)
    for row in rows(_HEAD, [account]):
        if row[1:] != expected:
            yield Problem("finance_accounthead", row[0], "does not stand at the end of its bound book")
