"""Books as PDF by fpdf2: an opening page, the pages of the paper book, a closing page that says as of when.

What does not change from page to page (title, heads, rules) is drawn once and copied; a line costs one text operator a
cell. Amounts of bound books stand a digit a column, by the spacing of characters.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.utils.translation import pgettext

from finance.books import figures, sheets
from finance.books.sheets import Bundle, Line, Sheet
from finance.books.writers import pdf_layout as grid
from finance.books.writers.pdf_carry import paged
from finance.books.writers.pdf_ground import closing_page, draw, opening_page, whose
from finance.books.writers.pdf_layout import LEFT, POINT, Layout, Place
from finance.books.writers.pdf_paper import INK, RED, SANS, SERIF, STRONG, Paper
from houqin.exports.progress import Progress

NOTE_EVERY = 500
BOLD = sheets.RULES | {sheets.TOTAL}
# Where they end, on which line, and whether in red.
Digits = tuple[float, float, str, bool]


class BookPrinter:
    """Prints one sheet: its opening page, its pages, its closing page."""

    def __init__(self, paper: Paper, sheet: Sheet) -> None:
        self.paper = paper
        self.sheet = sheet
        self.layout: Layout = grid.of(sheet)
        # What happened; in red where it was written off.
        self.summary = next((place for place in self.layout.places if place.kind == "text"), None)
        self.ground: bytes = b""
        self.pages = 0
        self.number = 0
        # Its first page in the file.
        self.first = 0
        self.filled = 0
        self.account = ""
        # Digits in columns have their own spacing: they are written at the end of the page.
        self.digits: list[Digits] = []
        self.bold_digits: list[Digits] = []
        # Month and day of the last entry, and of the last total of a month.
        self.seen = self.struck = (0, 0)
        paper.set_font(SANS, size=10)
        digit = paper.widths.of("0") * self.layout.size / 10
        self.spacing = grid.CELL - digit

    def lines(self) -> Iterator[Line]:
        """Yield the lines as pages want them."""
        if self.sheet.is_bound:
            return self.sheet.lines(True)
        return paged(self.sheet, self.layout.rows)

    def add(self, line: Line) -> None:
        """Write a line, on a new page when this one is full or another account's."""
        turned = (line.page and line.page != self.number) or line.account != self.account
        if not self.pages or turned or self.filled == self.layout.rows:
            self.end_page()
            self.account = line.account
            self.begin_page(line.page or self.number + 1)
        layout = self.layout
        top = layout.first + self.filled * layout.row
        baseline = top + layout.row / 2 + layout.size * POINT * 0.36
        self.filled += 1
        for number, place in enumerate(layout.places):
            value = line.cells[number]
            if value is None or value == "" or place.kind == "none":
                continue
            if place.kind == "money":
                bold = line.style in BOLD or number in line.strong
                self._amount(place, value, baseline, bold, number == self._balance)
            elif place.kind == "date":
                self._date(place, value, baseline, line)
            else:
                self._words(place, str(value), baseline, line, bold=number in line.strong)
        if line.style in sheets.RULES:
            self._rule(top + layout.row, is_double=line.style == sheets.DOUBLE)
        if line.ends and self.filled < layout.rows:
            self._strike_out(top + layout.row)

    def _strike_out(self, top: float) -> None:
        """Strike the rows out that stay empty for good: nobody writes there any more."""
        paper, layout = self.paper, self.layout
        paper.ink(RED)
        paper.set_line_width(0.25)
        paper.line(layout.right, top, layout.left, layout.first + layout.rows * layout.row)

    def _rule(self, y: float, *, is_double: bool) -> None:
        """Draw the red line below a total; two of them end the year."""
        paper = self.paper
        paper.ink(RED)
        paper.set_line_width(STRONG)
        paper.line(self.layout.left, y, self.layout.right, y)
        if is_double:
            paper.line(self.layout.left, y + 0.8, self.layout.right, y + 0.8)

    @property
    def _balance(self) -> int:
        """The column of the balance in a bound book, where zero is written as a struck 0."""
        return 8 if self.sheet.is_bound else -1

    def _amount(self, place: Place, value: Any, baseline: float, bold: bool, is_balance: bool) -> None:
        if place.digits:
            digits = self.bold_digits if bold else self.digits
            shown = figures.amount(value)
            if shown is not None:
                digits.append((place.right, baseline, shown.digits, shown.is_red))
            elif is_balance:
                digits.append((place.right - 2 * grid.CELL, baseline, "0", False))
                self._strike(place.right - 2.5 * grid.CELL, baseline)
            return
        text = f"{value:,.2f}"
        x = place.right - 1.2 - self.paper.width_of(text, self.layout.size)
        self._write(x, baseline, text, red=value < 0, bold=bold)

    def _strike(self, middle: float, baseline: float) -> None:
        """Draw a line through a digit: a zero in the balance that nobody turns into another figure."""
        paper = self.paper
        paper.ink(INK)
        paper.set_line_width(0.2)
        y = baseline - self.layout.size * POINT * 0.36
        paper.line(middle - grid.CELL * 0.4, y, middle + grid.CELL * 0.4, y)

    def _date(self, place: Place, value: Any, baseline: float, line: Line) -> None:
        """Write month and day only where they change, as by hand; of totals that of the month alone has them."""
        on = (value.month, value.day)
        if line.style == sheets.TOTAL or (line.style in sheets.RULES and on == self.struck):
            return
        if line.style in sheets.RULES:
            self.struck = on
        for half, (number, before) in enumerate(zip(on, self.seen, strict=True)):
            if line.style == sheets.ENTRY and number == before and not self._turned:
                continue
            text = str(number)
            x = place.left + (place.middle - place.left) * (half + 0.5)
            x -= self.paper.width_of(text, self.layout.size) / 2
            self._write(x, baseline, text)
        if line.style == sheets.ENTRY:
            self.seen = on
        self._turned = line.style != sheets.ENTRY

    _turned = True

    def _words(self, place: Place, text: str, baseline: float, line: Line, *, bold: bool) -> None:
        size, paper = self.layout.size, self.paper
        text = paper.fitted(text, place.right - place.left - 1.6, size)
        width = paper.width_of(text, size)
        is_title = line.style != sheets.ENTRY and place.kind == "text" and self.sheet.has_sums
        centred = place.kind in ("short", "integer") or is_title
        x = place.middle - width / 2 if centred else place.left + 1.0
        bold = bold or (place.kind == "text" and line.style in BOLD | {sheets.CARRY})
        self._write(x, baseline, text, red=line.is_red and place is self.summary, bold=bold)

    def _write(self, x: float, y: float, text: str, *, red: bool = False, bold: bool = False) -> None:
        with self.paper.bold() if bold else nullcontext():
            self.paper.write_at(x, y, text, red=red)

    def begin_page(self, number: int) -> None:
        """Start a page with its ground: title, heads, rules."""
        paper = self.paper
        paper.add_page("P" if grid.is_upright(self.sheet) else "L")
        self.pages += 1
        self.number, self.filled, self._turned = number, 0, True
        self.first = self.first or paper.page
        paper.set_font(SANS, size=self.layout.size)
        paper.text(LEFT, 5, " ")
        if self.ground:
            # The copy leaves the state of the page as it was, so that fpdf2 still knows it.
            paper._out(b"q\n" + self.ground + b"\nQ")
        else:
            start = len(self._written())
            draw(paper, self.sheet, self.layout)
            self.ground = self._written()[start:].rstrip(b"\n")
        if self.account:
            whose(paper, self.account)
        if self.sheet.is_bound:
            self._number(number, self.sheet.last_page)
        paper.set_font(SANS, size=self.layout.size)

    def number_pages(self) -> None:
        """Write on each page its number and how many there are; those of a bound book said it as they began."""
        if not self.sheet.is_bound and not (self.sheet.form and self.pages == 1):
            pages = range(self.first, self.first + self.pages)
            self.paper.amend(pages, lambda page: self._number(page - self.first + 1, self.pages))

    def _number(self, number: int, last: int) -> None:
        text = pgettext("of a book", "%(year)s, page %(page)s of %(last)s")
        text %= {"year": self.sheet.year, "page": number, "last": last}
        self.paper.place(self.layout.right, 12.0 if self.sheet.form else 21.5, text, "R", SERIF, 10.5)

    def _written(self) -> bytes:
        """Return what stands on the page so far."""
        contents = self.paper.pages[self.paper.page].contents
        return bytes(contents) if isinstance(contents, (bytes, bytearray)) else b""

    def end_page(self) -> None:
        """Write the digits of the page, all with the same spacing of characters."""
        paper = self.paper
        if not self.pages:
            return
        paper.set_font(SANS, size=self.layout.size)
        self._spaced(self.digits)
        with paper.bold():
            self._spaced(self.bold_digits)
        self.digits, self.bold_digits = [], []

    def _spaced(self, amounts: list[Digits]) -> None:
        """Write digits in their columns."""
        if not amounts:
            return
        paper = self.paper
        paper.set_char_spacing(self.spacing / POINT)
        for right, baseline, digits, red in amounts:
            x = right - len(digits) * grid.CELL + self.spacing / 2
            if red:
                paper.write_at(x - 0.2, baseline, "-", red=True)
                digits, x = digits[1:], x + grid.CELL
            paper.write_at(x, baseline, digits, red=red)
        paper.set_char_spacing(0)


def write_pdf(bundle: Bundle, path: Path, progress: Progress) -> int:
    """Write the books one after the other and return how many lines they have."""
    count = 0
    with path.open("wb") as file, Paper(bundle, file) as paper:
        for sheet in bundle.sheets:
            printer = BookPrinter(paper, sheet)
            if sheet.is_bound:
                opening_page(paper, sheet)
            for line in printer.lines():
                printer.add(line)
                count += 1
                if not count % NOTE_EVERY:
                    progress.at(count)
            if not printer.pages:
                printer.begin_page(1)
            printer.end_page()
            printer.number_pages()
            if sheet.form is None:
                closing_page(paper, bundle, sheet, printer.pages)
    return count
