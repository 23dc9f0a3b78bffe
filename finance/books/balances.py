"""The trial balance (科目余额表) of some months, of one set of books or several; the general ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from finance.books import months
from finance.books.months import Sums
from finance.books.tree import Node, Tree, tree_of, trees
from finance.ledger.models import ZERO, Ledger

NAMES = (
    "opening_debit", "opening_credit", "debit", "credit",
    "year_debit", "year_credit", "closing_debit", "closing_credit",
)  # fmt: skip


def groups() -> tuple[str, ...]:
    """Return the heads of the pairs of columns."""
    return _("At the beginning"), _("In the period"), _("Year so far"), _("At the end")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the trial balance; an account above others has the sums of both their sides."""

    pk: int
    code: str
    name: str
    level: int
    half: str
    is_leaf: bool
    # In the order of NAMES.
    amounts: tuple[Decimal, ...]


def _sides(sums: Sums) -> tuple[Decimal, ...]:
    opening, closing = sums.opening, sums.balance
    return (
        max(opening, ZERO), max(-opening, ZERO), sums.debit, sums.credit,
        sums.year_debit, sums.year_credit, max(closing, ZERO), max(-closing, ZERO),
    )  # fmt: skip


def added(rows: Sequence[tuple[Decimal, ...]]) -> tuple[Decimal, ...]:
    """Return the sums of the columns."""
    return tuple(sum(column, ZERO) for column in zip(*rows, strict=True)) if rows else (ZERO,) * len(NAMES)


def rows_of(tree: Tree, moved: Mapping[int, Sums]) -> list[Row]:
    """Return the lines of the accounts that ever moved, those above first."""
    made: list[Row] = []
    for node in tree.in_order():
        parts = [_sides(moved[leaf.pk]) for leaf in node.leaves if leaf.pk in moved and not moved[leaf.pk].is_nothing]
        if parts:
            made.append(Row(node.pk, node.code, node.name, node.level, node.half, node.is_leaf, added(parts)))
    return made


def trial_balance(ledger: Ledger, year: int, first: int, last: int) -> list[Row]:
    """Return the trial balance of some months of a year. Two queries, or three for more than one month."""
    return rows_of(tree_of(ledger), months.span_sums(ledger.pk, year, first, last))


def totals(rows: Sequence[Row], half: str) -> tuple[Decimal, ...]:
    """Return the sums of one half of the books: both sides of each pair of columns are equal."""
    return added([row.amounts for row in rows if row.half == half and row.level == 0])


@dataclass(frozen=True, slots=True)
class Beside:
    """An account of the first level in several sets of books: its balance in each, and together."""

    code: str
    name: str
    balances: list[Decimal | None]
    total: Decimal


def side_by_side(ledgers: Sequence[Ledger], year: int, month: int) -> list[Beside]:
    """Return the balances at the end of a month of all accounts of the first level, a column for each ledger."""
    moved = months.sums([ledger.pk for ledger in ledgers], year, month)
    found: dict[str, tuple[str, dict[int, Decimal]]] = {}
    for ledger, tree in trees([ledger.pk for ledger in ledgers]).items():
        here = moved.get(ledger, {})
        for node in tree.roots:
            sums = [here[leaf.pk] for leaf in node.leaves if leaf.pk in here]
            if any(not item.is_nothing for item in sums):
                balance = sum((item.balance for item in sums), ZERO)
                found.setdefault(node.code, (node.name, {}))[1][ledger] = balance
    return [
        Beside(code, name, [balances.get(ledger.pk) for ledger in ledgers], sum(balances.values(), ZERO))
        for code, (name, balances) in sorted(found.items())
    ]


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month of the general ledger: what moved, the year so far, and the balance after it."""

    month: int
    debit: Decimal
    credit: Decimal
    year_debit: Decimal
    year_credit: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class YearOf:
    """An account's months in the general ledger (总账)."""

    node: Node
    opening: Decimal
    months: list[MonthRow]

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to show."""
        return not self.opening and not self.months


def general(
    ledger: Ledger, nodes: Sequence[Node], year: int, closed_through: int, first: int = 1, last: int = 12
) -> list[YearOf]:
    """Return some months of accounts in the general ledger, only those in which they moved. Two queries."""
    leaves = [leaf.pk for node in nodes for leaf in node.leaves]
    ends = months.sums([ledger.pk], year, 12, leaves).get(ledger.pk, {})
    moved = months.year_by_month(ledger.pk, year, leaves, closed_through=closed_through)
    made: list[YearOf] = []
    for node in nodes:
        keys = [leaf.pk for leaf in node.leaves]
        end = sum((ends[key] for key in keys if key in ends), Sums())
        opening = end.balance - end.year_debit + end.year_credit
        rows = _months([moved[key] for key in keys if key in moved], opening)
        opening = next((row.balance for row in reversed(rows) if row.month < first), opening)
        made.append(YearOf(node, opening, [row for row in rows if first <= row.month <= last]))
    return made


def _months(parts: list[list[tuple[Decimal, Decimal]]], balance: Decimal) -> list[MonthRow]:
    made: list[MonthRow] = []
    year_debit = year_credit = ZERO
    for month in range(12):
        debit = sum((part[month][0] for part in parts), ZERO)
        credit = sum((part[month][1] for part in parts), ZERO)
        year_debit, year_credit, balance = year_debit + debit, year_credit + credit, balance + debit - credit
        if any(any(part[month]) for part in parts):
            made.append(MonthRow(month + 1, debit, credit, year_debit, year_credit, balance))
    return made


def closed_through(ledger: Ledger, year: int) -> int:
    """Return the last closed month of a year; 0 without any. One query."""
    closed = ledger.periods.filter(year=year, state="closed").order_by("-month").values_list("month", flat=True)
    return closed.first() or 0


def readable(user: object, school: object) -> list[Ledger]:
    """Return the books that a person may read, by school, a canteen's behind the school's own."""
    books = Ledger.objects.visible_to(user).at(school).select_related("school")
    return list(books.order_by("school__name_pinyin", "school_id", "-kind"))
