"""A statement filled in: of one school's books, or of all schools side by side and together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.books import months
from finance.ledger.models import ZERO, Ledger
from finance.statements import amounts
from finance.statements.amounts import NOTHING, Book, Pair, Read, Span
from finance.statements.papers import BALANCE, BUDGET, INCOME, LEFT, PART, RIGHT, Paper, Row, directions


@dataclass(frozen=True, slots=True)
class Filled:
    """A row with what stands in its columns; None where nothing can be said."""

    row: Row
    values: tuple[Decimal | None, ...]

    @property
    def has_figures(self) -> bool:
        """Whether anything is written in it."""
        return any(self.values)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of one school's books."""

    paper: Paper
    ledger: Ledger
    span: Span
    lines: list[Filled]
    canteen: Ledger | None
    # Whose last month may still change.
    unclosed: Sequence[Ledger]

    @property
    def left(self) -> list[Filled]:
        """The rows of assets; of a statement without sides none."""
        return [line for line in self.lines if line.row.side == LEFT]

    @property
    def right(self) -> list[Filled]:
        """The rows of liabilities and net assets."""
        return [line for line in self.lines if line.row.side == RIGHT]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a school's books have with another, as far as both say the same, and what is left."""

    one: Ledger
    other: Ledger
    amount: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class Beside:
    """A statement of several schools side by side, what is taken out between them, and all together."""

    paper: Paper
    ledgers: Sequence[Ledger]
    span: Span
    # A column for each school, then what is taken out, if this statement has that, then all together.
    lines: list[Filled]
    # What of the two columns of a school's statement is shown.
    measure: str
    unclosed: Sequence[Ledger]
    canteens: Sequence[Ledger]
    # Of current accounts whose two sides do not say the same.
    disagreed: Sequence[Agreed]

    @property
    def takes_out(self) -> bool:
        """Whether there is a column of what is taken out between the schools."""
        return self.paper is BALANCE

    @property
    def heads(self) -> list[str]:
        """The heads of the columns."""
        taken = [_("Taken out between schools")] if self.takes_out else []
        return [*map(str, self.ledgers), *taken, pgettext("of a statement", "Total of all schools")]


def heads(paper: Paper, span: Span) -> tuple[str, str]:
    """Return the heads of the two columns of figures."""
    if paper is BALANCE:
        return _("Balance at the end"), _("Balance at the beginning of the year")
    if paper is BUDGET and span.month < 12:
        # Nobody takes the months of a year before for all of it.
        return pgettext("of a statement", "Year so far"), pgettext("of a statement", "Same months of last year")
    if paper is BUDGET or span.whole_year:
        return pgettext("of a statement", "This year"), pgettext("of a statement", "Last year")
    return pgettext("of a statement", "This month"), pgettext("of a statement", "Year so far")


def sides(paper: Paper) -> list[str]:
    """Return the heads of the names of rows: one, or one on each side."""
    if paper.has_sides:
        return [_("Assets"), _("Liabilities and net assets")]
    return [pgettext("of a statement", "Item")]


def when(paper: Paper, span: Span) -> str:
    """Return of when a statement is, as its head says it: a day, a month, or a year."""
    if paper is BALANCE:
        return date_format(months.last_day(span.year, span.month), "DATE_FORMAT")
    first = 1 if span.whole_year or paper is BUDGET else span.month
    return months.words(span.year, first, span.month)


def statement(paper: Paper, ledger: Ledger, span: Span) -> Statement:
    """Return a statement of one set of books. As many queries as `amounts.read` makes."""
    return _of(paper, ledger, span, amounts.read(paper, [ledger], span))


def statements(paper: Paper, ledgers: Sequence[Ledger], span: Span) -> list[Statement]:
    """Return a statement of each set of books. As many queries as for one."""
    found = amounts.read(paper, ledgers, span)
    return [_of(paper, ledger, span, found) for ledger in ledgers]


def _of(paper: Paper, ledger: Ledger, span: Span, found: Read) -> Statement:
    canteen = found.canteens.get(ledger.pk)
    whose = {ledger.pk, canteen.pk if canteen else None}
    unclosed = [one for one in found.unclosed if one.pk in whose]
    lines = fill(paper, found.books[ledger.pk])
    if ledger.pk in found.without_before:
        lines = [Filled(line.row, (line.values[0], None)) for line in lines]
    return Statement(paper, ledger, span, lines, canteen, unclosed)


def fill(paper: Paper, book: Book) -> list[Filled]:
    """Return the rows of a form with what a book says: items from accounts, sums from the rows they add."""
    return _added(paper, lambda row: _item(paper, row, book))


def _added(paper: Paper, item: Callable[[Row], tuple[Decimal, ...]]) -> list[Filled]:
    """Fill rows that add others from those; headings have no figures."""
    known: dict[int, tuple[Decimal, ...]] = {}

    def of(row: Row) -> tuple[Decimal, ...]:
        if not row.is_sum:
            return item(row)
        parts = [(sign, number(other)) for sign, other in row.adds]
        columns = range(len(parts[0][1]))
        return tuple(sum((sign * values[at] for sign, values in parts), ZERO) for at in columns)

    def number(wanted: int) -> tuple[Decimal, ...]:
        if wanted not in known:
            known[wanted] = of(paper.numbered[wanted])
        return known[wanted]

    return [
        Filled(row, number(row.number) if row.number is not None else of(row) if row.terms else ())
        for row in paper.rows
    ]


def _item(paper: Paper, row: Row, book: Book) -> Pair:
    """Return what the accounts of a row come to, each on the side where it usually stands."""
    first, second = ZERO, ZERO
    for term in row.terms:
        factor = term.sign * directions()[term.code]
        taken = () if row.kind == PART or term.word else paper.taken.get(term.code, ())
        for name, (one, two) in book.accounts.get(term.code, ()):
            below = name.partition("-")[2]
            if term.word not in below or any(word in below for word in taken):
                continue
            first, second = first + factor * one, second + factor * two
    return first, second


def side_by_side(paper: Paper, ledgers: Sequence[Ledger], span: Span) -> Beside:
    """Return a statement of several schools, and of all together. As many queries as for one.

    What schools have with each other is no property of all together: it is taken out as far as both say the same.
    Of a statement with a month and the year so far, the year so far is shown.
    """
    schools = [ledger for ledger in ledgers if ledger.kind == Ledger.Kind.MAIN]
    found = amounts.read(paper, schools, span)
    shown = 1 if paper is INCOME and not span.whole_year else 0
    columns = [
        {line.row: line.values[shown] or ZERO for line in fill(paper, found.books[ledger.pk]) if line.values}
        for ledger in schools
    ]
    agreed = agreements(schools, found.books) if paper is BALANCE else []
    if paper is BALANCE:
        taken = fill(paper, _taken_out(schools, found.books, agreed))
        columns.append({line.row: line.values[0] or ZERO for line in taken if line.values})
    lines = [
        Filled(row, _with_sum([column[row] for column in columns]) if row in (columns[0] if columns else ()) else ())
        for row in paper.rows
    ]
    disagreed = [pair for pair in agreed if pair.left]
    measure = heads(paper, span)[shown]
    return Beside(paper, schools, span, lines, measure, found.unclosed, list(found.canteens.values()), disagreed)


def _with_sum(values: list[Decimal]) -> tuple[Decimal, ...]:
    return (*values, sum(values, ZERO))


def agreements(ledgers: Sequence[Ledger], books: Mapping[int, Book]) -> list[Agreed]:
    """Return what each two schools have with each other, from the side of the first one."""
    of_school = {ledger.school_id: ledger for ledger in ledgers}
    found: list[Agreed] = []
    for ledger in ledgers:
        for school, current in books[ledger.pk].between.items():
            other = of_school.get(school)
            if other is None:
                continue
            back = books[other.pk].between.get(ledger.school_id)
            # Found from both sides: kept once, from that of the one that was opened first.
            if back is not None and other.pk < ledger.pk:
                continue
            here, there = current.values[0], back.values[0] if back else ZERO
            least = min(abs(here), abs(there)) if here * there < 0 else ZERO
            found.append(Agreed(ledger, other, least if here > 0 else -least, here + there))
    return found


def _taken_out(ledgers: Sequence[Ledger], books: Mapping[int, Book], agreed: Sequence[Agreed]) -> Book:
    """Return what is taken out, as if it were a school's books: the agreed amounts, turned round."""
    made = Book()
    for pair in agreed:
        if pair.amount:
            here = books[pair.one.pk].between[pair.other.school_id]
            there = books[pair.other.pk].between[pair.one.school_id]
            made.add(here.code, "", (-pair.amount, NOTHING[0]))
            made.add(there.code, "", (pair.amount, NOTHING[0]))
    return made
