"""The notes and coins that are counted: a table that ships with the application, the largest first."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "denominations.csv"


@dataclass(frozen=True, slots=True)
class Denomination:
    """A note or coin: what it is worth and how it is called."""

    value: Decimal
    name: str

    @property
    def fen(self) -> int:
        """What it is worth in fen; fields are named by it."""
        return int(self.value * 100)


@cache
def shipped() -> tuple[Denomination, ...]:
    """Return them all."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(Denomination(Decimal(row["value"]), row["name"]) for row in csv.DictReader(file))


def known(value: Decimal) -> Denomination:
    """Return the one of a value; one that is no longer counted is called by its value."""
    return next((one for one in shipped() if one.value == value), Denomination(value, f"{value}元"))
