"""What the check of the books keeps in mind while it walks the chain; it grows with accounts and months alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

NOTHING = Decimal("0.00")
BEGINNING = "0" * 64


def rows(sql: str, params: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, a few thousand in memory at a time; inside a transaction only."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        yield from cursor


@dataclass(slots=True)
class Moved:
    """What came into an account in a month: opening balances, debit and credit."""

    opened: Decimal = NOTHING
    debit: Decimal = NOTHING
    credit: Decimal = NOTHING


@dataclass(slots=True)
class Stand:
    """Where an account stands in the recomputation, and what each of its months moved."""

    position: int = 0
    balance: Decimal = NOTHING
    last: date | None = None
    months: dict[tuple[int, int], Moved] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Noted:
    """A head of the chain as it was noted."""

    row: int
    position: int
    hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Payment:
    """What a posting moved: of money, and of money beside the fees that are still to be paid in."""

    key: int
    reverses: int | None
    money: Decimal
    own: Decimal
    spends_fees: bool


@dataclass(slots=True)
class Books:
    """Where a whole ledger stands in the recomputation."""

    ledger: int
    opened_on: date
    noted: list[Noted]  # by position; those that the walk has passed are taken off
    position: int = 0
    head: str = BEGINNING
    entries: int = 0
    last_noted: Noted | None = None
    # The last number of each kind, of the months that have postings.
    numbers: dict[tuple[int, int, str], int] = field(default_factory=dict)
    stands: dict[int, Stand] = field(default_factory=dict)
    # Money accounts below zero, and the write-off since which: right only if the next posting puts that one right.
    below: set[int] = field(default_factory=set)
    short: tuple[int, int] | None = None
    # What the posting before wrote off.
    undone: int | None = None
    # Money that is there beside fees; whether there ever were any; and the write-off that the next one may put right.
    own: Decimal = NOTHING
    has_fees: bool = False
    written_off: Payment | None = None
