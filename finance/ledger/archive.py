"""How long papers of accounting are kept (会计档案管理办法): a table that ships with the application, no setting."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

DATA = Path(__file__).parent / "data" / "archive_periods.csv"
BOOKS, RECONCILIATIONS = "books", "reconciliations"


@dataclass(frozen=True, slots=True)
class Papers:
    """A kind of papers, and for how many years they are kept; None is for ever."""

    code: str
    name: str
    years: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The papers of one kind and year: counted from the first day after that year, they are kept until a last day."""

    name: str
    years: int | None
    since: date
    until: date | None

    @property
    def words(self) -> str:
        """How long, in the language of the page: 30 years, from 2027-01-01 until 2056-12-31."""
        if self.until is None:
            return _("for ever")
        said = _("%(years)d years, from %(since)s until %(until)s")
        return said % {"years": self.years, "since": self.since.isoformat(), "until": self.until.isoformat()}


@cache
def shipped() -> tuple[Papers, ...]:
    """Return the table."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return tuple(Papers(row["code"], row["name"], int(row["years"]) if row["years"] else None) for row in rows)


def kept(year: int, *codes: str) -> list[Kept]:
    """Return how long the papers of a year are kept: of these kinds, or of all."""
    return [
        Kept(
            name=one.name,
            years=one.years,
            since=date(year + 1, 1, 1),
            until=date(year + one.years, 12, 31) if one.years is not None else None,
        )
        for one in shipped()
        if not codes or one.code in codes
    ]
