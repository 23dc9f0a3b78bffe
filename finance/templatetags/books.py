"""How amounts stand in the books on screen."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template

from finance.books import figures

register = template.Library()


@register.filter
def figure(value: Decimal) -> str:
    """Return 1,234.50; a book's columns need no sign of the currency."""
    return f"{value:,.2f}"


@register.filter
def unsigned(balance: Decimal) -> str:
    """Return a balance without its sign, which the side beside it tells."""
    return f"{abs(balance):,.2f}"


@register.filter
def side(balance: Decimal) -> str:
    """Return 借, 贷 or 平."""
    return figures.side(balance)


@register.filter
def sided(balance: Decimal) -> str:
    """Return 贷 1,234.50: a balance where no column of its own tells the side; 平 for nothing."""
    return f"{figures.side(balance)} {abs(balance):,.2f}" if balance else figures.side(balance)


@register.filter
def beside(amounts: Sequence[Decimal | None], heads: Sequence[Any]) -> list[tuple[Any, Decimal | None]]:
    """Return amounts, each behind the head of its column."""
    return list(zip(heads, amounts, strict=True))


@register.filter
def plain(amount: figures.Amount | None, nothing: str = "") -> str:
    """Return an amount as 1,234.50, and something else where there is none."""
    return amount.plain if amount is not None else nothing
