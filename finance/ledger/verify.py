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
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from finance.ledger import verify_fees, verify_history, verify_months, verify_pages, verify_rest
from finance.ledger.models import Ledger
from finance.ledger.problems import Problem
from finance.ledger.verify_state import NOTHING, Books, Moved, Noted, Stand, rows

# What was written off or put right is looked up by its own row, so that nothing of old postings is kept in mind.
_POSTINGS = """
    SELECT p.id, p.position, p.kind, p.year, p.month, p.number, p.date, p.voucher_id, p.attachments, p.prepared_by_id,
        p.reviewed_by_id, p.posted_by_id, p.posted_at, p.reverses_id, p.corrects_id, p.previous_hash, p.hash,
        p.format_version, undone.position, undone.date, undone.ledger_id,
        e.id, e.line, e.account_id, a.code, e.position, e.date, e.summary, e.counter, e.debit, e.credit, e.balance,
        e.ledger_id, a.half, a.is_money, a.never_negative, a.ledger_id, a.category
    FROM finance_posting p
    LEFT JOIN finance_posting undone ON undone.id = coalesce(p.reverses_id, p.corrects_id)
    LEFT JOIN finance_entry e ON e.posting_id = p.id
    LEFT JOIN finance_account a ON a.id = e.account_id
    WHERE p.ledger_id = %s
    ORDER BY p.position, p.id, e.line, e.id
"""
_POSTING_COLUMNS = 21
_NOTED = "SELECT id, position, hash, noted_at FROM finance_chainhead WHERE ledger_id = %s ORDER BY position, id"
# The clocks of two machines differ by less.
_CLOCKS = timedelta(minutes=10)


def verify(ledger: Ledger) -> Problem | None:
    """Return the first bad row of a ledger; None when its books are whole.

    All is read from one snapshot, so that posting may go on meanwhile. What is kept in memory grows with accounts and
    months, not with postings.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return next(_problems(Ledger.objects.get(pk=ledger.pk)), None)


def noted_in(ledger: Ledger, position: int, head: str) -> Problem | None:
    """Hold a head that stands on paper against the chain; None when it is that of the posting in this place."""
    found = ledger.postings.filter(position=position).values_list("pk", "hash").first()
    if found is None:
        return Problem("finance_posting", None, f"place {position} of the chain, which stands on paper, is not there")
    if found[1] != head:
        return Problem("finance_posting", found[0], "has another hash than stands on paper")
    return None


def _problems(ledger: Ledger) -> Iterator[Problem]:
    """Look through everything, each part once those before it are whole."""
    books = Books(ledger.pk, ledger.opened_on, [Noted(*row) for row in rows(_NOTED, [ledger.pk])])
    yield from _chain(books)
    yield from verify_rest.problems(ledger, books)
    yield from verify_pages.problems(ledger)
    yield from verify_months.problems(ledger, books)
    yield from verify_history.problems(ledger)


def _chain(books: Books) -> Iterator[Problem]:
    """Walk the chain from its beginning."""
    for _key, group in groupby(rows(_POSTINGS, [books.ledger]), key=itemgetter(0)):
        together = list(group)
        posting = together[0][:_POSTING_COLUMNS]
        entries = [row[_POSTING_COLUMNS:] for row in together if row[_POSTING_COLUMNS] is not None]
        yield from _posting(books, posting, entries)
    if books.short is not None:
        yield Problem("finance_posting", books.short[0], "leaves money below zero")
    yield from verify_fees.unsettled(books.written_off)
    if books.noted:
        row, position = books.noted[0].row, books.noted[0].position
        yield Problem("finance_chainhead", row, f"{position} postings were noted, {books.position} are there")


def _posting(books: Books, posting: tuple[Any, ...], entries: list[tuple[Any, ...]]) -> Iterator[Problem]:
    key, position, kind, year, month, number, day = posting[:7]
    before, given = posting[15:17]
    if position != books.position + 1:
        yield Problem("finance_posting", key, f"place {position} in the chain, should be {books.position + 1}")
    if (year, month) != (day.year, day.month):
        yield Problem("finance_posting", key, f"month {year}-{month} is not that of {day}")
    series = (year, month, kind)
    if number != books.numbers.get(series, 0) + 1:
        yield Problem("finance_posting", key, f"number {number}, should be {books.numbers.get(series, 0) + 1}")
    if before != books.head:
        yield Problem("finance_posting", key, "the hash before it is not that of the posting before it")
    if posting[10] is None or posting[9] == posting[10]:
        yield Problem("finance_posting", key, "not prepared by one person and reviewed by another")
    if kind == "opening" and position != 1:
        yield Problem("finance_posting", key, "opening balances after other postings")
    if kind == "opening" and day != books.opened_on:
        yield Problem("finance_posting", key, f"opening balances on {day}, the books begin on {books.opened_on}")
    yield from _undoing(books, posting)
    for line, entry in enumerate(entries, start=1):
        yield from _entry(books, posting, entry, line)
    yield from _halves(key, entries)
    if posting[17] != 1 or given != fingerprint(books.ledger, posting, entries):
        yield Problem("finance_posting", key, "the hash is not that of its content: it or one of its entries changed")
    yield from _money(books, posting)
    yield from verify_fees.problems(books, posting, entries)
    books.position, books.head, books.numbers[series] = position, given, number
    books.entries += len(entries)
    books.undone = posting[13]
    yield from _noted(books, posting)


def _noted(books: Books, posting: tuple[Any, ...]) -> Iterator[Problem]:
    """A noted head is that of its posting, and was noted before the next one: a rewritten tail is seen by it."""
    while books.noted and books.noted[0].position <= books.position:
        noted = books.noted.pop(0)
        if (noted.position, noted.hash) != (books.position, books.head):
            what = f"posting {noted.position} has another hash than was noted"
            yield Problem("finance_chainhead", noted.row, what)
        if not posting[12] - _CLOCKS <= noted.at <= timezone.now() + _CLOCKS:
            yield Problem("finance_chainhead", noted.row, f"noted at {noted.at}, posted at {posting[12]}")
        books.last_noted = noted
    last = books.last_noted
    if last is not None and last.position < books.position and last.at > posting[12] + _CLOCKS:
        yield Problem("finance_chainhead", last.row, f"noted at {last.at}, behind posting {books.position}")


def _money(books: Books, posting: tuple[Any, ...]) -> Iterator[Problem]:
    """Money may be below zero after a write-off only, and until the very next posting puts that one right."""
    key, reverses, corrects = posting[0], posting[13], posting[14]
    since, books.short = books.short, None
    if since is not None and corrects != since[1]:
        yield Problem("finance_posting", since[0], "leaves money below zero")
    if books.below:
        if reverses is None:
            yield Problem("finance_posting", key, "leaves money below zero")
        else:
            books.short = (key, reverses)


def _undoing(books: Books, posting: tuple[Any, ...]) -> Iterator[Problem]:
    """A write-off is of an earlier posting of the same year; what puts one right follows its write-off at once."""
    key, day, reverses, corrects = posting[0], posting[6], posting[13], posting[14]
    if reverses is None and corrects is None:
        return
    position, undone_on, ledger = posting[18:21]
    if ledger != books.ledger or position > books.position or undone_on.year != day.year or undone_on > day:
        yield Problem("finance_posting", key, "writes off or puts right what was not there before, or of another year")
    if corrects is not None and (reverses is not None or corrects != books.undone):
        yield Problem("finance_posting", key, "puts right what is not written off just before")


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
    moved = stand.months.setdefault((day.year, day.month), Moved())
    if posting[2] == "opening":
        moved.opened += debit - credit
    else:
        moved.debit += debit
        moved.credit += credit


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
