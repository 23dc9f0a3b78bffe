"""Books as CSV: plain figures and dates, one head, the school in front where there are several."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from django.db import connection
from django.utils.translation import gettext as _

from finance.books.sheets import Bundle, Sheet
from houqin.exports.progress import Progress
from houqin.exports.writers.csv_writer import BOM, CountedLines, guarded

NOTE_EVERY = 1000


def cell(value: Any) -> str:
    """Return a cell: figures and dates plain, text so that no spreadsheet takes it for a formula."""
    if value is None:
        return ""
    if isinstance(value, (Decimal, int)):
        return str(value)
    return value.isoformat() if isinstance(value, date) else guarded(str(value))


def write_csv(bundle: Bundle, path: Path, progress: Progress) -> int:
    """Write the sheets one below the other and return how many lines there are."""
    count = 0
    last_head: list[str] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(BOM.decode())
        out = csv.writer(file, lineterminator="\n")
        for sheet in bundle.sheets:
            front, head = _front(bundle, sheet)
            if head != last_head:
                if last_head:
                    out.writerow([])
                out.writerow(head)
                last_head = head
            count = _write_lines(sheet, front, file, out, progress, count)
        out.writerow([])
        for sheet in bundle.sheets:
            out.writerow([cell(text) for text in closing(bundle, sheet)])
    return count


def _write_lines(sheet: Sheet, front: list[str], file: TextIO, out: Any, progress: Progress, count: int) -> int:
    """Write the lines of a sheet behind `count` others; return how many there are now."""
    if sheet.copy is None:
        for line in sheet.lines():
            out.writerow([*front, *map(cell, line.cells)])
            count += 1
            if not count % NOTE_EVERY:
                progress.at(count)
        return count
    before = sheet.before() if sheet.before else None
    if before is not None:
        out.writerow([*front, *map(cell, before)])
        count += 1
    asked = sheet.copy()
    if asked is None:
        return count
    file.flush()
    lines = CountedLines(file.buffer, progress, count)
    with connection.cursor() as cursor:
        sql, params = asked
        own = "".join("%s, " for _text in front)
        query = cursor.mogrify(sql.replace("SELECT ", f"SELECT {own}", 1), [*front, *params]).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv)", lines)
    return lines.count


def _front(bundle: Bundle, sheet: Sheet) -> tuple[list[str], list[str]]:
    """Return what stands before each line, and the head."""
    heads = [f"{col.group} {col.head}".strip() for col in sheet.columns]
    if len(bundle.sheets) == 1:
        return [], [cell(head) for head in heads]
    front = [cell(sheet.whose), cell(sheet.account)]
    return front, [_("School"), _("Account"), *(cell(head) for head in heads)]


def closing(bundle: Bundle, sheet: Sheet) -> list[str]:
    """Return what closes a book: as of when, and where its chain stood; of a form what is to be known of it."""
    as_of = _("As of %(moment)s") % {"moment": bundle.moment}
    return [sheet.whose, sheet.period, as_of, *chain(sheet), *(sheet.form.notes if sheet.form else ())]


def chain(sheet: Sheet) -> list[str]:
    """Return where the chain of a sheet's books stood; nothing for one of several sets of books."""
    if sheet.unit:
        return []
    return [
        _("%(count)s postings") % {"count": sheet.ledger.chain_position},
        _("head of the chain: %(hash)s") % {"hash": sheet.ledger.chain_head},
    ]
