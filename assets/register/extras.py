"""Facts that only some kinds of things have: buildings, vehicles, books, plants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assets.register.models import AssetCategory
from houqin.errors import Refused


@dataclass(frozen=True, slots=True)
class ExtraFact:
    """One more fact; `kind` is text, number or date. Kept in `AssetCard.extra` as text."""

    name: str
    label: str | Promise
    kind: str = "text"


BUILDING = (
    ExtraFact("structure", _("structure")),
    ExtraFact("floor_area", _("floor area (square metres)"), "number"),
    ExtraFact("title_number", _("title certificate number")),
    ExtraFact("completed_on", _("completed on"), "date"),
)
VEHICLE = (
    ExtraFact("plate", _("number plate")),
    ExtraFact("vin", _("vehicle identification number")),
    ExtraFact("engine_number", _("engine number")),
    ExtraFact("displacement", _("displacement (litres)"), "number"),
)
BOOK = (ExtraFact("publisher", _("publisher")),)
PLANT = (
    ExtraFact("species", _("species")),
    ExtraFact("age_years", _("age in years"), "number"),
    ExtraFact("plant_label", _("number of the plant label")),
)

# By the beginning of the code; the longest one wins.
BY_PREFIX: Mapping[str, tuple[ExtraFact, ...]] = {"A01": BUILDING, "A0203": VEHICLE, "A04": BOOK, "A06": PLANT}
LONGEST = 100


def facts_for(category: AssetCategory) -> tuple[ExtraFact, ...]:
    """Return the extra facts of a category's kind of things."""
    fitting = [prefix for prefix in BY_PREFIX if category.code.startswith(prefix)]
    return BY_PREFIX[max(fitting, key=len)] if fitting else ()


def check_extra(category: AssetCategory, extra: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts that fit the category, as text; refuse a number or date that is none."""
    result: dict[str, str] = {}
    for fact in facts_for(category):
        value = str(extra.get(fact.name) or "").strip()
        if not value:
            continue
        if len(value) > LONGEST or not _fits(fact.kind, value):
            raise Refused(
                _("%(label)s: “%(value)s” cannot be right."),
                code="extra_invalid",
                field=fact.name,
                params={"label": fact.label, "value": value[:LONGEST]},
            )
        result[fact.name] = value
    return result


def _fits(kind: str, value: str) -> bool:
    try:
        if kind == "number":
            return Decimal(value).is_finite() and Decimal(value) >= 0
        if kind == "date":
            date.fromisoformat(value)
    except (ValueError, InvalidOperation):
        return False
    return True
