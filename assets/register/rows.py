"""The rows of the register: values of one narrow query, made ready to print in one pass."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from assets.register.models import AssetCard
from houqin.web.templatetags.houqin import badge, money

Status = AssetCard.UseStatus
# How a state is drawn: tone and glyph of its badge.
BADGES: dict[str, tuple[str, str]] = {
    Status.IN_USE: ("done", "done"),
    Status.IDLE: ("off", "draft"),
    Status.AWAITING_REPAIR: ("wait", "wait"),
    Status.AWAITING_SCRAP: ("wait", "check"),
    Status.RENTED_OUT: ("doing", "planned"),
    Status.DISPOSED: ("off", "returned"),
}
VALUES = (
    "pk",
    "number",
    "name",
    "name_pinyin",
    "specification",
    "use_status",
    "quantity",
    "unit",
    "original_cost",
    "acquired_on",
    "place_text",
    "keeper_text",
    "category__name_zh",
    "category__name_en",
    "place__full_name",
    "keeper__display_name",
)


def narrow(queryset: QuerySet[Any], *, with_school: bool) -> QuerySet[Any]:
    """Ask for what a row shows and nothing else: whole records with their relations cost four times as much."""
    return queryset.values(*VALUES, *(["school__name"] if with_school else []))


def ready(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the values of the list's template, row by row."""
    language = get_language() or ""
    name = "category__name_zh" if language.startswith("zh") else "category__name_en"
    before, after = reverse("assets:register:detail", args=[0]).split("0")
    return [
        {
            "pk": str(row["pk"]),
            "number": row["number"],
            "url": f"{before}{row['pk']}{after}",
            "name": row["name"],
            "specification": row["specification"],
            "school": row.get("school__name", ""),
            "category": row[name] or row["category__name_zh"],
            "badge": _badge(row["use_status"], language),
            "place": row["place__full_name"] or row["place_text"],
            "keeper": row["keeper__display_name"] or row["keeper_text"],
            "quantity": f"{row['quantity']} {row['unit']}",
            "cost": money(row["original_cost"]),
            "acquired": row["acquired_on"].isoformat(),
        }
        for row in rows
    ]


@lru_cache(maxsize=32)
def _badge(status: str, _language: str) -> SafeString:
    return badge(*BADGES[status], Status(status).label)
