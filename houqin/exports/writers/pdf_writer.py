"""Long tables as PDF by fpdf2: A4 landscape, the head repeated, page x of y, Chinese fonts of our own.

fpdf2's own tables cost ten times as much; here each cell is one text operator at a place computed by `pdf_layout`.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from django.utils import translation
from django.utils.translation import gettext as _
from fpdf.enums import XPos, YPos

from houqin.exports import fonts
from houqin.exports.progress import Progress
from houqin.exports.registry import Column
from houqin.exports.table import SQL, Labels, Table, label_case, local_time
from houqin.exports.writers.pdf_layout import (
    MARGIN,
    PADDING,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    POINT,
    USABLE,
    CharacterWidths,
    fit,
    lines_of,
)
from houqin.exports.writers.pdf_stream import StreamedPDF

SANS, SERIF = "sans", "serif"
TITLE_SIZE, SMALL_SIZE = 15.0, 8.0
TOP, BOTTOM = 26.0, PAGE_HEIGHT - 15.0
HAIRLINE, STRONG_LINE = 0.1, 0.35
ROW_PADDING = 1.3
# What has no picture: control characters and the marks of writing direction.
_INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def paper_cell(column: Column, ref: str, labels: Labels) -> SQL:
    """Return the SQL of one cell as people read it: amounts with separators, times to the minute."""
    if column.type in ("choice", "boolean"):
        return label_case(ref, labels, f"{ref}::text")
    if column.type == "datetime":
        local, bound = local_time(ref)
        return f"to_char({local}, 'YYYY-MM-DD HH24:MI')", bound
    if column.type == "money":
        return f"to_char({ref}, 'FM999,999,999,999,990.00')", []
    return f"{ref}::text", []


class _Paper(StreamedPDF):
    """The pages of one table."""

    def __init__(self, table: Table, file: BinaryIO) -> None:
        super().__init__(file, orientation="L", unit="mm", format="A4")
        self.source = table
        self.grid = fit(table.columns)
        self.set_auto_page_break(False)
        self.set_margins(MARGIN, MARGIN)
        self.add_font(SANS, fname=fonts.sans())
        self.add_font(SERIF, fname=fonts.serif())
        self.set_title(table.title)
        self.set_subject(_("As of %(moment)s") % {"moment": table.moment})
        self.set_author(table.owner)
        self.set_lang(translation.get_language() or "zh-hans")
        self.set_creation_date(table.as_of)
        self.set_font(SANS, size=self.grid.size)
        self.widths = CharacterWidths(self.get_string_width)
        self.heads = [self._broken(text, n) for n, text in enumerate(table.headers)]
        self.next_top = 0.0

    def _lines(self, text: str | None, column: int) -> list[str]:
        if not text:
            return []
        return self._broken(text, column) if self.grid.words[column] else [text]

    def _broken(self, text: str, column: int) -> list[str]:
        return lines_of(_INVISIBLE.sub("", text), self.grid.widths[column] - 2 * PADDING, self.widths)

    def begin_page(self) -> None:
        """Start a page: school, title and moment at the top, who asked for it at the foot, then the heads."""
        self.add_page()
        table = self.source
        self._place(SERIF, TITLE_SIZE, 10.0, "C", table.title)
        self._place(SANS, SMALL_SIZE, 17.5, "L", table.school)
        self._place(SANS, SMALL_SIZE, 17.5, "R", _("As of %(moment)s") % {"moment": table.moment})
        self._place(SANS, SMALL_SIZE, PAGE_HEIGHT - 12.0, "L", table.owner)
        self.set_font(SANS, size=self.grid.size)
        self.next_top = TOP
        self._rule(STRONG_LINE)
        self._draw(self.heads)
        self._rule(STRONG_LINE)

    def number_pages(self) -> None:
        """Write page x of y at the foot of each page, once it is known how many there are."""
        total = self.pages_count

        def write(number: int) -> None:
            text = _("Page %(number)s of %(total)s") % {"number": number, "total": total}
            self._place(SANS, SMALL_SIZE, PAGE_HEIGHT - 12.0, "C", text)

        self.amend(range(1, total + 1), write)

    def _place(self, family: str, size: float, y: float, align: str, text: str) -> None:
        self.set_font(family, size=size)
        self.set_xy(MARGIN, y)
        self.cell(USABLE, 6, _INVISIBLE.sub("", text), align=align, new_x=XPos.LEFT, new_y=YPos.TOP)

    def _rule(self, width: float) -> None:
        self.set_line_width(width)
        self.line(MARGIN, self.next_top, PAGE_WIDTH - MARGIN, self.next_top)

    def add_row(self, row: Sequence[str | None], *, rule: float = HAIRLINE) -> None:
        """Write one row, on a new page when it does not fit on this one."""
        cells = [self._lines(text, n) for n, text in enumerate(row)]
        height = max(1, *map(len, cells)) * self.grid.line_height + 2 * ROW_PADDING
        if self.next_top + height > BOTTOM:
            self.begin_page()
        if rule != HAIRLINE:
            self._rule(rule)
        self._draw(cells)
        self._rule(HAIRLINE)

    def _draw(self, cells: Sequence[Sequence[str]]) -> None:
        """Write the lines of one row and move below it."""
        grid = self.grid
        step = grid.line_height
        first = self.next_top + ROW_PADDING + grid.size * POINT * 1.02
        for n, lines in enumerate(cells):
            y = first
            for line in lines:
                if grid.right[n]:
                    x = grid.lefts[n] + grid.widths[n] - PADDING - self.widths.of(line)
                else:
                    x = grid.lefts[n] + PADDING
                self.text(x, y, line)
                y += step
        self.next_top += max(1, *map(len, cells)) * step + 2 * ROW_PADDING


def write_pdf(table: Table, path: Path, progress: Progress) -> int:
    """Write `table` to `path` and return the number of rows."""
    with path.open("wb") as file, _Paper(table, file) as paper:
        count = _fill(paper, table, progress)
        paper.number_pages()
    return count


def _fill(paper: _Paper, table: Table, progress: Progress) -> int:
    """Write the rows with their totals and return how many there are."""
    paper.begin_page()
    count = 0
    for block in table.blocks(paper_cell):
        for row in block:
            paper.add_row(row)
        count += len(block)
        progress.at(count)
    totals = table.totals(paper_cell)
    if totals is not None:
        paper.add_row(totals, rule=STRONG_LINE)
    if not count:
        paper.set_y(paper.next_top + 4)
        paper.cell(USABLE, 8, _("There was nothing to list."), align="C")
    return count
