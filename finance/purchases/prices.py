"""What the school itself paid last time for the same thing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from finance.purchases.models import BOUGHT, PurchaseLine
from houqin.schools.models import School


@dataclass(frozen=True, slots=True)
class LastPrice:
    """A price and the day on which it was approved."""

    price: Decimal
    on: date


def last_prices(school: School, names: Iterable[str], *, without: int | None = None) -> dict[str, LastPrice]:
    """Return the last own price of each of `names` that was bought before, leaving one request out. One query."""
    asked = {name for name in names if name}
    if not asked:
        return {}
    rows = (
        PurchaseLine.objects.filter(request__school=school, request__state__in=BOUGHT, name__in=asked)
        .exclude(request=without)
        .order_by("name", "-request__approved_at", "-pk")
        .distinct("name")
        .values_list("name", "unit_price", "request__approved_at")
    )
    return {name: LastPrice(price, timezone.localdate(at)) for name, price, at in rows}
