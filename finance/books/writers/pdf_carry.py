"""Pages of books that are not bound: a full one carries its sums over to the next, as on paper."""

from collections.abc import Iterator
from decimal import Decimal

from finance.books import figures, sheets
from finance.books.figures import Kind
from finance.books.sheets import Line, Sheet
from finance.ledger.models import ZERO


def paged(sheet: Sheet, rows: int) -> Iterator[Line]:
    """Yield the lines of a sheet, with 过次页 at the end of each full page and 承前页 at the top of the next one."""
    if not sheet.carries:
        yield from sheet.lines()
        return
    summed = [number for number, col in enumerate(sheet.columns) if col.summed]
    sums = dict.fromkeys(summed, ZERO)
    filled, before = 0, None
    for line in sheet.lines():
        if filled == rows - 1 and before is not None:
            yield _carried(before, Kind.CARRIED_OVER, sums)
            yield _carried(before, Kind.BROUGHT_FORWARD, sums)
            filled = 1
        yield line
        filled, before = filled + 1, line
        if line.style == sheets.ENTRY:
            for number in summed:
                sums[number] += line.cells[number] or ZERO
        elif line.style in sheets.RULES:
            sums = dict.fromkeys(summed, ZERO)


def _carried(before: Line, kind: str, sums: dict[int, Decimal]) -> Line:
    """Return a carried line after another one: the sums of the month so far, and its balance."""
    cells = list(before.cells)
    cells[1], cells[2], cells[3] = "", None, figures.summary_of(kind, "")
    if isinstance(cells[4], str):
        cells[4] = ""
    for number, value in sums.items():
        cells[number] = value or None
    return Line(sheets.CARRY, cells)
