"""CSV by COPY: PostgreSQL writes the file, Python only counts the lines."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from django.db import connection

from houqin.exports.progress import Progress
from houqin.exports.registry import Column
from houqin.exports.table import BLANKS, FORMULA_STARTS, SQL, Labels, Table, label_case, local_time, looks_like_formula

# With it Excel reads UTF-8; without it Chinese comes out as rubbish.
BOM = b"\xef\xbb\xbf"
NOTE_EVERY = 1000


def guarded(text: str) -> str:
    """Return `text` so that a spreadsheet takes it for text: an apostrophe before what looks like a formula."""
    return f"'{text}" if looks_like_formula(text) else text


def guard(ref: str) -> SQL:
    """Return the SQL of `guarded`; nearly all text ends at the first test, which compares one number."""
    starts, blanks = [ord(character) for character in FORMULA_STARTS], [ord(character) for character in BLANKS]
    return (
        f"CASE WHEN ascii({ref}) = ANY(%s) AND ascii(ltrim({ref}, %s)) = ANY(%s) THEN '''' || {ref} ELSE {ref} END",
        [starts + blanks, BLANKS, starts],
    )


def csv_cell(column: Column, ref: str, labels: Labels) -> SQL:
    """Return the SQL of one cell; figures stay figures, text cannot become a formula."""
    if column.type in ("choice", "boolean"):
        other, bound = guard(f"{ref}::text")
        sql, params = label_case(ref, [(value, guarded(label)) for value, label in labels], other)
        return sql, params + bound
    if column.type == "datetime":
        return local_time(ref)
    if column.type == "money":
        return f"{ref}::numeric(20, 2)", []
    if column.type == "text":
        return guard(f"{ref}::text")
    return ref, []


class CountedLines:
    """A file that COPY writes to, one call a row, which tells the progress, behind `count` other rows."""

    def __init__(self, file: IO[bytes], progress: Progress, count: int = 0) -> None:
        self.count = count
        self._write = file.write
        self._progress = progress

    def write(self, line: bytes) -> None:
        self._write(line)
        self.count += 1
        if not self.count % NOTE_EVERY:
            self._progress.at(self.count)


def _line(cells: Sequence[str | None]) -> bytes:
    """Return a line as COPY would write it. The writer quotes only what its own line end has: so both, then one."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return (text.getvalue().removesuffix("\r\n") + "\n").encode()


def write_csv(table: Table, path: Path, progress: Progress) -> int:
    """Write `table` to `path` and return the number of rows."""
    with path.open("wb") as file:
        file.write(BOM + _line([guarded(header) for header in table.headers]))
        lines = CountedLines(file, progress)
        if table.sql is not None:
            with connection.cursor() as cursor:
                query = cursor.mogrify(*table.select(csv_cell)).decode()
                cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv)", lines)
        totals = table.totals(csv_cell)
        if totals is not None:
            # sums are figures, which a guard would spoil
            file.write(_line(totals))
        return lines.count
