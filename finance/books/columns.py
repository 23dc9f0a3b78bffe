"""The multi-column book (多栏账): an account's entries with a column for each account below it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from finance.books.months import Sums
from finance.books.tree import Node
from finance.ledger.models import ZERO


def columns_of(node: Node) -> list[Node]:
    """Return the accounts that get a column: those directly below."""
    return node.children


def column_index(node: Node) -> dict[int, int]:
    """Return in which column the entries of each account stand."""
    return {leaf.pk: number for number, child in enumerate(columns_of(node)) for leaf in child.leaves}


def spread(account: int, amount: Decimal, index: Mapping[int, int]) -> list[Decimal | None]:
    """Return one amount in the column of its account."""
    where = index[account]
    return [amount if number == where else None for number in range(max(index.values()) + 1)]


def column_sums(node: Node, moved: Mapping[int, Sums]) -> tuple[list[Decimal], list[Decimal]]:
    """Return what moved in the month and in the year so far, for each column; debit less credit."""

    def total(child: Node, of: Iterable[str]) -> Decimal:
        debit, credit = of
        parts = [moved[leaf.pk] for leaf in child.leaves if leaf.pk in moved]
        return sum((getattr(part, debit) - getattr(part, credit) for part in parts), ZERO)

    month = [total(child, ("debit", "credit")) for child in columns_of(node)]
    year = [total(child, ("year_debit", "year_credit")) for child in columns_of(node)]
    return month, year
