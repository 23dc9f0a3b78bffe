"""The forms of 政府会计制度 as they ship: the rows of each statement, and from which accounts they come."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from django.utils.translation import get_language, gettext_lazy

from finance.ledger import charts

DATA = Path(__file__).parent / "data"
HEADING, ITEM, LESS, NET, PART, SUM, TOTAL = "heading", "item", "less", "net", "part", "sum", "total"
# Rows that add others; a net one stands among the items.
SUMS = frozenset({NET, SUM, TOTAL})
LEFT, RIGHT = "left", "right"
# Stands among the accounts for the net result of a canteen's own books (财会〔2018〕20号).
CANTEEN = "canteen"


@dataclass(frozen=True, slots=True)
class Term:
    """An account of four digits that a row takes, or of those below it what has a word in its name."""

    sign: int
    code: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a form. What it adds are numbers of other rows, each with its sign."""

    number: int | None
    names: tuple[str, str]
    kind: str
    side: str
    terms: tuple[Term, ...]
    adds: tuple[tuple[int, int], ...]

    @property
    def name(self) -> str:
        """Its name as the form has it; in other languages what that means."""
        chinese, english = self.names
        return chinese if (get_language() or "zh").startswith("zh") else english

    @property
    def is_sum(self) -> bool:
        """Whether it adds other rows."""
        return self.kind in SUMS


@dataclass(frozen=True)
class Paper:
    """A form: its name and number, and its rows in their order."""

    kind: str
    title: Any
    # As the regulation numbers its forms.
    form: str
    rows: tuple[Row, ...]

    @property
    def has_sides(self) -> bool:
        """Whether assets stand beside liabilities and net assets."""
        return any(row.side for row in self.rows)

    def side(self, side: str) -> list[Row]:
        """Return the rows of a side."""
        return [row for row in self.rows if row.side == side]

    @cached_property
    def taken(self) -> Mapping[str, Sequence[str]]:
        """By account, the words of what another row takes of it; what is only shown as a part is not taken."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            for term in row.terms:
                if term.word and row.kind != PART:
                    found.setdefault(term.code, []).append(term.word)
        return found

    @cached_property
    def codes(self) -> frozenset[str]:
        """The accounts that are in its rows."""
        return frozenset(term.code for row in self.rows for term in row.terms if term.code != CANTEEN)

    @cached_property
    def numbered(self) -> Mapping[int, Row]:
        """The rows by their numbers."""
        return {row.number: row for row in self.rows if row.number is not None}


@cache
def directions() -> Mapping[str, int]:
    """Return 1 for accounts that stand on the debit side, -1 for the others; a canteen's net result is income."""
    top = [row for row in charts.shipped() if not row["parent_code"]]
    return {row["code"]: 1 if row["normal_balance"] == "debit" else -1 for row in top} | {CANTEEN: -1}


def _term(text: str) -> Term:
    sign = -1 if text.startswith("-") else 1
    code, _slash, word = text.removeprefix("-").partition("/")
    return Term(sign, code, word)


def _adds(text: str) -> tuple[tuple[int, int], ...]:
    """Return signs and numbers of rows; 1:13 stands for thirteen of them."""
    found: list[tuple[int, int]] = []
    for part in text.split():
        first, _colon, last = part.removeprefix("-").partition(":")
        found += [(-1 if part.startswith("-") else 1, number) for number in range(int(first), int(last or first) + 1)]
    return tuple(found)


def _rows(name: str) -> tuple[Row, ...]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Row(
                int(row["number"]) if row["number"] else None,
                (row["name_zh"], row["name_en"]),
                row["kind"],
                row["side"],
                tuple(_term(text) for text in row["accounts"].split()),
                _adds(row["adds"]),
            )
            for row in csv.DictReader(file)
        )


BALANCE = Paper("balance", gettext_lazy("Balance sheet"), "会政财01表", _rows("balance_sheet"))
INCOME = Paper("income", gettext_lazy("Income and expense statement"), "会政财02表", _rows("income"))
BUDGET = Paper("budget", gettext_lazy("Budget income and expenditure statement"), "会政预01表", _rows("budget"))
PAPERS = {paper.kind: paper for paper in (BALANCE, INCOME, BUDGET)}
