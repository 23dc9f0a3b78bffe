"""The empty workbook to fill in: column titles on the first sheet, what to write on the second."""

from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from houqin.imports.registry import ImportKind

_HEAD = Font(bold=True)
_REQUIRED = PatternFill("solid", fgColor="FBF0D9")


def template_workbook(kind: ImportKind) -> bytes:
    """Return the workbook's bytes; its titles are understood again when it comes back."""
    book = Workbook()
    table: Any = book.active
    table.title = str(kind.title)[:31]
    table.append([str(column.title) for column in kind.columns])
    for number, column in enumerate(kind.columns, start=1):
        head = table.cell(1, number)
        head.font = _HEAD
        if column.required:
            head.fill = _REQUIRED
        width = max(len(str(column.title)) * 2 + 4, len(column.example) + 4, 12)
        table.column_dimensions[get_column_letter(number)].width = min(width, 40)
    table.freeze_panes = "A2"
    _explain(book.create_sheet(_("How to fill in")), kind)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _explain(sheet: Worksheet, kind: ImportKind) -> None:
    sheet.append([_("Column"), _("Must be there"), _("What to write"), _("Example"), _("Also understood as")])
    for column in kind.columns:
        sheet.append(
            [
                str(column.title),
                _("yes") if column.required else "",
                str(column.help),
                column.example,
                "、".join(column.synonyms),
            ]
        )
    for cell in sheet[1]:
        cell.font = _HEAD
    for letter, width in zip("ABCDE", (18, 12, 50, 24, 50), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.data_type = "s"  # an example that starts with "=" stays text
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for note in kind.notes:
        sheet.append([])
        sheet.append([str(note)])
