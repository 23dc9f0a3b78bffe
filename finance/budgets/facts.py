"""Where a budget line stands: what is spent, what is reserved, what this would take, what is left."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from finance.budgets.bars import standing_bar
from finance.budgets.models import ZERO, BudgetLine


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures of a line; `left` is what is left once `this` is taken as well, below zero when it is too much."""

    amount: Decimal
    spent: Decimal
    reserved: Decimal
    this: Decimal
    left: Decimal

    @property
    def bears(self) -> bool:
        """Whether the line bears it."""
        return self.left >= 0

    @property
    def short(self) -> Decimal:
        """How much is missing; zero when nothing is."""
        return max(-self.left, ZERO)

    @property
    def bar(self) -> SafeString:
        """The figures as a bar; the page shows them in words beside it."""
        return standing_bar(self)


def standing(line: BudgetLine, this: Decimal = ZERO) -> Standing:
    """Return where `line` stands once `this` is taken; pass nothing for what is reserved already. No query."""
    return Standing(line.amount, line.spent, line.reserved, this, line.amount - line.used - this)
