"""A book on its way to paper, whatever the format: columns, and lines that are read while they are written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.utils import timezone

from finance.ledger.models import ZERO, Ledger
from houqin.exports.table import SQL

ColumnKind = Literal["text", "short", "date", "integer", "money"]
# What a line is: how it is drawn, and whether its sums are formulas.
ENTRY, OPENING, CARRY, TOTAL = "entry", "opening", "carry", "total"
# With a red line below, and the double one at the end of a year.
RULED, DOUBLE = "ruled", "double"
RULES = frozenset({RULED, DOUBLE})


@dataclass(frozen=True, slots=True)
class Col:
    """A column: its head, what stands in it, its width in characters, and whether totals sum it."""

    head: str
    kind: ColumnKind = "text"
    width: int = 12
    summed: bool = False
    # A second row of heads: columns of the same group stand under one.
    group: str = ""
    # The same on paper alone: one row of heads is what people sort and filter by.
    paper_group: str = ""
    # False where the head of each printed page says it once for all its lines.
    on_paper: bool = True


@dataclass(slots=True)
class Line:
    """A line: its values, and for totals which lines of the sheet they sum, on top of what came before the sheet."""

    style: str
    cells: Sequence[Any]
    span: tuple[int, int] | None = None
    base: Sequence[Decimal | None] = ()
    # In a bound book, where it stands.
    page: int = 0
    is_red: bool = False
    # Whether nothing may follow it: it ends the year, and what is left of its page is struck out.
    ends: bool = False
    # In a book of many accounts, whose it is: each has printed pages of its own.
    account: str = ""
    # By column, which cells its figure adds: sign, column and line of each.
    adds: Mapping[int, Sequence[tuple[int, int, int]]] = field(default_factory=dict)
    # The columns in which it is written as a total, where others of the same line are not.
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Form:
    """What a sheet has that is no book, but a form of its own: one page that is signed."""

    # The number of the form, and its unit: "会政财01表".
    number: str
    unit: str
    signatures: str
    # What stands below it: what is in it, and whether it may still change.
    notes: Sequence[str] = ()
    # How many lines a printed page has, and whether it stands upright.
    rows: int = 20
    is_upright: bool = True


@dataclass(slots=True)
class Totals:
    """What the lines came to; filled while they are read, for the summary."""

    lines: int = 0
    opening: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    closing: Decimal = ZERO


@dataclass(slots=True)
class Sheet:
    """One book of one school."""

    ledger: Ledger
    title: str
    name: str
    period: str
    columns: Sequence[Col]
    # Gets whether whole pages are wanted, as a bound book is printed.
    read: Callable[[bool], Iterator[Line]]
    # The same lines as texts of a file, by one query; for books whose lines are stored as they are read.
    copy: Callable[[], SQL | None] | None = None
    # With it, the line that stands before those of the query.
    before: Callable[[], Sequence[Any] | None] | None = None
    totals: Totals = field(default_factory=Totals)
    # A bound book: its year and its pages; how many digits its amounts need at most may be asked when it is printed.
    is_bound: bool = False
    account: str = ""
    year: int = 0
    last_page: int = 0
    digits: int | Callable[[], int] = 8
    # Since when the sums count that a full page carries over to the next one; none does without.
    carries: Literal["", "month", "year"] = ""
    estimate: int = 0
    # Whether the summary has sums of it.
    has_sums: bool = True
    form: Form | None = None
    # Whose it is, where it is not that of its ledger alone.
    unit: str = ""

    @property
    def whose(self) -> str:
        """The name of whose book it is."""
        return self.unit or str(self.ledger)

    @property
    def most_digits(self) -> int:
        """How many digits its amounts need at most; a query where that has to be asked."""
        return self.digits() if callable(self.digits) else self.digits

    def lines(self, whole_pages: bool = False) -> Iterator[Line]:
        """Read the lines from the beginning."""
        return self.read(whole_pages)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one file holds: sheets, as of when, for whom."""

    title: str
    sheets: Sequence[Sheet]
    owner: str
    as_of: datetime

    @property
    def moment(self) -> str:
        """When the books were as the file shows them."""
        return timezone.localtime(self.as_of).strftime("%Y-%m-%d %H:%M")

    @property
    def schools(self) -> bool:
        """Whether it holds books of several schools."""
        return len({sheet.ledger.pk for sheet in self.sheets}) > 1
