"""How figures and words stand in a book: digits in columns, 借 / 贷 / 平, the words of vouchers."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.ledger.models import BookLine, VoucherKind
from finance.ledger.wording import word

Kind = BookLine.Kind
MINUS = "−"
# Of 亿千百十万千百十元角分, read from the right: eight columns hold up to 999,999.99.
PLACES = "百十亿千百十万千百十元角分"
FEWEST_DIGITS = 8
TOTALS = frozenset({Kind.DAY_TOTAL, Kind.MONTH_TOTAL, Kind.YEAR_TOTAL})
CARRIED = frozenset({Kind.BROUGHT_FORWARD, Kind.CARRIED_OVER})
# Lines without amounts of their own: only the balance is written.
BALANCE_ALONE = frozenset({Kind.OPENING, Kind.NEXT_YEAR})


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as a book shows it: its digits without separators, and in words of a screen reader."""

    value: Decimal
    digits: str
    plain: str

    @property
    def is_red(self) -> bool:
        """Whether it is written in red."""
        return self.value < 0


def amount(value: Decimal | None) -> Amount | None:
    """Return an amount; nothing for what is not written."""
    if not value:
        return None
    digits = f"{abs(value):.2f}".replace(".", "")
    if abs(value) < 1:
        digits = digits.lstrip("0")
    return Amount(value, (MINUS if value < 0 else "") + digits, f"{value:,.2f}")


def side(balance: Decimal) -> str:
    """Return 借, 贷 or 平."""
    if not balance:
        return pgettext("balance of an account", "nil")
    return pgettext("balance of an account", "Dr") if balance > 0 else pgettext("balance of an account", "Cr")


def sides() -> tuple[str, str, str]:
    """Return 平, 借 and 贷, so that the sign of a balance is the index."""
    return side(Decimal(0)), side(Decimal(1)), side(Decimal(-1))


def words() -> dict[str, str]:
    """Return the words of all kinds of vouchers, for readers of many lines."""
    return {str(kind): word(kind) for kind in VoucherKind.values}


def places(amounts: Iterable[Decimal | None]) -> str:
    """Return the heads of the digit columns that the largest amount needs: 十万千百十元角分."""
    largest = max((abs(value) for value in amounts if value), default=Decimal(0))
    negative = any(value < 0 for value in amounts if value)
    needed = len(f"{largest:.2f}") - 1 + (1 if negative else 0)
    return PLACES[-min(max(needed, FEWEST_DIGITS), len(PLACES)) :]


def summary_of(kind: str, summary: Any) -> str:
    """Return what stands in the column of summaries."""
    if kind == Kind.ENTRY:
        return str(summary or "")
    return str(Kind(kind).label)


def book_title(code: str, name: str) -> str:
    """Return the title of a bound book by the account's code: cash journal, bank journal."""
    if code.startswith("1001"):
        return _("Cash journal")
    if code.startswith("1002"):
        return _("Bank journal")
    return _("Journal of %(account)s") % {"account": name}
