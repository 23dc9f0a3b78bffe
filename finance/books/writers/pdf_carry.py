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
        if before is None or line.account != before.account:
            filled, sums = 0, dict.fromkeys(summed, ZERO)
        elif filled == rows - 1:
            yield _carried(sheet, before, Kind.CARRIED_OVER, sums)
            yield _carried(sheet, before, Kind.BROUGHT_FORWARD, sums)
            filled = 1
        yield line
        filled, before = filled + 1, line
        if line.style == sheets.ENTRY:
            for number in summed:
                sums[number] += line.cells[number] or ZERO
        elif line.style in sheets.RULES:
            # The year so far is what such a line says.
            sums = {number: line.cells[number] or ZERO if sheet.carries == "year" else ZERO for number in summed}


def _carried(sheet: Sheet, before: Line, kind: str, sums: dict[int, Decimal]) -> Line:
    """Return a carried line after another one: whose it is and of when, the sums so far, and the balance."""
    cells = list(before.cells)
    # The first printed words of a line are its summary.
    at = next(number for number, col in enumerate(sheet.columns) if col.kind == "text" and col.on_paper)
    first = min(sums)
    for number, col in enumerate(sheet.columns[:first]):
        if number > at or col.kind in ("short", "integer"):
            cells[number] = None
    cells[at] = figures.summary_of(kind, "")
    for number, value in sums.items():
        # Where totals alone are written, nothing is written as well: 0.00.
        cells[number] = value if value or sheet.carries == "year" else None
    return Line(sheets.CARRY, cells, account=before.account)
