"""Read uploaded workbooks and CSV files, within hard limits."""

import json
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused
from houqin.files.confined import Limits, run

MEGABYTE = 1024 * 1024
FILE_BYTES = 20 * MEGABYTE
MAX_COLUMNS = 200
# Rows of each sheet in which the column titles are looked for and the first rows shown.
HEAD = 40
LIMITS = Limits(seconds=40, mebibytes=1536)
_SCRIPT = Path(__file__).with_name("decode_workbook.py")

_SENTENCES: dict[str, str | Promise] = {
    "workbook_unreadable": _("This file cannot be read. Open it in Excel or WPS, save it as .xlsx and upload that."),
    "workbook_locked": _("This file is protected by a password. Save it without one and upload it again."),
    "workbook_too_large": _("This file is too large. Keep only the rows and sheets that are needed."),
    "workbook_empty": _("This file is empty. Fill in the template and upload it."),
    "workbook_is_a_page": _("This is a web page with the name of a table. Open it in Excel or WPS, save it as .xlsx."),
    "too_many_sheets": _("This file has too many sheets. Keep only the one that is needed."),
    "too_many_columns": _("This file has too many columns. Keep only those that are needed."),
    "too_many_rows": _("This file has more rows than can be imported at once. Split it."),
    "cell_too_long": _("A cell of this file holds a very long text. Shorten it."),
    "sheet_missing": _("This sheet is no longer in the file. Choose another one."),
}


@dataclass(frozen=True, slots=True)
class BrokenCell:
    """A cell whose formula failed (its text is the error, #N/A) or was never calculated (its text is the formula)."""

    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one sheet holds: its size and its first rows."""

    name: str
    rows: int
    columns: int
    head: list[list[Any]]


def survey(content: bytes) -> list[Sheet]:
    """Return the sheets that hold something, or raise Refused."""
    answer = _decode(content, "", 0)[0]
    return [
        Sheet(sheet["name"], sheet["rows"], sheet["columns"], [_cells(row) for row in sheet["head"]])
        for sheet in answer["sheets"]
    ]


def rows_of(content: bytes, sheet: str, *, max_rows: int) -> list[list[Any]]:
    """Return the rows of a sheet, the first one first, or raise Refused; the cost is linear in the file."""
    return _decode(content, sheet, max_rows)[1]


def refusal(code: str) -> Refused:
    """Return the refusal with this code."""
    return Refused(_SENTENCES[code], code=code)


def _decode(content: bytes, sheet: str, max_rows: int) -> tuple[dict[str, Any], list[list[Any]]]:
    with tempfile.TemporaryDirectory(prefix="houqin-import-") as folder:
        source, out = Path(folder, "source"), Path(folder, "rows")
        source.write_bytes(content)
        numbers = map(str, (max_rows, MAX_COLUMNS, HEAD))
        answer = run(_SCRIPT, str(source), str(out), sheet, *numbers, limits=LIMITS)
        if "refused" in answer:
            raise refusal(answer["refused"])
        if not sheet:
            return answer, []
        with out.open(encoding="utf-8") as lines:
            return answer, [_cells(json.loads(line)) for line in lines]


def _cells(row: list[Any]) -> list[Any]:
    return [_cell(value) if isinstance(value, dict) else value for value in row]


def _cell(value: dict[str, str]) -> Any:
    if "day" in value:
        return date.fromisoformat(value["day"])
    if "moment" in value:
        return datetime.fromisoformat(value["moment"])  # without a zone: what stands in the cell
    return BrokenCell(value["bad"])
