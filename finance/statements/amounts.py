"""What the books say for a statement, by account of four digits; all sets of books at once, from sums of months."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from finance.books import months
from finance.books.movements import movements
from finance.ledger.models import ZERO, Account, Ledger, Period
from finance.statements.papers import BALANCE, BUDGET, CANTEEN, INCOME, Paper

# What stands in the two columns of a statement.
Pair = tuple[Decimal, Decimal]
NOTHING: Pair = (ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class Span:
    """Of when a statement is: a month, or a whole year."""

    year: int
    month: int
    whole_year: bool = False


@dataclass(slots=True)
class Current:
    """What a school's books have with another school."""

    code: str
    values: Pair


@dataclass(slots=True)
class Book:
    """What one school's books say: by account of four digits what is below it, with its name; debit less credit."""

    accounts: dict[str, list[tuple[str, Pair]]] = field(default_factory=dict)
    # By the other school.
    between: dict[int, Current] = field(default_factory=dict)

    def add(self, code: str, name: str, values: Pair) -> None:
        """Add what an account has."""
        self.accounts.setdefault(code, []).append((name, values))

    def net(self, codes: Iterable[str]) -> Pair:
        """Return the sum of some accounts."""
        parts = [values for code in codes for _name, values in self.accounts.get(code, ())]
        return sum((one for one, _two in parts), ZERO), sum((two for _one, two in parts), ZERO)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of several sets of books, by ledger."""

    books: Mapping[int, Book]
    # Of which the second column has nothing to show: they were not kept then.
    without_before: frozenset[int]
    canteens: Mapping[int, Ledger]
    # Whose last month may still change.
    unclosed: Sequence[Ledger]


def read(paper: Paper, ledgers: Sequence[Ledger], span: Span) -> Read:
    """Return what some books say for a statement; a canteen's in its school's. Seven queries at most, or ten."""
    canteens = _canteens(ledgers)
    everything = {ledger.pk: ledger for ledger in [*ledgers, *canteens.values()]}
    books = _books(paper, list(everything), span)
    for ledger, canteen in canteens.items():
        # Of income and spending the net result alone enters; assets and debts do so row by row.
        if paper is BALANCE:
            for code, parts in books[canteen.pk].accounts.items():
                books[ledger].accounts.setdefault(code, []).extend(parts)
        else:
            books[ledger].add(CANTEEN, "", books[canteen.pk].net(paper.codes))
    before = paper is BUDGET or (paper is INCOME and span.whole_year)
    last = months.last_day(span.year - 1, span.month)
    new = [one.pk for one in ledgers if before and one.opened_on > last]
    return Read(books, frozenset(new), canteens, _unclosed(everything, span))


def _canteens(ledgers: Sequence[Ledger]) -> dict[int, Ledger]:
    """Return the books of the canteens of schools, by the school's ledger. One query."""
    main = {ledger.school_id: ledger.pk for ledger in ledgers if ledger.kind == Ledger.Kind.MAIN}
    found = Ledger.objects.filter(school__in=main, kind=Ledger.Kind.CANTEEN).select_related("school")
    return {main[canteen.school_id]: canteen for canteen in found}


def _unclosed(ledgers: Mapping[int, Ledger], span: Span) -> list[Ledger]:
    """Return the books whose month is not closed yet; nothing is written in those that begin later. One query."""
    closed = Period.objects.filter(
        ledger__in=ledgers, year=span.year, month=span.month, state=Period.State.CLOSED
    ).values_list("ledger", flat=True)
    done, last = set(closed), months.last_day(span.year, span.month)
    return [ledger for key, ledger in ledgers.items() if key not in done and ledger.opened_on <= last]


def _books(paper: Paper, ledgers: Sequence[int], span: Span) -> dict[int, Book]:
    """Return what each set of books has for the two columns."""
    values = _pairs(paper, ledgers, span)
    books = {ledger: Book() for ledger in ledgers}
    accounts = Account.objects.filter(ledger__in=ledgers).order_by("ledger", "code")
    for pk, ledger, code, name, other in accounts.values_list("pk", "ledger", "code", "full_name", "counterpart"):
        pair = values.get(pk, NOTHING)
        if any(pair):
            books[ledger].add(code[:4], name, pair)
            if other is not None:
                books[ledger].between[other] = Current(code[:4], pair)
    return books


def _pairs(paper: Paper, ledgers: Sequence[int], span: Span) -> dict[int, Pair]:
    """Return the values of both columns by account."""
    if paper is BALANCE:
        found = months.sums(ledgers, span.year, span.month)
        return {
            account: (sums.balance, sums.balance - sums.year_debit + sums.year_credit)
            for accounts in found.values()
            for account, sums in accounts.items()
        }
    now = {
        account: moved
        for accounts in movements(ledgers, span.year, span.month).values()
        for account, moved in accounts.items()
    }
    if paper is INCOME and not span.whole_year:
        return {account: (moved.month, moved.year) for account, moved in now.items()}
    before = {
        account: moved.year
        for accounts in movements(ledgers, span.year - 1, span.month).values()
        for account, moved in accounts.items()
    }
    return {account: (moved.year, before.get(account, ZERO)) for account, moved in now.items()}
