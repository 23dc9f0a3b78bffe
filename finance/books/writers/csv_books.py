"""Books as CSV: plain figures and dates, one head, the school in front where there are several."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from finance.books.sheets import Bundle, Sheet
from houqin.exports.progress import Progress
from houqin.exports.writers.csv_writer import BOM, guarded

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
            for line in sheet.lines():
                out.writerow([*front, *map(cell, line.cells)])
                count += 1
                if not count % NOTE_EVERY:
                    progress.at(count)
        out.writerow([])
        for sheet in bundle.sheets:
            out.writerow([cell(text) for text in closing(bundle, sheet)])
    return count


def _front(bundle: Bundle, sheet: Sheet) -> tuple[list[str], list[str]]:
    """Return what stands before each line, and the head."""
    heads = [f"{col.group} {col.head}".strip() for col in sheet.columns]
    if len(bundle.sheets) == 1:
        return [], [cell(head) for head in heads]
    front = [cell(str(sheet.ledger)), cell(sheet.account)]
    return front, [_("School"), _("Account"), *(cell(head) for head in heads)]


def closing(bundle: Bundle, sheet: Sheet) -> list[str]:
    """Return what closes a book: as of when, and where its chain stood."""
    return [
        str(sheet.ledger),
        sheet.period,
        _("As of %(moment)s") % {"moment": bundle.moment},
        _("%(count)s postings") % {"count": sheet.ledger.chain_position},
        _("head of the chain: %(hash)s") % {"hash": sheet.ledger.chain_head},
    ]
