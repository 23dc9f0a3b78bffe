"""Walk over the lines of a paper journal: tell entries from carried lines and totals, and find every wrong line.

After a wrong line the walk goes on from what the paper states, so that each mistake is named once. Reads nothing but
the rows.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from finance.journals.columns import WORDS, Day, Number, Unread
from finance.ledger.models import VoucherKind
from houqin.imports.parse import fold
from houqin.imports.registry import ImportRow, RowError, Text

ZERO = Decimal(0)
LINES = {
    "opening": re.compile(r"^(上年|上期|期初|年初)(结转|余额|结余|结存)$"),
    "brought_forward": re.compile(r"^(承前页|承上页|接前页|接上页)$"),
    "carried_over": re.compile(r"^(过次页|转次页|转下页|接下页|过下页)$"),
    "day_total": re.compile(r"^(本|当)日(合计|小计)$"),
    "month_total": re.compile(r"^(本|当)月(合计|小计|发生额(及余额)?)$"),
    "year_total": re.compile(r"^((本|当)年)?累计$"),
    "page_total": re.compile(r"^本页(合计|小计)$"),
    "next_year": re.compile(r"^结转下(年|期)$"),
    "total": re.compile(r"^(合计|总计|全年合计)$"),
}
LONGEST_MARK = 12


class Amounts(NamedTuple):
    """What came and what went."""

    debit: Decimal = ZERO
    credit: Decimal = ZERO

    def plus(self, entry: "Item") -> "Amounts":
        """Return the sums with an entry."""
        return Amounts(self.debit + entry.debit, self.credit + entry.credit)


@dataclass(slots=True)
class Item:
    """A line of the journal, read as far as it can be."""

    row: ImportRow
    kind: str
    month: int = 0
    day: int = 0
    year: int | None = None
    word: str | None = None
    number: int | None = None
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    balance: Decimal | None = None
    attachments: int = 0
    # The month in which its number counts: the paper's own, unless its date is wrong.
    counted_in: int = 0

    @property
    def amounts(self) -> Amounts:
        """Its two columns."""
        return Amounts(self.debit, self.credit)

    @property
    def place(self) -> tuple[int, int, int]:
        """Where its date stands in time."""
        return self.year or 0, self.month, self.day


@dataclass(frozen=True, slots=True)
class Stated:
    """A total or carried line as the paper has it, after so many entries."""

    row: int
    kind: str
    entries: int
    month: int
    debit: Decimal
    credit: Decimal
    balance: Decimal | None


@dataclass(slots=True)
class Paper:
    """What the journal holds."""

    opening: Decimal = ZERO
    closing: Decimal = ZERO
    entries: list[Item] = field(default_factory=list)
    totals: list[Stated] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    # Debit, credit and the balance at its end, by month.
    months: dict[int, tuple[Decimal, Decimal, Decimal]] = field(default_factory=dict)

    @property
    def sums(self) -> Amounts:
        """What came and went in all."""
        return Amounts(sum((e.debit for e in self.entries), ZERO), sum((e.credit for e in self.entries), ZERO))


def read(rows: Sequence[ImportRow]) -> Paper:
    """Return what the rows of a journal hold, and what is wrong with them."""
    walk = _Walk()
    items = [walk.item(row) for row in rows]
    walk.order([item for item in items if item.kind == "entry" and item.month])
    for item in items:
        if item.kind == "entry":
            walk.entry(item)
        else:
            walk.other(item)
    walk.paper.closing = walk.balance or ZERO
    return walk.paper


class _Walk:
    """Where the walk stands: the balance, and the sums of day, page, month and year."""

    def __init__(self) -> None:
        self.paper = Paper()
        self.balance: Decimal | None = None
        # What the balance would be if the last one is a slip of the pen that was not carried on.
        self.doubt: Decimal | None = None
        self.before = Item(ImportRow(0, {}), "")
        self.month = 0
        self.day = self.page = self.month_sums = self.month_before = Amounts()
        # None while the journal began in the middle of a year.
        self.year: Amounts | None = Amounts()
        # The numbers that may come next, by month and word.
        self.next: dict[tuple[int, str], set[int]] = {}
        self.last: dict[str, Item] = {}

    def wrong(self, item: Item, column: str, code: str, message: Text) -> None:
        """Name a line; a date whose month and day stand apart is named by them."""
        cell = ""
        if column == "date" and item.row["date"] is None:
            column, cell = "month", "-".join(str(part) for part in (item.row["month"], item.row["day"]) if part)
        self.paper.errors.append(RowError(item.row.number, column, code, message, cell))

    # --- reading

    def item(self, row: ImportRow) -> Item:
        """Read a line; what cannot be read is named."""
        item = Item(row, _kind(row))
        for name in ("debit", "credit", "balance"):
            value = row[name]
            if isinstance(value, Unread):
                self.wrong(item, name, value.code, value.message)
            elif value is not None:
                setattr(item, name, value)
        if item.balance is not None and fold(row["side"] or "") in ("贷", "cr", "credit"):
            item.balance = -abs(item.balance)
        if item.kind == "entry":
            self._read_date(item)
            self._read_voucher(item)
        return item

    def _read_date(self, item: Item) -> None:
        """Take the date, or what of it is written; the rest is that of the line above."""
        whole = item.row["date"]
        month, day = item.row["month"], item.row["day"]
        bad = next((cell for cell in (whole, month, day) if isinstance(cell, Unread)), None)
        if bad is not None:
            self.wrong(item, "date" if bad is whole else "month" if bad is month else "day", bad.code, bad.message)
            return
        if whole is None:
            whole = Day(month, day)
        item.month, item.day = whole.month or self.before.month, whole.day or self.before.day
        item.year = whole.year or self.before.year
        if not (1 <= item.month <= 12 and 1 <= item.day <= _LONGEST_MONTHS[item.month - 1]):
            item.month = 0
            self.wrong(item, "date", "date_missing", _("There is no such day."))
            return
        self.before = item

    def _read_voucher(self, item: Item) -> None:
        """Take word and number; the words of the entry must be there."""
        word, number = item.row["word"], item.row["number"]
        if isinstance(number, Number):
            item.number = number.number
            if word is None and number.word:
                word = WORDS.get(number.word) or Unread(number.word, "word_unknown", _WORD_UNKNOWN)
        elif number is None:
            self.wrong(item, "number", "number_missing", _("The voucher number is missing."))
        else:
            self.wrong(item, "number", number.code, number.message)
        if isinstance(word, Unread):
            self.wrong(item, "word", word.code, word.message)
        else:
            item.word = word or (VoucherKind.RECEIPT if item.debit else VoucherKind.PAYMENT)
        for name, code, message in (
            ("summary", "summary_missing", _("The summary is missing.")),
            ("counter", "counter_missing", _("The counter account is missing.")),
        ):
            text = item.row[name]
            if isinstance(text, Unread):
                self.wrong(item, name, text.code, text.message)
            elif not text:
                self.wrong(item, name, code, message)
        attached = item.row["attachments"]
        item.attachments = min(attached.number, 999) if isinstance(attached, Number) else 0

    # --- dates

    def order(self, entries: Sequence[Item]) -> None:
        """Name as few lines as explain why the dates do not follow each other."""
        kept = _longest_rising([item.place for item in entries])
        month = next((entries[at].month for at in sorted(kept)), 0)
        for at, item in enumerate(entries):
            if at in kept:
                month = item.month
            else:
                self.wrong(item, "date", "date_order", _("This date is not between those of the lines around it."))
            item.counted_in = month

    # --- walking

    def entry(self, item: Item) -> None:
        """Take an entry in."""
        if item.counted_in and item.counted_in != self.month:
            # A journal that begins with a carried line goes on with the month's sums from there.
            if self.month or self.year is not None:
                self.month_before, self.month_sums = self.month_sums, Amounts()
            self.month = item.counted_in
        if not self.paper.entries or self.paper.entries[-1].place != item.place:
            self.day = Amounts()
        self._number(item)
        expected = self._expected(item)
        fits = self._amounts_fit(item)
        if fits and expected < 0:
            message = _("The balance would be %(balance)s.") % {"balance": f"{expected:,.2f}"}
            self.wrong(item, "balance", "negative_money", message)
        elif fits and item.balance is not None and item.balance != expected:
            message = _("The balance should be %(balance)s.") % {"balance": f"{expected:,.2f}"}
            self.wrong(item, "balance", "balance_differs", message)
        self.balance = expected if item.balance is None else item.balance
        self.doubt = None if self.balance == expected else expected
        self.day, self.page, self.month_sums = (sums.plus(item) for sums in (self.day, self.page, self.month_sums))
        if self.year is not None:
            self.year = self.year.plus(item)
        debit, credit, _balance = self.paper.months.get(item.month, (ZERO, ZERO, ZERO))
        self.paper.months[item.month] = (debit + item.debit, credit + item.credit, self.balance)
        self.paper.entries.append(item)

    def _expected(self, item: Item) -> Decimal:
        """Return the balance after an entry; a journal without an opening line begins with what was there before."""
        if self.balance is None:
            self.balance = (item.balance or ZERO) - item.debit + item.credit if item.balance is not None else ZERO
            self.paper.opening = self.balance
        change = item.debit - item.credit
        if self.doubt is not None and item.balance == self.doubt + change:
            return self.doubt + change
        return self.balance + change

    def _amounts_fit(self, item: Item) -> bool:
        """Say whether an entry's amounts can be used; name it when not."""
        if any(isinstance(item.row[name], Unread) for name in ("debit", "credit", "balance")):
            return False
        for name in ("debit", "credit", "balance"):
            value = getattr(item, name)
            if value is not None and value != round(value, 2):
                self.wrong(item, name, "too_precise", _("Amounts have two decimals."))
                return False
        if item.debit and item.credit:
            self.wrong(item, "credit", "two_sides", _("An entry stands on one side, debit or credit."))
            return False
        if not item.debit and not item.credit:
            self.wrong(item, "debit", "no_amount", _("The amount is missing."))
            return False
        return True

    def _number(self, item: Item) -> None:
        """Numbers run without gaps in each month and word; lines of one voucher follow each other."""
        if item.number is None or item.word is None or not item.counted_in:
            return
        series = (item.counted_in, item.word)
        last = self.last.get(item.word)
        self.last[item.word] = item
        same = last is not None and (last.number, last.place) == (item.number, item.place)
        if same and self.paper.entries[-1] is last:
            return
        wanted = self.next.get(series)
        if wanted is None:
            # The first of a month is 1, unless the journal begins within it.
            wanted = {1} if self.year is not None or len(self.next) else {item.number}
        if item.number not in wanted:
            message = _("After the numbers before it this should be number %(number)s.") % {"number": min(wanted)}
            self.wrong(item, "number", "number_gap", message)
            self.next[series] = {item.number + 1, min(wanted) + 1}
            return
        self.next[series] = {item.number + 1}

    def other(self, item: Item) -> None:
        """Hold a carried line or a total against the entries before it."""
        if item.kind != "opening":
            stated = Stated(
                item.row.number, item.kind, len(self.paper.entries), self.month, *item.amounts, item.balance
            )
            self.paper.totals.append(stated)
        if self.balance is None and item.kind in ("opening", "brought_forward"):
            self.balance = self.paper.opening = item.balance or item.debit - item.credit
            if item.kind == "brought_forward":
                self.month_sums, self.year = item.amounts, None
            if self.balance < 0 or self.balance != round(self.balance, 2):
                self.wrong(item, "balance", "negative_money", _("The balance that it begins with cannot be."))
            return
        allowed = self._allowed(item.kind)
        if allowed and item.amounts not in allowed:
            debit, credit = allowed[0]
            message = _("By the entries before it this should be %(debit)s and %(credit)s.") % {
                "debit": f"{debit:,.2f}",
                "credit": f"{credit:,.2f}",
            }
            self.wrong(item, "debit", "total_differs", message)
        if item.balance is not None and self.balance is not None and item.balance != self.balance:
            message = _("The balance should be %(balance)s.") % {"balance": f"{self.balance:,.2f}"}
            self.wrong(item, "balance", "balance_differs", message)
            self.balance = item.balance
        if item.kind == "month_total":
            self.month_before, self.month_sums = self.month_sums, Amounts()
        elif item.kind == "brought_forward":
            self.page = Amounts()

    def _allowed(self, kind: str) -> list[Amounts]:
        """Return the sums that a line may show: offices carry those of the month, of the year or of the page."""
        year = [] if self.year is None else [self.year]
        if kind in ("brought_forward", "carried_over"):
            return [self.month_sums, self.page, self.month_before, *year, Amounts()]
        if kind == "total":
            return [*year, self.month_sums, self.month_before] if year else []
        return {
            "day_total": [self.day],
            "month_total": [self.month_sums],
            "year_total": year,
            "page_total": [self.page],
        }.get(kind, [])


_WORD_UNKNOWN = _("This is no kind of voucher. Write 收, 付, 转 or 记.")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _kind(row: ImportRow) -> str:
    """Return what kind of line it is; the mark may stand in the column of dates, where cells were joined."""
    for name in ("summary", "date", "month", "day"):
        cell = row[name]
        text = cell.text if isinstance(cell, Unread) else cell
        if isinstance(text, str) and len(text) <= LONGEST_MARK and not isinstance(row["number"], Number):
            mark = fold(text)
            for kind, pattern in LINES.items():
                if pattern.match(mark):
                    return kind
    return "entry"


def _longest_rising(values: Sequence[Any]) -> set[int]:
    """Return the places of a longest run that never falls, not necessarily of neighbours."""
    ends: list[Any] = []
    ends_at: list[int] = []
    before: list[int] = []
    for at, value in enumerate(values):
        length = bisect_right(ends, value)
        before.append(ends_at[length - 1] if length else -1)
        if length == len(ends):
            ends.append(value)
            ends_at.append(at)
        else:
            ends[length], ends_at[length] = value, at
    kept: set[int] = set()
    at = ends_at[-1] if ends_at else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return kept
