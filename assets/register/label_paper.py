"""Draw labels on their sheets, with QR codes.

Apart from the sheets, whose names the pages show: fpdf2 takes 20 MiB, and only the workers draw.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import segno
from fpdf import FPDF

from assets.register.label_sheets import PADDING, Label, Sheet
from houqin.exports import fonts

SANS = "sans"
POINT = 25.4 / 72  # millimetres
TICK = 3.0
ELLIPSIS = "…"
# Marks that must not begin a line, and those that must not end one.
CLOSING = frozenset("，。、；：！？）》”’」』〉】,.;:!?)]}%")
OPENING = frozenset("（《“‘「『〈【([{")


class Counts(Protocol):
    """What is told how many labels are drawn."""

    def at(self, rows: int) -> None: ...


def write_labels(
    labels: Iterable[Label],
    path: Path,
    *,
    sheet: Sheet,
    start: int = 1,
    marks: bool = False,
    title: str = "",
    progress: Counts | None = None,
) -> int:
    """Write the labels as PDF, the first one at position `start` of a partly used sheet; return how many."""
    paper = _Paper(sheet, marks, title)
    position = start - 1
    done = 0
    for label in labels:
        if done == 0 or position == sheet.per_page:
            position %= sheet.per_page
            paper.new_page()
        paper.draw(label, *sheet.corner(position))
        position += 1
        done += 1
        if progress is not None:
            progress.at(done)
    if done == 0:
        paper.add_page()
    paper.output(str(path))
    return done


class _Paper(FPDF):
    """The pages of one run of labels."""

    def __init__(self, sheet: Sheet, marks: bool, title: str) -> None:
        super().__init__(orientation="P", unit="mm", format="A4")
        self.sheet = sheet
        self.marks = marks
        self.set_auto_page_break(False)
        self.add_font(SANS, fname=fonts.sans())
        self.set_title(title)
        self.set_line_width(0.1)
        # Small labels get small type, large ones do not shout.
        self.type_size = max(5.5, min(10.0, sheet.height / 3.7))

    def new_page(self) -> None:
        """Begin a sheet, with marks at the corners of every label when they are wanted."""
        self.add_page()
        if not self.marks:
            return
        self.set_draw_color(150)
        for position in range(self.sheet.per_page):
            x, y = self.sheet.corner(position)
            for corner_x, to_x in ((x, 1), (x + self.sheet.width, -1)):
                for corner_y, to_y in ((y, 1), (y + self.sheet.height, -1)):
                    self.line(corner_x, corner_y, corner_x + to_x * TICK, corner_y)
                    self.line(corner_x, corner_y, corner_x, corner_y + to_y * TICK)

    def draw(self, label: Label, x: float, y: float) -> None:
        """Draw one label: the code at the left, the words beside it."""
        sheet = self.sheet
        side = min(sheet.height - 2 * PADDING, sheet.width * 0.4, 30.0)
        self._code(label.address, x + sheet.inset, y + (sheet.height - side) / 2, side)
        # A code needs about three of its modules of white beside it.
        left = x + sheet.inset + side * 1.1
        self._words(label, left, y, x + sheet.width - sheet.inset - left)

    def _code(self, address: str, x: float, y: float, side: float) -> None:
        matrix = segno.make(address, error="m", micro=False).matrix
        module = side / len(matrix)
        self.set_fill_color(0)
        for row, modules in enumerate(matrix):
            column = 0
            while column < len(modules):
                end = column
                while end < len(modules) and modules[end]:
                    end += 1
                if end > column:
                    # A hair higher than its row, so that printers leave no white lines between rows.
                    self.rect(x + column * module, y + row * module, (end - column) * module, module * 1.02, "F")
                column = max(end, column + 1)
        self.link(x, y, side, side, link=address)

    def _words(self, label: Label, x: float, y: float, width: float) -> None:
        size = self.type_size
        height = self.sheet.height - 2 * PADDING
        lines = self._fitted(label.school, width, (size * 0.85, size * 0.75), most=1)
        lines += self._fitted(label.name, width, (size * 1.3, size * 1.15, size), most=2)
        for extra in label.lines:
            lines += self._fitted(extra, width, (size, size * 0.9), most=2)
        needed = sum(line_size * POINT * 1.3 for _text, line_size in lines)
        shrink = min(1.0, height / needed)
        top = y + (self.sheet.height - needed * shrink) / 2
        for text, line_size in lines:
            self.set_font(SANS, size=line_size * shrink)
            step = line_size * shrink * POINT * 1.3
            self.text(x, top + step * 0.78, text)
            top += step

    def _fitted(self, text: str, width: float, sizes: Sequence[float], *, most: int) -> list[tuple[str, float]]:
        """Return `text` on one line in the largest size that holds it, else on several in the second size."""
        for size in sizes:
            lines = self._broken(text, width, size, most)
            if len(lines) == 1 and not lines[0].endswith(ELLIPSIS):
                return [(lines[0], size)]
        return [(line, sizes[1]) for line in self._broken(text, width, sizes[1], most)]

    @staticmethod
    def _breaks_badly(text: str, end: int) -> bool:
        """Say whether a line may not end before `text[end]`: marks, or within a number or a Latin word."""
        if end >= len(text):
            return False
        before, after = text[end - 1], text[end]
        within_word = before.isascii() and after.isascii() and before.isalnum() and after.isalnum()
        return after in CLOSING or before in OPENING or within_word

    def _broken(self, text: str, width: float, size: float, most: int) -> list[str]:
        """Return `text` as at most `most` lines of `width`; the last one ends with an ellipsis when it is too long."""
        self.set_font(SANS, size=size)
        lines: list[str] = []
        rest = text.strip()
        while rest and len(lines) < most:
            fits = len(rest)
            while fits > 1 and self.get_string_width(rest[:fits]) > width:
                fits -= 1
            end = fits
            while end > 1 and self._breaks_badly(rest, end):
                end -= 1
            # A word longer than the line is broken where the line ends.
            end = end if end > 1 else fits
            lines.append(rest[:end])
            rest = rest[end:].lstrip()
        if rest and lines:
            last = lines[-1]
            while last and self.get_string_width(last + ELLIPSIS) > width:
                last = last[:-1]
            lines[-1] = last + ELLIPSIS
        return lines
