"""Cash counts in each state."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from finance.counts import actions
from finance.counts.models import CashCount
from tests.finance.ledger_factories import CASH, Office


def pieces(**numbers: int) -> dict[Decimal, int]:
    """Pieces by denomination: `pieces(y100=9)` are nine notes of 100 yuan, `f50` is a coin of 5 jiao."""
    return {
        Decimal(name[1:]) if name[0] == "y" else Decimal(name[1:]) / 100: number for name, number in numbers.items()
    }


def counted(office: Office, numbers: dict[Decimal, int] | None = None, **fields: Any) -> CashCount:
    """A count by the cashier, today; of 1000 yuan when nothing else is said."""
    today: date = timezone.localdate()
    values = {"pieces": pieces(y100=10) if numbers is None else numbers, "on": today, "by": office.cashier}
    return actions.count(office.account(CASH), **values | fields)
