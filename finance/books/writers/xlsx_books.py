"""Books as an Excel workbook, streamed: a sheet for each book, and a summary that says as of when.

Totals are SUBTOTAL formulas of our own, which leave each other out, with the stored figure as their value; text never
becomes a formula.
"""

import re
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.books import sheets
from finance.books.sheets import Bundle, Col, Line, Sheet
from finance.books.writers import xlsx_styles
from finance.books.writers.csv_books import closing
from finance.books.writers.xlsx_styles import HEAD_CELL, LEFT, RIGHT, STYLES, TITLE
from houqin.errors import Refused
from houqin.exports.progress import Progress
from houqin.exports.writers import xlsx_parts as parts
from houqin.exports.writers.xlsx_writer import AWKWARD, MAX_ROWS, letters, text_cell

BLOCK = 500
_EPOCH = date(1899, 12, 30)
_LOOK = {
    sheets.ENTRY: "entry",
    sheets.OPENING: "total",
    sheets.CARRY: "carry",
    sheets.TOTAL: "total",
    sheets.RULED: "ruled",
    sheets.DOUBLE: "double",
}


def _grouped(columns: Sequence[Col]) -> bool:
    return any(col.group for col in columns)


class _SheetWriter:
    """Writes the rows of one sheet."""

    def __init__(self, bundle: Bundle, sheet: Sheet) -> None:
        self.bundle = bundle
        self.sheet = sheet
        self.columns = sheet.columns
        # Title, unit and period, heads.
        self.head_rows = 4 if _grouped(sheet.columns) else 3
        # What stands to the right of the unit, and who signs at the foot.
        form = sheet.form
        self.about = f"{sheet.period}  {form.number}  {form.unit}" if form else sheet.period
        unit = pgettext("of a statement", "Unit: %(name)s") if form else _("Unit: %(name)s")
        self.unit = unit % {"name": sheet.whose}
        # A school may keep two cash books, and both have the same title.
        if sheet.account:
            self.unit += f"　{_('Account: %(account)s') % {'account': sheet.account}}"
        self.signs = form.signatures if form else _("Chief accountant:            Book-keeper:")
        self.count = 0
        self.letters = [letters(number) for number in range(1, len(self.columns) + 1)]
        self.words = [number for number, col in enumerate(self.columns) if col.kind in ("text", "short")]
        self.summed = [col.summed for col in self.columns]
        self.dated = self.columns[0].kind == "date"
        # What stands around the values of a line, by its look and which of its cells are empty.
        self.frames: dict[tuple[str, bool, tuple[bool, ...]], str] = {}
        self.on, self.days = _EPOCH, 0

    def head(self) -> str:
        """Return the XML up to the heads: they stay on screen and are repeated on paper."""
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{col.width + 1}" customWidth="1"/>'
            for n, col in enumerate(self.columns, 1)
        )
        sheet, rows = self.sheet, self.head_rows
        second = [f'<c s="{LEFT}"/>'] * len(self.columns)
        second[0] = text_cell(self.unit, LEFT, LEFT)
        second[self.third] = text_cell(self.about, RIGHT, RIGHT)
        return (
            f'{parts.HEAD}<worksheet xmlns="{parts.MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            '<sheetViews><sheetView showGridLines="0" workbookViewId="0">'
            f'<pane ySplit="{rows}" topLeftCell="A{rows + 1}" activePane="bottomLeft" state="frozen"/>'
            '<selection pane="bottomLeft"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="18" customHeight="1"/><cols>{widths}</cols><sheetData>'
            f'<row r="1" ht="30" customHeight="1">{text_cell(sheet.title, TITLE, TITLE)}</row>'
            f'<row r="2" ht="18" customHeight="1">{"".join(second)}</row>'
            f"{self._heads()}"
        )

    @property
    def third(self) -> int:
        """The column in which the period begins: the last three have it, what is before them the unit."""
        return max(len(self.columns) - 3, 2)

    def _heads(self) -> str:
        """Return the row of heads, or two where columns stand under a common one."""
        names = "".join(text_cell(col.head, HEAD_CELL, HEAD_CELL) for col in self.columns)
        if self.head_rows == 3:
            return f'<row r="3" ht="22" customHeight="1">{names}</row>'
        groups = "".join(text_cell(col.group or col.head, HEAD_CELL, HEAD_CELL) for col in self.columns)
        return f'<row r="3" ht="20" customHeight="1">{groups}</row><row r="4" ht="30" customHeight="1">{names}</row>'

    def row(self, line: Line) -> str:
        """Return the XML of a line.

        Most lines of a book have values in the same cells: what stands around them is put together once.
        """
        look = "red" if line.is_red and line.style == sheets.ENTRY else _LOOK[line.style]
        self.count += 1
        cells = line.cells
        is_sum = line.span is not None
        if (
            line.adds
            or line.strong
            or AWKWARD.search("\x00" + "\x00".join([cells[number] or "" for number in self.words]))
        ):
            return f"<row>{''.join(self._cell(number, line, look) for number in range(len(self.columns)))}</row>"
        empty = tuple([value is None or value == "" for value in cells])
        frame = self.frames.get((look, is_sum, empty)) or self._frame(look, is_sum, empty)
        values = self._sum_values(line) if is_sum else [value for value in cells if value is not None and value != ""]
        if self.dated and not empty[0]:
            values[0] = self._days(values[0])
        return frame % tuple(values)

    def _frame(self, look: str, is_sum: bool, empty: tuple[bool, ...]) -> str:
        """Return what stands around the values of a line that is empty in some places."""
        cells = []
        for col, is_empty in zip(self.columns, empty, strict=True):
            style = STYLES[col.kind, look]
            if is_sum and col.summed:
                cells.append(f'<c s="{STYLES["sum", look]}"><f>%s</f><v>%s</v></c>')
            elif is_empty:
                cells.append(f'<c s="{style}"/>')
            elif col.kind in ("text", "short"):
                cells.append(f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>')
            else:
                cells.append(f'<c s="{style}"><v>%s</v></c>')
        made = self.frames[look, is_sum, empty] = f"<row>{''.join(cells)}</row>"
        return made

    def _sum_values(self, line: Line) -> list[Any]:
        """Return the values of a total: formula and figure where a column is summed."""
        values: list[Any] = []
        for number, (value, summed) in enumerate(zip(line.cells, self.summed, strict=True)):
            if summed:
                values += (self._formula(number, line), value or "0.00")
            elif value is not None and value != "":
                values.append(value)
        return values

    def _days(self, on: date) -> int:
        """Return a day as Excel counts them."""
        if on != self.on:
            self.on, self.days = on, (on - _EPOCH).days
        return self.days

    def _cell(self, number: int, line: Line, look: str) -> str:
        col, value = self.columns[number], line.cells[number]
        look = "total" if number in line.strong else look
        if number in line.adds:
            return f'<c s="{STYLES["sum", look]}"><f>{self._added(line.adds[number])}</f><v>{value or "0.00"}</v></c>'
        if col.summed and line.span is not None:
            return f'<c s="{STYLES["sum", look]}"><f>{self._formula(number, line)}</f><v>{value or "0.00"}</v></c>'
        if value is None or value == "":
            return f'<c s="{STYLES[col.kind, look]}"/>'
        if isinstance(value, str):
            return text_cell(value, STYLES[col.kind, look], STYLES["quoted", look])
        figure = self._days(value) if isinstance(value, date) else value
        return f'<c s="{STYLES[col.kind, look]}"><v>{figure}</v></c>'

    def _formula(self, number: int, line: Line) -> str:
        """Return what a total adds up: the lines above it, and what stood before the sheet."""
        first, last = line.span or (0, 0)
        name, above = self.letters[number], self.head_rows + 1
        base = line.base[number] if number < len(line.base) else None
        before = f"{base}+" if base else ""
        return f"{before}SUBTOTAL(9,{name}{first + above}:{name}{last + above})"

    def _added(self, cells: Sequence[tuple[int, int, int]]) -> str:
        """Return the sum of single cells, each with its sign."""
        above = self.head_rows + 1
        signed = "".join(f"{'-' if sign < 0 else '+'}{self.letters[col]}{row + above}" for sign, col, row in cells)
        return signed.removeprefix("+")

    def notes(self) -> str:
        """Return the rows of what stands below a form."""
        notes = self.sheet.form.notes if self.sheet.form else ()
        return "".join(f"<row>{text_cell(note, LEFT, LEFT)}</row>" for note in notes)

    def foot(self) -> str:
        """Return the XML after the rows: merged heads, A4, page numbers."""
        last = self.letters[-1]
        merged = [f"A1:{last}1", f"A2:{self.letters[self.third - 1]}2", f"{self.letters[self.third]}2:{last}2"]
        if self.head_rows == 4:
            merged += self._merged_heads()
        cells = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
        page = _("Page %(number)s of %(total)s") % {"number": "&P", "total": "&N"}
        as_of = _literal(_("As of %(moment)s") % {"moment": self.bundle.moment})
        sign = _literal(self.signs)
        form = self.sheet.form
        way, high = ("portrait", 1) if form and form.is_upright else ("landscape", 0)
        return (
            f'</sheetData><mergeCells count="{len(merged)}">{cells}</mergeCells><printOptions horizontalCentered="1"/>'
            '<pageMargins left="0.5" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
            f'<pageSetup paperSize="9" orientation="{way}" fitToWidth="1" fitToHeight="{high}"/>'
            f"<headerFooter><oddFooter>{parts.escape(f'&L{sign}&C{page}&R{as_of}')}</oddFooter></headerFooter></worksheet>"
        )

    def _merged_heads(self) -> list[str]:
        """Return the heads that stand over several columns, or over both rows."""
        merged, number = [], 0
        while number < len(self.columns):
            group, end = self.columns[number].group, number
            if not group:
                merged.append(f"{self.letters[number]}3:{self.letters[number]}4")
            else:
                while end + 1 < len(self.columns) and self.columns[end + 1].group == group:
                    end += 1
                if end > number:
                    merged.append(f"{self.letters[number]}3:{self.letters[end]}3")
            number = end + 1
        return merged


def _literal(text: str) -> str:
    """Return text for a page's foot, where & begins a code."""
    return text.replace("&", "&&")


def write_xlsx(bundle: Bundle, path: Path, progress: Progress) -> int:
    """Write the workbook and return how many lines it holds."""
    count = 0
    writers: list[_SheetWriter] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for number, sheet in enumerate(bundle.sheets, start=2):
            writer = _SheetWriter(bundle, sheet)
            writers.append(writer)
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as file:
                count = _write_sheet(writer, file, progress, count)
        with archive.open("xl/worksheets/sheet1.xml", "w") as file:
            file.write(_summary(bundle).encode())
        _fixed_parts(archive, bundle, writers)
    return count


def _write_sheet(writer: _SheetWriter, file: IO[bytes], progress: Progress, count: int) -> int:
    file.write(writer.head().encode())
    block: list[str] = []
    for line in writer.sheet.lines():
        block.append(writer.row(line))
        if len(block) == BLOCK:
            file.write("".join(block).encode())
            count += len(block)
            progress.at(count)
            block.clear()
            if writer.count > MAX_ROWS - 2 * BLOCK:
                raise Refused(
                    _("This book has more lines than a sheet can hold. Choose fewer months."), code="too_long"
                )
    file.write("".join(block).encode())
    file.write(f"{writer.notes()}{writer.foot()}".encode())
    return count + len(block)


def _summary(bundle: Bundle) -> str:
    """Return the first sheet: what the file holds, what each book came to, and where its chain stood."""
    has_sums = any(sheet.has_sums for sheet in bundle.sheets)
    heads = [_("School"), _("Book"), _("Period"), _("Lines")]
    if has_sums:
        heads += [_("Opening balance"), _("Debit"), _("Credit"), _("Closing balance")]
    names = "".join(text_cell(head, HEAD_CELL, HEAD_CELL) for head in heads)
    rows = [f'<row r="1" ht="30" customHeight="1">{text_cell(bundle.title, TITLE, TITLE)}</row>', f"<row>{names}</row>"]
    for sheet in bundle.sheets:
        texts = (sheet.whose, f"{sheet.title} {sheet.account}".strip(), sheet.period)
        cells = "".join(text_cell(text, STYLES["text", "entry"], STYLES["quoted", "entry"]) for text in texts)
        cells += f'<c s="{STYLES["integer", "entry"]}"><v>{sheet.totals.lines}</v></c>'
        if has_sums:
            got = sheet.totals
            money = (got.opening, got.debit, got.credit, got.closing)
            cells += "".join(f'<c s="{STYLES["money", "entry"]}"><v>{value}</v></c>' for value in money)
        rows.append(f"<row>{cells}</row>")
    if has_sums and len(bundle.sheets) > 1:
        rows.append(_together(bundle))
    rows.append("<row/>")
    lines = [" · ".join(closing(bundle, sheet)) for sheet in _once(bundle)]
    lines += [_("Exported by %(name)s") % {"name": bundle.owner}]
    rows += [f"<row>{text_cell(line, LEFT, LEFT)}</row>" for line in lines]
    widths = [20, 34, 20, 9, 17, 17, 17, 17][: len(heads)]
    cols = "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1))
    return (
        f'{parts.HEAD}<worksheet xmlns="{parts.MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="20" customHeight="1"/><cols>{cols}</cols>'
        f"<sheetData>{''.join(rows)}</sheetData>"
        f'<mergeCells count="1"><mergeCell ref="A1:{letters(len(heads))}1"/></mergeCells>'
        '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/></worksheet>'
    )


def _together(bundle: Bundle) -> str:
    """Return the row that sums the books of all schools."""
    last = 2 + len(bundle.sheets)
    got = [sheet.totals for sheet in bundle.sheets]
    sums = [sum(getattr(item, name) for item in got) for name in ("opening", "debit", "credit", "closing")]
    cells = text_cell(_("Together"), STYLES["text", "ruled"]) + f'<c s="{STYLES["text", "ruled"]}"/>' * 2
    cells += f'<c s="{STYLES["integer", "ruled"]}"><f>SUM(D3:D{last})</f><v>{sum(item.lines for item in got)}</v></c>'
    for name, value in zip("EFGH", sums, strict=True):
        cells += f'<c s="{STYLES["money", "ruled"]}"><f>SUM({name}3:{name}{last})</f><v>{value}</v></c>'
    return f"<row>{cells}</row>"


def _once(bundle: Bundle) -> list[Sheet]:
    """Return one sheet of each set of books."""
    return list({sheet.ledger.pk: sheet for sheet in bundle.sheets}.values())


def sheet_names(bundle: Bundle) -> list[str]:
    """Return the names of the sheets: the summary, then each book by its own, without what Excel forbids."""
    names = [pgettext("sheet of a workbook", "Summary")[:31]]
    for sheet in bundle.sheets:
        plain = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", " ", sheet.name).strip()[:27] or "1"
        name, number = plain, 2
        while name.lower() in {used.lower() for used in names} or name.lower() == "history":
            name, number = f"{plain} {number}", number + 1
        names.append(name)
    return names


def _fixed_parts(archive: zipfile.ZipFile, bundle: Bundle, writers: Sequence[_SheetWriter]) -> None:
    names = sheet_names(bundle)
    for path, text in {
        "[Content_Types].xml": parts.content_types(len(names)),
        "_rels/.rels": parts.package_relations(),
        "xl/workbook.xml": _workbook(names, writers),
        "xl/_rels/workbook.xml.rels": parts.workbook_relations(len(names)),
        "xl/styles.xml": xlsx_styles.styles(),
        "docProps/core.xml": parts.core_properties(bundle.title, bundle.owner, bundle.moment, bundle.as_of),
    }.items():
        archive.writestr(path, text)


def _workbook(names: Sequence[str], writers: Sequence[_SheetWriter]) -> str:
    """Return xl/workbook.xml; the heads of each book are repeated on every page."""
    listed = "".join(
        f'<sheet name="{parts.escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1)
    )
    titles = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{n}">'
        f"{parts.escape(chr(39) + names[n] + chr(39))}!$1:${writer.head_rows}</definedName>"
        for n, writer in enumerate(writers, start=1)
    )
    active = 1 if len(writers) == 1 else 0
    defined = f"<definedNames>{titles}</definedNames>" if titles else ""
    return (
        f'{parts.HEAD}<workbook xmlns="{parts.MAIN}" xmlns:r="{parts.OFFICE}"><bookViews>'
        f'<workbookView activeTab="{active}"/></bookViews><sheets>{listed}</sheets>{defined}</workbook>'
    )
