"""The smallest valid categories and asset cards."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from assets.register.models import AssetCard, AssetCategory
from houqin.schools.models import School

_numbers = count(1)


def category(code: str = "A02021000") -> AssetCategory:
    """One of the categories that ship: printers unless another code is named."""
    return AssetCategory.objects.get(code=code)


def new_card(school: School, **fields: Any) -> AssetCard:
    """A printer that is not on the register yet."""
    values = {
        "school": school,
        "category": fields.pop("category", None) or category(),
        "name": "打印机",
        "unit": "台",
        "unit_price": Decimal("2000.00"),
        "acquired_on": date(2024, 9, 1),
    }
    return AssetCard(**values | fields)


def make_card(school: School, **fields: Any) -> AssetCard:
    """A printer on the register of `school`; states that no action gives are set directly."""
    card = new_card(school, **{"number": f"T-{next(_numbers)}", "useful_life_years": 6} | fields)
    card.save()
    return card
