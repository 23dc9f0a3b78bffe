"""Turn the rows of a file into values and find everything that is wrong with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from houqin.errors import Refused
from houqin.imports.columns import is_note, is_total, shown
from houqin.imports.reader import BrokenCell
from houqin.imports.registry import ImportColumn, ImportKind, ImportRow, RowError

# How often the caller hears how far it is.
STEP = 200


@dataclass(slots=True)
class Examined:
    """What a file holds: its rows, what is wrong, and which lines were left out as totals or remarks."""

    rows: list[ImportRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)


def examine(
    kind: ImportKind,
    lines: Sequence[Sequence[Any]],
    *,
    header_row: int,
    mapping: dict[str, int],
    school: Any,
    by: Any,
    progress: Callable[[int], None],
) -> Examined:
    """Read the lines below `header_row` by `mapping` and check them; the errors come in the order of the rows.

    The kind's own check gets only rows whose cells could all be read, so that one mistake is named once.
    """
    found = Examined()
    columns = [(column, mapping[column.name]) for column in kind.columns if column.name in mapping]
    required = [position for column, position in columns if column.required]
    cells_of: dict[int, dict[str, str]] = {}
    clean: list[ImportRow] = []
    for done, (number, line) in enumerate(enumerate(lines[header_row:], start=header_row + 1), start=1):
        if done % STEP == 0:
            progress(done)
        if all(cell is None for cell in line):
            continue
        if (is_total(line) and not kind.reads_totals) or is_note(line, required):
            found.skipped.append((number, next(shown(cell) for cell in line if cell is not None)))
            continue
        row, errors = _read_row(number, line, columns)
        cells_of[number] = {column.name: shown(line[position]) for column, position in columns if position < len(line)}
        found.rows.append(row)
        found.errors += errors
        if not errors:
            clean.append(row)
    _check_count(kind, len(found.rows))
    for error in kind.check(clean, school=school, by=by):
        cell = error.cell or cells_of.get(error.row, {}).get(error.column, "")
        found.errors.append(RowError(error.row, error.column, error.code, error.message, cell))
    order = {column.name: place for place, column in enumerate(kind.columns)}
    found.errors.sort(key=lambda error: (error.row, order.get(error.column, -1)))
    return found


def _check_count(kind: ImportKind, rows: int) -> None:
    if not rows:
        raise Refused(_("There are no rows below the column titles."), code="no_rows")
    if rows > kind.max_rows:
        raise Refused(
            _("This file has %(rows)d rows, at most %(most)d can be imported at once. Split it."),
            code="too_many_rows",
            params={"rows": rows, "most": kind.max_rows},
        )


def _read_row(
    number: int, line: Sequence[Any], columns: Sequence[tuple[ImportColumn, int]]
) -> tuple[ImportRow, list[RowError]]:
    values: dict[str, Any] = {}
    errors: list[RowError] = []
    for column, position in columns:
        cell = line[position] if position < len(line) else None
        try:
            values[column.name] = _read_cell(column, cell)
        except Refused as refusal:
            errors.append(RowError(number, column.name, str(refusal.code), refusal.sentence, shown(cell)))
    return ImportRow(number, values), errors


def _read_cell(column: ImportColumn, cell: Any) -> Any:
    if cell is None:
        if column.required and not column.empty_ok:
            raise Refused(_("This is missing."), code="required")
        return None
    if isinstance(cell, BrokenCell) and not cell.text.startswith("="):
        raise Refused(_("The formula in this cell has no result. Type the value itself."), code="formula_error")
    if shown(cell).startswith("="):
        raise Refused(_("This is the text of a formula. Type the value itself."), code="formula_text")
    return column.parse(cell)
