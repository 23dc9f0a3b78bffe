"""The table that ships with the application: the 81 items by which schools account for expenditure."""

import csv
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "expenditure_items.csv"


def load_shipped(item: Any) -> int:
    """Bring the shipped rows into the table of the model class, without doubling; return how many there are.

    Gets the class because a migration has a historical one.
    """
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for position, row in enumerate(rows, start=1):
        item.objects.update_or_create(
            position=position,
            defaults={"group": row["group_code"], "number": int(row["item_no"]), "name": row["item_zh"]},
        )
    return len(rows)
