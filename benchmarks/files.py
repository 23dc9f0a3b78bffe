"""Writing files: our writers, and beside each the least that must be done for such a file."""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.utils import timezone
from fpdf import FPDF

from assets.repairs.exports import REPAIRS
from assets.repairs.models import RepairRequest
from houqin.exports import fonts
from houqin.exports.registry import Export
from houqin.exports.table import make_table, snapshot
from houqin.exports.writers.by_format import WRITERS

COLUMNS = 10
BLOCK = 2000
# What a floor's row consists of: ten columns by name, plain.
PLAIN = """
    SELECT r.number, s.name, r.reported_at, u.display_name, p.full_name, r.kind, r.description, r.is_dangerous,
           r.state, m.display_name
    FROM assets_repairrequest r
    JOIN schools_school s ON s.id = r.school_id
    JOIN schools_place p ON p.id = r.place_id
    LEFT JOIN accounts_user u ON u.id = r.reporter_id
    LEFT JOIN accounts_user m ON m.id = r.assigned_to_id
    WHERE r.id > (SELECT max(id) FROM assets_repairrequest) - {rows}
    ORDER BY r.attention_key DESC, r.id DESC
"""
NOBODY: Any = SimpleNamespace(at=lambda _rows: None, of=lambda _total: None)


def work(name: str, rows: int) -> Callable[[], int]:
    """Return what writes a file of `rows` rows: "csv", "xlsx" or "pdf" by us, "floor_csv" ... by the floor."""
    folder = Path(tempfile.mkdtemp(prefix="houqin-benchmark-"))
    path = folder / "file"
    _warm()

    def run() -> int:
        try:
            return FLOORS[name](path, rows) if name in FLOORS else _ours(name, path, rows)
        finally:
            path.unlink(missing_ok=True)
            folder.rmdir()

    return run


def _warm() -> None:
    """Connect and read a row, so that neither is counted."""
    with connection.cursor() as cursor:
        cursor.execute(PLAIN.format(rows=1))


def _ours(format: str, path: Path, rows: int) -> int:
    export = Export(
        name="benchmark",
        title=REPAIRS.title,
        permission=REPAIRS.permission,
        queryset=REPAIRS.queryset,
        columns=REPAIRS.columns[:COLUMNS],
    )
    last = RepairRequest.objects.latest("id").pk
    queryset = RepairRequest.objects.filter(pk__gt=last - rows).order_by("-attention_key", "-id")
    table = make_table(export, queryset, school="第一小学", owner="总务", as_of=timezone.now())
    with snapshot():
        return WRITERS[format](table, path, NOBODY)


def _copy(path: Path, rows: int) -> int:
    """PostgreSQL's COPY into a file."""
    with path.open("wb") as file, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({PLAIN.format(rows=rows)}) TO STDOUT WITH (FORMAT csv)", file)
    return rows


def _plain_rows(rows: int) -> Any:
    with connection.chunked_cursor() as cursor, snapshot():
        names = [f"c{number}" for number in range(COLUMNS)]
        texts = ", ".join(f"coalesce({name}::text, '')" for name in names)
        cursor.execute(f"SELECT {texts} FROM ({PLAIN.format(rows=rows)}) AS rows ({', '.join(names)})")
        while block := cursor.fetchmany(BLOCK):
            yield block


def _sheet(path: Path, rows: int) -> int:
    """One sheet of inline strings, joined block by block into one deflate stream, without styles or escapes."""
    start, between, end = (
        '<row><c t="inlineStr"><is><t>',
        '</t></is></c><c t="inlineStr"><is><t>',
        "</t></is></c></row>",
    )
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("sheet1.xml", "w") as file,
    ):
        for block in _plain_rows(rows):
            file.write("".join([start + between.join(row) + end for row in block]).encode())
    return rows


def _book(path: Path, rows: int) -> int:
    """fpdf2's text operator for every cell, a page each 25 rows, nothing measured or broken."""
    paper = FPDF(orientation="L")
    paper.set_auto_page_break(False)
    paper.add_font("sans", fname=fonts.sans())
    paper.set_font("sans", size=8)
    for block in _plain_rows(rows):
        for number, row in enumerate(block):
            if not number % 25:
                paper.add_page()
            for column, text in enumerate(row):
                paper.text(10 + 28 * column, 20 + 7 * (number % 25), text[:20])
    paper.output(str(path))
    return rows


FLOORS = {"floor_csv": _copy, "floor_xlsx": _sheet, "floor_pdf": _book}
