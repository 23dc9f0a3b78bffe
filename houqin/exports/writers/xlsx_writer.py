"""Excel workbooks, streamed: sheet XML with inline strings goes straight into one deflate stream.

Text never becomes a formula: an inline string is text by its type, and what looks like a formula carries the
quote mark of Excel as well, so that editing the cell does not change that.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from houqin.exports.progress import Progress
from houqin.exports.registry import RIGHT_ALIGNED, Column
from houqin.exports.table import FORMULA_STARTS, SQL, Labels, Row, Table, label_case, local_time, looks_like_formula
from houqin.exports.writers import xlsx_parts as parts

MAX_ROWS = 1_048_576  # of one sheet, the head included
MAX_CHARACTERS = 32_767  # of one cell
# A zip entry beyond 2 GiB needs an extension that Excel offers to "repair": begin another sheet before.
MAX_SHEET_BYTES = 1_500_000_000
_EPOCH_DAYS = 25_569  # from 1899-12-30, where Excel's days begin, to 1970-01-01

# In a block of texts, each led by NUL (which PostgreSQL has not): anything that needs more than plain copying.
AWKWARD = re.compile(
    "[&<>\x01-\x08\x0b\x0c\x0e-\x1f\r\ufffe\uffff]|\x00[" + re.escape(FORMULA_STARTS) + "]|\x00\\s|\\s\x00|\\s\\Z"
)


def sheet_cell(column: Column, ref: str, labels: Labels) -> SQL:
    """Return the SQL of one cell as the sheet stores it: days since 1899 for dates, figures without separators."""
    if column.type in ("choice", "boolean"):
        return label_case(ref, labels, f"{ref}::text")
    if column.type == "date":
        return f"({ref} - DATE '1899-12-30')::text", []
    if column.type == "datetime":
        local, bound = local_time(ref)
        return f"(extract(epoch FROM {local})::float8 / 86400 + {_EPOCH_DAYS})::text", bound
    if column.type in ("number", "money"):
        return f"nullif(nullif(nullif({ref}::text, 'NaN'), 'Infinity'), '-Infinity')", []
    return f"{ref}::text", []


def text_cell(text: str | None, style: int, quoted: int = parts.QUOTED) -> str:
    """Return the XML of one cell of text."""
    if not text:
        return f'<c s="{style}"/>'
    if looks_like_formula(text):
        style = quoted
    return (
        f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{parts.escape(text[:MAX_CHARACTERS])}</t></is></c>'
    )


def _text_cells(style: int) -> Callable[[Sequence[str | None]], list[str]]:
    """Return what turns a column of texts into cells; plain blocks are only copied."""
    empty, start, end = f'<c s="{style}"/>', f'<c s="{style}" t="inlineStr"><is><t>', "</t></is></c>"

    def cells(values: Sequence[str | None]) -> list[str]:
        texts = [value or "" for value in values]
        block = "\x00" + "\x00".join(texts)
        if AWKWARD.search(block) or (len(block) > MAX_CHARACTERS and max(map(len, texts)) > MAX_CHARACTERS):
            return [text_cell(value, style) for value in values]
        return [start + value + end if value else empty for value in texts]

    return cells


def _figure_cells(style: int) -> Callable[[Sequence[str | None]], list[str]]:
    """Return what turns a column of figures into cells."""
    empty, start = f'<c s="{style}"/>', f'<c s="{style}"><v>'

    def cells(values: Sequence[str | None]) -> list[str]:
        return [empty if value is None else f"{start}{value}</v></c>" for value in values]

    return cells


def _renderers(columns: Sequence[Column], styles: dict[str, int]) -> list[Callable[[Sequence[str | None]], list[str]]]:
    return [
        _text_cells(styles[column.type])
        if column.type in ("text", "choice", "boolean")
        else _figure_cells(styles[column.type])
        for column in columns
    ]


def letters(number: int) -> str:
    """Return the name of a column: 1 is A, 27 is AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _head(table: Table) -> str:
    """Return a sheet's XML up to and including its row of heads: frozen, with widths, fit to the page's width."""
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{column.width + 2}" customWidth="1"/>'
        for n, column in enumerate(table.columns, start=1)
    )
    styles = [parts.HEADER_RIGHT if column.type in RIGHT_ALIGNED else parts.HEADER for column in table.columns]
    heads = "".join(text_cell(header, style, style) for header, style in zip(table.headers, styles, strict=True))
    return (
        f'{parts.HEAD}<worksheet xmlns="{parts.MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft"'
        ' state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="18" customHeight="1"/><cols>{widths}</cols>'
        f'<sheetData><row r="1" ht="22" customHeight="1">{heads}</row>'
    )


def _foot(table: Table, last_row: int) -> str:
    """Return a sheet's XML after its rows: filter buttons and how it prints."""
    title, school = _literal(table.title), _literal(table.school)
    page = _("Page %(number)s of %(total)s") % {"number": "&P", "total": "&N"}
    as_of = _literal(_("As of %(moment)s") % {"moment": table.moment})
    return (
        f'</sheetData><autoFilter ref="A1:{letters(len(table.columns))}{last_row}"/>'
        '<pageMargins left="0.4" right="0.4" top="0.7" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
        f"<headerFooter><oddHeader>{parts.escape(f'&L{school}&C{title}&R{as_of}')}</oddHeader>"
        f"<oddFooter>{parts.escape(f'&C{page}')}</oddFooter></headerFooter></worksheet>"
    )


def _literal(text: str) -> str:
    """Return text for a page's head, where & begins a code."""
    return text.replace("&", "&&")


class _Workbook:
    """The zip of a workbook: sheets one after the other, then the parts that name them."""

    def __init__(self, archive: zipfile.ZipFile, table: Table, progress: Progress) -> None:
        self.archive = archive
        self.table = table
        self.progress = progress
        self.rows = 0
        self.ranges: list[str] = []

    def write(self) -> None:
        """Write all rows, on as many sheets as they need, then the sheet that says what this is."""
        blocks = self._xml_blocks()
        more: list[str] | None = next(blocks, [])
        while more is not None:
            more = self._sheet(more, blocks)
        self._about()
        self._fixed_parts()

    def _xml_blocks(self) -> Iterator[list[str]]:
        """Yield the rows' XML, block by block; the total is the last row."""
        renderers = _renderers(self.table.columns, parts.STYLE)
        for block in self.table.blocks(sheet_cell):
            self.rows += len(block)
            self.progress.at(self.rows)
            yield _rows_xml(renderers, block)
        totals = self.table.totals(sheet_cell)
        if totals is not None:
            yield _rows_xml(_renderers(self.table.columns, parts.TOTAL_STYLE), [totals])

    def _sheet(self, first: list[str], blocks: Iterator[list[str]]) -> list[str] | None:
        """Write one sheet, beginning with the rows of `first`; return what did not fit, None at the end."""
        written, size, rest = 1, 0, None
        with self._open() as file:
            file.write(_head(self.table).encode())
            for block in chain([first], blocks):
                room = MAX_ROWS - written if size < MAX_SHEET_BYTES else 0
                if len(block) > room:
                    rest = block[room:]
                data = "".join(block[:room]).encode()
                file.write(data)
                written += min(room, len(block))
                size += len(data)
                if rest is not None:
                    break
            self.ranges.append(f"$A$1:${letters(len(self.table.columns))}${written}")
            file.write(_foot(self.table, written).encode())
        return rest

    def _open(self) -> IO[bytes]:
        return self.archive.open(f"xl/worksheets/sheet{len(self.ranges) + 1}.xml", "w")

    def _about(self) -> None:
        """Write the last sheet: what the file holds, of which school, as of when, for whom."""
        lines = [
            (_("School"), self.table.school),
            (_("As of"), self.table.moment),
            (_("Rows"), str(self.rows)),
            (_("Exported by"), self.table.owner),
        ]
        rows = "".join(
            f"<row>{text_cell(name, parts.STYLE['text'])}{text_cell(value, parts.STYLE['text'])}</row>"
            for name, value in lines
        )
        with self._open() as file:
            file.write(
                (
                    f'{parts.HEAD}<worksheet xmlns="{parts.MAIN}"><cols>'
                    '<col min="1" max="1" width="16" customWidth="1"/><col min="2" max="2" width="48" customWidth="1"/>'
                    f"</cols><sheetData><row>{text_cell(self.table.title, parts.TITLE, parts.TITLE)}</row>{rows}"
                    '</sheetData><pageSetup paperSize="9"/></worksheet>'
                ).encode()
            )

    def _fixed_parts(self) -> None:
        names = sheet_names(self.table.title, len(self.ranges))
        table, count = self.table, len(names)
        for path, text in {
            "[Content_Types].xml": parts.content_types(count),
            "_rels/.rels": parts.package_relations(),
            "xl/workbook.xml": parts.workbook(names, self.ranges),
            "xl/_rels/workbook.xml.rels": parts.workbook_relations(count),
            "xl/styles.xml": parts.styles(),
            "docProps/core.xml": parts.core_properties(table.title, table.owner, table.moment, table.as_of),
        }.items():
            self.archive.writestr(path, text)


def _rows_xml(renderers: Iterable[Callable[[Sequence[str | None]], list[str]]], block: Sequence[Row]) -> list[str]:
    """Return the XML of each row; columns are rendered whole, which is much quicker than cell by cell."""
    columns = [render(values) for render, values in zip(renderers, zip(*block, strict=True), strict=True)]
    return [f"<row>{''.join(cells)}</row>" for cells in zip(*columns, strict=True)]


def sheet_names(title: str, sheets: int) -> list[str]:
    """Return the names of the sheets: the title without what Excel forbids, numbered, and the last one's own."""
    about = _("About this file")[:31]
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip("' ")[:26] or "1"
    if name.lower() in (about.lower(), "history"):
        name = f"{name[:24]} 1"
    return [name, *(f"{name} {n}" for n in range(2, sheets + 1)), about]


def write_xlsx(table: Table, path: Path, progress: Progress) -> int:
    """Write `table` to `path` and return the number of rows."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        workbook = _Workbook(archive, table, progress)
        workbook.write()
    return workbook.rows
