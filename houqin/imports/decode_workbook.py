"""Read a workbook or a CSV file: `decode_workbook.py SOURCE OUT SHEET MAX_ROWS MAX_COLUMNS HEAD`.

Runs confined (see houqin/files/confined.py) and imports nothing of the project. Without a sheet it prints
{"sheets": [{"name", "rows", "columns", "head"}]} with the first HEAD rows of each; with one it writes that
sheet's rows to OUT, a JSON list a line, and prints {"rows": n}. What cannot be read is {"refused": code}.

Cells are null, text, numbers, booleans, {"day": iso}, {"moment": iso} or {"bad": text} for a formula's error.
"""

import codecs
import csv
import html
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, load_workbook

MAX_SHEETS = 50
MAX_PARTS = 5000
MAX_UNPACKED = 400 * 1024 * 1024
MAX_CELL = 5000
CSV_SHEET = "CSV"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# A cell whose formula failed (t="e"), or was never calculated (a formula without a value).
FAILED = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\br="([A-Z]{1,3})(\d{1,7})")(?=[^>]*\bt="e")[^>]*>.*?<(?:\w+:)?v>([^<]*)</', re.S
)
UNCALCULATED = re.compile(
    rb'<(?:\w+:)?c\b[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f\b[^>]*>([^<]*)</(?:\w+:)?f>\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


class Unreadable(Exception):
    """What cannot be read, with the code of why."""


def texts_of(content: bytes) -> str:
    """Return the text of a CSV file, in one of the encodings that offices write."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("workbook_unreadable")


def csv_rows(content: bytes) -> list[list[Any]]:
    """Return the rows of a CSV file; the separator is the one that makes the most even columns."""
    text = texts_of(content)
    start = text.lstrip()[:200].lower()
    if start.startswith(("<html", "<!doctype", "<table", "<?xml")):
        raise Unreadable("workbook_is_a_page")
    csv.field_size_limit(1_000_000)
    lines = text.splitlines()[:50]
    separator = max(",\t;", key=lambda mark: sum(line.count(mark) for line in lines))
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]


def check_archive(content: bytes) -> None:
    """Refuse an archive that unpacks to far more than a school's list can be."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Unreadable("workbook_too_large")


def workbook_of(content: bytes) -> CalamineWorkbook:
    """Open an xlsx or xls workbook, told by its first bytes and not by its name."""
    if content.startswith(OLE) and ENCRYPTED in content:
        raise Unreadable("workbook_locked")
    if content.startswith(b"PK"):
        check_archive(content)
    try:
        return load_workbook(io.BytesIO(content))
    except PasswordError as error:
        raise Unreadable("workbook_locked") from error


def bad_cells(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Return the cells of an xlsx sheet that calamine leaves empty although something stands there."""
    if not content.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        path = sheet_path(archive, sheet)
        xml = archive.read(path) if path else b""
    found = {place(m[1], m[2]): m[3].decode() for m in FAILED.finditer(xml)} if b't="e"' in xml else {}
    if b"<f" in xml or b":f" in xml:
        found |= {place(m[1], m[2]): "=" + html.unescape(m[3].decode()) for m in UNCALCULATED.finditer(xml)}
    return found


def sheet_path(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return where a sheet's XML stands in the archive; empty when the archive is built otherwise."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  confined process
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except KeyError:
        return ""
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = targets.get(element.get(RELATION), "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return path if path in archive.namelist() else ""
    return ""


def place(column: bytes, row: bytes) -> tuple[int, int]:
    """Return row and column from 0 of an address like C12."""
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return int(row) - 1, number - 1


def cell(value: Any) -> Any:
    """Return a cell as JSON."""
    if isinstance(value, str):
        text = value.strip()
        if len(text) > MAX_CELL:
            raise Unreadable("cell_too_long")
        return text or None
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def cells(rows: Iterable[list[Any]], bad: dict[tuple[int, int], str], max_columns: int) -> Iterator[list[Any]]:
    """Yield the rows as JSON lists without empty cells at their ends."""
    for number, row in enumerate(rows):
        line = [cell(value) for value in row[: max_columns + 1]]
        for position in range(len(line)):
            if (number, position) in bad:
                line[position] = {"bad": bad[number, position]}
        while line and line[-1] is None:
            line.pop()
        if len(line) > max_columns:
            raise Unreadable("too_many_columns")
        yield line


def sheets_of(content: bytes) -> Iterator[tuple[str, Iterable[list[Any]]]]:
    """Yield the names and rows of the sheets that hold something."""
    if not content.startswith((b"PK", OLE)):
        yield CSV_SHEET, csv_rows(content)
        return
    book = workbook_of(content)
    metadata = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if len(metadata) > MAX_SHEETS:
        raise Unreadable("too_many_sheets")
    for sheet in metadata:
        yield sheet.name, rows_of(book.get_sheet_by_name(sheet.name))


def rows_of(sheet: CalamineSheet) -> list[list[Any]]:
    """Return a sheet's rows from the very first, so that positions are row numbers."""
    if sheet.start is None:
        return []
    if sheet.end is not None and (sheet.end[0] + 1) * (sheet.end[1] + 1) > 20_000_000:
        raise Unreadable("workbook_too_large")
    return sheet.to_python(skip_empty_area=False)


def survey(content: bytes, max_columns: int, head: int) -> dict[str, Any]:
    """Return what sheets there are and how each begins."""
    found = []
    for name, rows in sheets_of(content):
        lines = list(cells(rows, bad_cells(content, name), max_columns))
        while lines and not lines[-1]:
            lines.pop()
        if lines:
            width = max(map(len, lines))
            found.append({"name": name, "rows": len(lines), "columns": width, "head": lines[:head]})
    return {"sheets": found} if found else {"refused": "workbook_empty"}


def extract(content: bytes, out: str, sheet: str, max_rows: int, max_columns: int) -> dict[str, Any]:
    """Write one sheet's rows and return how many there are."""
    for name, rows in sheets_of(content):
        if name != sheet:
            continue
        lines = list(cells(rows, bad_cells(content, name), max_columns))
        while lines and not lines[-1]:
            lines.pop()
        if len(lines) > max_rows:
            raise Unreadable("too_many_rows")
        with Path(out).open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        return {"rows": len(lines)}
    return {"refused": "sheet_missing"}


def main() -> dict[str, Any]:
    """Do what the arguments say and return the answer."""
    source, out, sheet = sys.argv[1:4]
    max_rows, max_columns, head = map(int, sys.argv[4:7])
    content = Path(source).read_bytes()
    try:
        if sheet:
            return extract(content, out, sheet, max_rows, max_columns)
        return survey(content, max_columns, head)
    except Unreadable as reason:
        return {"refused": str(reason)}
    except MemoryError:
        return {"refused": "workbook_too_large"}
    except Exception:
        return {"refused": "workbook_unreadable"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()))
