"""What was paid for a thing: the price agreed with the supplier, else the approved one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from finance.purchases.models import BOUGHT, OrderLine, PurchaseLine, PurchaseRequest, State
from houqin.schools.models import School


@dataclass(frozen=True, slots=True)
class LastPrice:
    """A price and the day on which it was approved."""

    price: Decimal
    on: date


def bought_lines(requests: QuerySet[PurchaseRequest]) -> QuerySet[Any]:
    """Return the approved lines of `requests` with their `price`; of a closed request only what came of it."""
    ordered = OrderLine.objects.filter(line=OuterRef("pk"), is_live=True)
    lines = PurchaseLine.objects.filter(request__in=requests.filter(state__in=BOUGHT))
    return lines.filter(~Q(request__state=State.CLOSED) | Exists(ordered.filter(accepted__gt=0))).annotate(
        price=Coalesce(
            Subquery(ordered.values("unit_price")[:1]),
            F("unit_price"),
            output_field=DecimalField(max_digits=12, decimal_places=2),
        )
    )


def last_prices(school: School, names: Iterable[str], *, without: int | None = None) -> dict[str, LastPrice]:
    """Return the last own price of each of `names` that was bought before, leaving one request out. One query."""
    asked = {name for name in names if name}
    if not asked:
        return {}
    rows = (
        bought_lines(PurchaseRequest.objects.filter(school=school))
        .filter(name__in=asked)
        .exclude(request=without)
        .order_by("name", "-request__approved_at", "-pk")
        .distinct("name")
        .values_list("name", "price", "request__approved_at")
    )
    return {name: LastPrice(price, timezone.localdate(at)) for name, price, at in rows}
