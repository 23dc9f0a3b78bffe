"""Statements as sheets of a file: the paper form of each school, and all schools side by side."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.books import sheets
from finance.books.sheets import Col, Form, Line, Sheet
from finance.statements import notes, tables
from finance.statements.papers import ITEM, LESS, NET, PART, Row
from finance.statements.tables import Beside, Filled, Statement

# How far rows are set in on paper, and how many lines a page of all schools has at most.
_SET_IN = {ITEM: "  ", LESS: "  ", NET: "  ", PART: "        "}
_LINES_OF_ALL = 30
# Cells that a figure adds: sign, column and line of each.
Cells = Sequence[tuple[int, int, int]]


def own(made: Statement) -> Sheet:
    """Return the form of one school."""
    lines = pairs(made)
    return Sheet(
        ledger=made.ledger,
        title=str(made.paper.title),
        name=str(made.ledger),
        period=tables.when(made.paper, made.span),
        columns=_columns(made),
        read=lambda _whole_pages: _own_lines(lines),
        year=made.span.year,
        has_sums=False,
        form=_form(made, notes.of_one(made), len(lines), is_upright=True),
        estimate=len(lines),
    )


def of_all(made: Beside) -> Sheet:
    """Return the form of all schools side by side; its unit is whoever is above them."""
    columns = [Col(pgettext("of a statement", "Item"), "text", 34), Col(_row_number(), "integer", 6)]
    return Sheet(
        ledger=made.ledgers[0],
        title=_("%(title)s: all schools") % {"title": made.paper.title},
        name=pgettext("of a statement", "Total of all schools"),
        period=f"{tables.when(made.paper, made.span)} {made.measure}",
        columns=[*columns, *(Col(head, "money", 18) for head in made.heads)],
        read=lambda _whole_pages: _lines_of_all(made),
        year=made.span.year,
        has_sums=False,
        form=_form(made, notes.of_all(made), _rows_of_all(len(made.lines)), is_upright=False),
        estimate=len(made.lines),
        unit=pgettext("of a statement", "all schools"),
    )


def _rows_of_all(lines: int) -> int:
    """Return how many lines a page has, so that all pages have as many."""
    return ceil(lines / ceil(lines / _LINES_OF_ALL))


def _form(made: Statement | Beside, below: Sequence[str], rows: int, *, is_upright: bool) -> Form:
    return Form(
        number=made.paper.form,
        unit=_("Unit: yuan"),
        signatures=_("Head of the unit:              Chief accountant:              Prepared by:"),
        notes=below,
        rows=rows,
        is_upright=is_upright,
    )


def _row_number() -> str:
    return pgettext("of a statement", "Row")


def _columns(made: Statement) -> list[Col]:
    figures = [Col(head, "money", 18) for head in tables.heads(made.paper, made.span)]
    return [
        col
        for name in tables.sides(made.paper)
        for col in (Col(name, "text", 32), Col(_row_number(), "integer", 6), *figures)
    ]


def pairs(made: Statement) -> list[tuple[Filled | None, ...]]:
    """Return the lines of the form, on both sides; the last ones of both sides stand beside each other."""
    if not made.paper.has_sides:
        return [(line,) for line in made.lines]
    return list(_beside(made))


def _beside(made: Statement) -> Iterable[tuple[Filled | None, Filled | None]]:
    """Yield what stands on each line of a form with two sides."""
    *left, last_left = made.left
    *right, last_right = made.right
    yield from zip_longest(left, right)
    yield last_left, last_right


def _own_lines(lines: Sequence[tuple[Filled | None, ...]]) -> Iterator[Line]:
    """Yield the lines of a school's form."""
    wide = 4
    places = {
        filled.row.number: (side * wide, line)
        for line, pair in enumerate(lines)
        for side, filled in enumerate(pair)
        if filled is not None
    }
    for pair in lines:
        cells: list[Any] = []
        adds: dict[int, Cells] = {}
        strong: set[int] = set()
        for side, filled in enumerate(pair):
            values = _values(filled, wide - 2)
            cells += [*_name(filled), *values]
            if filled is not None and filled.row.is_sum:
                first = side * wide
                strong |= set(range(first, first + wide)) if filled.row.kind != NET else set()
                shown = [at for at in range(wide - 2) if filled.values[at] is not None]
                adds |= {first + 2 + at: _cells(filled.row, places, 2 + at) for at in shown}
        yield Line(sheets.ENTRY, cells, adds=adds, strong=frozenset(strong))


def _cells(row: Row, places: Mapping[int | None, tuple[int, int]], column: int) -> Cells:
    """Return the cells of the rows that a row adds, in the same column of figures of their side."""
    return [(sign, places[number][0] + column, places[number][1]) for sign, number in row.adds]


def _name(filled: Filled | None) -> tuple[str, int | None]:
    if filled is None:
        return "", None
    return _SET_IN.get(filled.row.kind, "") + filled.row.name, filled.row.number


def _values(filled: Filled | None, wide: int) -> list[Decimal | None]:
    """Return the figures of a row; where there is nothing, nothing is written."""
    values = filled.values if filled is not None else ()
    return [value or None for value in values] or [None] * wide


def _lines_of_all(made: Beside) -> Iterator[Line]:
    """Yield the lines of the form of all schools."""
    wide = len(made.heads)
    places = {filled.row.number: (0, line) for line, filled in enumerate(made.lines)}
    for line, filled in enumerate(made.lines):
        is_sum = filled.row.is_sum
        adds: dict[int, Cells] = {}
        if is_sum:
            adds = {2 + at: _cells(filled.row, places, 2 + at) for at in range(wide)}
        elif filled.values:
            # All together is what stands before it on the line.
            adds = {1 + wide: [(1, 2 + at, line) for at in range(wide - 1)]}
        strong = frozenset(range(2 + wide)) if is_sum and filled.row.kind != NET else frozenset()
        yield Line(sheets.ENTRY, [*_name(filled), *_values(filled, wide)], adds=adds, strong=strong)
