"""Recompute whole books from nothing, and name the first row that is not as it should be.

Shares no code with posting: what stands here is written from the format's description alone. The canonical text of a
posting, version 1, is UTF-8: a line for the posting and one for each entry, in the order of their lines, joined by line
feeds; fields are joined by "|", a missing key is 0, amounts have two decimals, texts are "length:text" in characters.

    houqin-ledger-1|hash before|ledger|position|posting|kind|year|month|number|date|voucher|attachments|prepared by|
        reviewed by|posted by|posted at (UTC, microseconds)|writes off|corrects
    line|entry|account|code|position in the account|date|debit|credit|balance|summary|counter accounts

The hash is the SHA-256 of that text in hexadecimal; the hash before the first posting is 64 zeros.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from finance.ledger import verify_pages, verify_rest
from finance.ledger.models import Ledger
from finance.ledger.problems import Problem

NOTHING = Decimal("0.00")
BEGINNING = "0" * 64

_POSTINGS = """
    SELECT p.id, p.position, p.kind, p.year, p.month, p.number, p.date, p.voucher_id, p.attachments, p.prepared_by_id,
        p.reviewed_by_id, p.posted_by_id, p.posted_at, p.reverses_id, p.corrects_id, p.previous_hash, p.hash,
        p.format_version,
        e.id, e.line, e.account_id, a.code, e.position, e.date, e.summary, e.counter, e.debit, e.credit, e.balance,
        e.ledger_id, a.half, a.is_money, a.never_negative, a.ledger_id
    FROM finance_posting p
    LEFT JOIN finance_entry e ON e.posting_id = p.id
    LEFT JOIN finance_account a ON a.id = e.account_id
    WHERE p.ledger_id = %s
    ORDER BY p.position, p.id, e.line, e.id
"""


@dataclass(slots=True)
class Stand:
    """Where an account stands in the recomputation."""

    position: int = 0
    balance: Decimal = NOTHING
    last: date | None = None


@dataclass(slots=True)
class Books:
    """Where a whole ledger stands in the recomputation."""

    ledger: int
    position: int = 0
    head: str = BEGINNING
    numbers: dict[tuple[int, int, str], int] = field(default_factory=dict)
    stands: dict[int, Stand] = field(default_factory=dict)
    hashes: dict[int, str] = field(default_factory=dict)
    entries: int = 0
    # Money accounts below zero, and the write-off since which: right only if the next posting puts that one right.
    below: set[int] = field(default_factory=set)
    short: tuple[int, int] | None = None
    # What is written off, and what is put right, by its key.
    undone: set[int] = field(default_factory=set)
    corrected: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)


def verify(ledger: Ledger) -> Problem | None:
    """Return the first bad row of a ledger; None when its books are whole.

    All is read from one snapshot, so that posting may go on meanwhile.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        ledger = Ledger.objects.get(pk=ledger.pk)
        books = Books(ledger.pk)
        found = next(_chain(books), None)
        if found is None:
            found = next(verify_rest.problems(ledger, books), None)
        return found or next(verify_pages.problems(ledger), None)


def rows(sql: str, *params: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, a few thousand in memory at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        yield from cursor


def _chain(books: Books) -> Iterator[Problem]:
    """Walk the chain from its beginning."""
    for _key, group in groupby(rows(_POSTINGS, books.ledger), key=itemgetter(0)):
        together = list(group)
        posting = together[0][:18]
        entries = [row[18:] for row in together if row[18] is not None]
        yield from _posting(books, posting, entries)
    if books.short is not None:
        yield Problem("finance_posting", books.short[0], "leaves money below zero")


def _posting(books: Books, posting: tuple[Any, ...], entries: list[tuple[Any, ...]]) -> Iterator[Problem]:
    key, position, kind, year, month, number, day = posting[:7]
    reverses, corrects, before, given = posting[13:17]
    if position != books.position + 1:
        yield Problem("finance_posting", key, f"place {position} in the chain, should be {books.position + 1}")
    if (year, month) != (day.year, day.month):
        yield Problem("finance_posting", key, f"month {year}-{month} is not that of {day}")
    series = (year, month, kind)
    if number != books.numbers.get(series, 0) + 1:
        yield Problem("finance_posting", key, f"number {number}, should be {books.numbers.get(series, 0) + 1}")
    if before != books.head:
        yield Problem("finance_posting", key, "the hash before it is not that of the posting before it")
    if posting[9] == posting[10]:
        yield Problem("finance_posting", key, "prepared and reviewed by one person")
    yield from _undoing(books, key, reverses, corrects)
    for line, entry in enumerate(entries, start=1):
        yield from _entry(books, posting, entry, line)
    yield from _halves(key, entries)
    if posting[17] != 1 or given != fingerprint(books.ledger, posting, entries):
        yield Problem("finance_posting", key, "the hash is not that of its content: it or one of its entries changed")
    books.position, books.head, books.numbers[series] = position, given, number
    books.hashes[position] = given
    books.seen.add(key)
    books.entries += len(entries)
    yield from _money(books, key, reverses, corrects)


def _money(books: Books, key: int, reverses: int | None, corrects: int | None) -> Iterator[Problem]:
    """Money may be below zero after a write-off only, and until the very next posting puts that one right."""
    since, books.short = books.short, None
    if since is not None and corrects != since[1]:
        yield Problem("finance_posting", since[0], "leaves money below zero")
    if books.below:
        if reverses is None:
            yield Problem("finance_posting", key, "leaves money below zero")
        else:
            books.short = (key, reverses)


def _undoing(books: Books, key: int, reverses: int | None, corrects: int | None) -> Iterator[Problem]:
    """Hold write-offs and corrections to once each, and to what was there before."""
    if reverses is not None:
        if reverses in books.undone or reverses not in books.seen:
            yield Problem("finance_posting", key, "writes off what is not there, or a second time")
        books.undone.add(reverses)
    if corrects is not None:
        if corrects in books.corrected or corrects not in books.undone:
            yield Problem("finance_posting", key, "puts right what is not written off, or a second time")
        books.corrected.add(corrects)


def _entry(books: Books, posting: tuple[Any, ...], entry: tuple[Any, ...], line: int) -> Iterator[Problem]:
    key, at, account, _code, position, day, _summary, _counter, debit, credit, balance = entry[:11]
    ledger, _half, is_money, never_negative, account_ledger = entry[11:16]
    stand = books.stands.setdefault(account, Stand())
    if at != line:
        yield Problem("finance_entry", key, f"line {at}, should be {line}")
    if ledger != books.ledger or account_ledger != books.ledger or day != posting[6]:
        yield Problem("finance_entry", key, "its books or its date are not those of its posting")
    if position != stand.position + 1:
        yield Problem("finance_entry", key, f"place {position} in the account, should be {stand.position + 1}")
    if (debit == 0) == (credit == 0):
        yield Problem("finance_entry", key, "not one amount on one side")
    if balance != stand.balance + debit - credit:
        yield Problem("finance_entry", key, f"balance {balance}, should be {stand.balance + debit - credit}")
    if is_money and stand.last is not None and day < stand.last:
        yield Problem("finance_entry", key, f"its date goes back behind {stand.last}")
    books.below.discard(account)
    if never_negative and balance < 0:
        books.below.add(account)
        if posting[13] is None and posting[14] is None:
            yield Problem("finance_entry", key, f"money below zero: {balance}")
    stand.position, stand.balance = position, balance
    stand.last = day if stand.last is None else max(day, stand.last)


def _halves(key: int, entries: list[tuple[Any, ...]]) -> Iterator[Problem]:
    """Each half balances by itself."""
    for half in ("financial", "budget"):
        left = sum((entry[8] - entry[9] for entry in entries if entry[12] == half), NOTHING)
        if left:
            yield Problem("finance_posting", key, f"its {half} half is out of balance by {left}")
    if len(entries) < 2:
        yield Problem("finance_posting", key, "has fewer than two entries")


def fingerprint(ledger: int, posting: tuple[Any, ...], entries: list[tuple[Any, ...]]) -> str:
    """Return the hash of a posting and its entries, by the description above."""
    key, position, kind, year, month, number, day, voucher, attachments, prepared = posting[:10]
    reviewed, posted_by, posted_at, reverses, corrects, before = posting[10:16]
    moment: datetime = posted_at.astimezone(UTC)
    fields = ["houqin-ledger-1", before, ledger, position, key, kind, year, month, number, day.isoformat(), voucher]
    fields += [attachments, prepared, reviewed or 0, posted_by, moment.strftime("%Y-%m-%dT%H:%M:%S.%f")]
    fields += [reverses or 0, corrects or 0]
    lines = ["|".join(map(str, fields))]
    for key, line, account, code, position, day, summary, counter, debit, credit, balance, *_rest in entries:
        amounts = f"{debit:.2f}|{credit:.2f}|{balance:.2f}"
        texts = f"{len(summary)}:{summary}|{len(counter)}:{counter}"
        lines.append(f"{line}|{key}|{account}|{code}|{position}|{day.isoformat()}|{amounts}|{texts}")
    return sha256("\n".join(lines).encode()).hexdigest()
