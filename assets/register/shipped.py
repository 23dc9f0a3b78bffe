"""The tables that ship with the application: categories, thresholds, the schools' official lives."""

import csv
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from houqin.web.search import search_text

DATA = Path(__file__).parent / "data"

# Order 108 of 2021, article 41: one line since March 2022; before it special equipment had one of its own.
THRESHOLDS = (
    ("general", date(2013, 1, 1), Decimal("1000.00")),
    ("special", date(2013, 1, 1), Decimal("1500.00")),
    ("special", date(2022, 3, 1), Decimal("1000.00")),
    ("general", date(2022, 3, 1), Decimal("1000.00")),
)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load_shipped(category: Any, threshold: Any) -> int:
    """Bring the shipped rows into the tables of the two model classes, without doubling; return how many there are.

    Gets the classes because a migration has historical ones. Categories that a school added stay.
    """
    by_code: dict[str, Any] = {}
    for row in _rows("asset_categories.csv"):
        years = row["school_life"] or row["useful_life_min"]
        by_code[row["code"]], _created = category.objects.update_or_create(
            code=row["code"],
            defaults={
                "name_zh": row["name_zh"],
                "name_en": row["name_en"],
                "parent": by_code.get(row["parent_code"]),
                "level": int(row["level"]),
                "kind": row["kind"],
                "unit": row["unit"],
                "is_depreciable": row["depreciable"] != "no",
                "useful_life_years": int(years) if years else None,
                "is_verified": row["code_status"] == "verified",
                "note": row["note"],
                "search_text": search_text(row["code"], row["name_zh"], row["name_en"], phonetic=(row["name_zh"],)),
            },
        )
    for kind, since, amount in THRESHOLDS:
        threshold.objects.get_or_create(school=None, kind=kind, valid_from=since, defaults={"amount": amount})
    return len(by_code)


@lru_cache(maxsize=1)
def official_lives() -> tuple[tuple[str, str, str], ...]:
    """Return the ministry's table of lives for schools: Chinese name, English name, years."""
    return tuple(
        (row["category_zh"], row["category_en"], row["years_min"])
        for row in _rows("useful_life.csv")
        if row["table"] == "school"
    )
