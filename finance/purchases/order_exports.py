"""Purchases as Excel, CSV or PDF: requests, their lines, what was urgent or dear, prices over time."""

from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import CharField, DurationField, ExpressionWrapper, F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Concat, Extract, TruncDate
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from finance.purchases import price_history
from finance.purchases.models import PurchaseLine
from finance.purchases.views.requests import PurchaseList
from houqin.exports.lists import rows_of
from houqin.exports.registry import Column, Export

_listed = rows_of(PurchaseList)

REQUESTS = Export(
    name="finance.purchases",
    title=_("Purchase requests"),
    permission="finance.view_purchases",
    queryset=_listed,
    columns=[
        Column(_("number"), "number", width=14),
        Column(_("school"), "school__name", width=14),
        Column(_("kind"), "kind", "choice", width=10),
        Column(_("what is bought"), "title", width=24),
        Column(_("requested by"), "requester__display_name", width=10),
        Column(_("submitted at"), "submitted_at", "datetime", width=16),
        Column(_("needed by"), "needed_on", "date", width=11),
        Column(_("total"), "total", "money", width=14, total=True),
        Column(_("state"), "state", "choice", width=12),
        Column(_("expenditure item"), "budget_line__item__name", width=14),
        Column(_("approved at"), "approved_at", "datetime", width=16),
        Column(_("with less notice than the school asks for"), "is_emergency", "boolean", width=8),
        Column(_("dearer than the market"), "is_over_market", "boolean", width=8),
    ],
)


def _lines(user: Any, school: Any, params: QueryDict) -> QuerySet[Any]:
    """Return the lines of the requests that the list shows, in the order of their numbers."""
    requests = _listed(user, school, params).order_by()
    lines = PurchaseLine.objects.filter(request__in=requests)
    return lines.order_by("request__school_id", "request__number", "position")


LINES = Export(
    name="finance.purchase_lines",
    title=_("Lines of purchase requests"),
    permission="finance.view_purchases",
    queryset=_lines,
    columns=[
        Column(_("number"), "request__number", width=14),
        Column(_("school"), "request__school__name", width=14),
        Column(_("item"), "name", width=16),
        Column(_("specification"), "specification", width=14),
        Column(_("unit"), "unit", width=6),
        Column(_("quantity"), "quantity", "number", width=9),
        Column(_("estimated unit price"), "unit_price", "money", width=12),
        Column(_("amount"), "amount", "money", width=14, total=True),
        Column(_("price to compare with"), "reference_price", "money", width=12),
        Column(_("where this price is seen"), "market_source", width=16),
        Column(_("why it is dearer"), "over_market_reason", width=16),
        Column(_("goes into the register"), "is_equipment", "boolean", width=8),
        Column(_("state"), "request__state", "choice", width=12),
        Column(_("submitted at"), "request__submitted_at", "datetime", width=16),
    ],
)

# Days between submitting and needing; empty while it is not submitted.
_NOTICE = Extract(
    ExpressionWrapper(F("needed_on") - TruncDate("submitted_at"), output_field=DurationField()),
    "day",
    output_field=IntegerField(),
)
_DEARER = StringAgg(
    Concat("lines__name", Value(": "), "lines__over_market_reason", output_field=CharField()),
    delimiter="; ",
    filter=Q(lines__unit_price__gt=F("lines__reference_price")) & ~Q(lines__over_market_reason=""),
    default=Value(""),
)


def _exceptions(user: Any, school: Any, params: QueryDict) -> QuerySet[Any]:
    """Return the urgent and the dear ones among the requests of the list."""
    requests = _listed(user, school, params).order_by().values("pk")
    model = _listed(user, school, params).model
    rows = model.objects.filter(Q(is_emergency=True) | Q(is_over_market=True), pk__in=requests)
    return rows.order_by("school_id", "number")


EXCEPTIONS = Export(
    name="finance.purchase_exceptions",
    title=_("Urgent and dear purchases"),
    permission="finance.view_purchases",
    queryset=_exceptions,
    columns=[
        Column(_("number"), "number", width=14),
        Column(_("school"), "school__name", width=14),
        Column(_("what is bought"), "title", width=20),
        Column(_("requested by"), "requester__display_name", width=10),
        Column(_("total"), "total", "money", width=14, total=True),
        Column(_("submitted at"), "submitted_at", "datetime", width=16),
        Column(_("needed by"), "needed_on", "date", width=11),
        Column(_("days of notice"), _NOTICE, "integer", width=8),
        Column(_("with less notice than the school asks for"), "is_emergency", "boolean", width=8),
        Column(_("why it is urgent"), "emergency_reason", width=24),
        Column(_("dearer than the market"), "is_over_market", "boolean", width=8),
        Column(_("why it is dearer"), _DEARER, width=24),
        Column(_("state"), "state", "choice", width=12),
    ],
)

PRICES = Export(
    name="finance.price_history",
    title=_("Price history"),
    permission="finance.view_purchases",
    queryset=price_history.rows,
    columns=[
        Column(_("item"), "name", width=16),
        Column(_("specification"), "specification", width=14),
        Column(_("school"), "request__school__name", width=14),
        Column(_("request"), "request__number", width=14),
        Column(_("approved at"), "request__approved_at", "datetime", width=16),
        Column(_("quantity"), "quantity", "number", width=9),
        Column(_("unit"), "unit", width=6),
        Column(_("paid, a piece"), "price", "money", width=12),
        Column(_("market price"), "reference_price", "money", width=12),
        Column(_("supplier"), "seller", width=18),
    ],
)

ALL = (REQUESTS, LINES, EXCEPTIONS, PRICES)
