"""A small kind of import, workbooks for it, and jobs in every state."""

import io
from datetime import date
from functools import partial
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from houqin.errors import Refused
from houqin.imports import actions, work
from houqin.imports.models import ImportJob
from houqin.imports.parse import parse_date, parse_integer, parse_money, parse_text
from houqin.imports.registry import ImportColumn, ImportKind, RowError
from houqin.schools.models import Place

HEAD = ["名称", "编号", "数量", "单价", "取得日期"]
ROWS = [
    ["课桌", "A1", 10, 120.5, date(2024, 9, 1)],
    ["椅子", "A2", 20, 0.1 + 0.2, "2024.9.2"],
    ["黑板", "A3", 1, "1,234.50", "2024年9月3日"],
]


def check(rows: Any, *, school: Any, by: Any) -> list[RowError]:
    """Codes must be new, in the file and at the school."""
    taken = set(Place.objects.filter(school=school).values_list("code", flat=True))
    errors = []
    for row in rows:
        if row["code"] in taken:
            errors.append(RowError(row.number, "code", "code_taken", "This code is taken."))
        taken.add(row["code"])
    return errors


def write(rows: Any, *, school: Any, by: Any, progress: Any) -> int:
    """One place a row; some names stand for what can go wrong on the way."""
    for done, row in enumerate(rows, start=1):
        Place.objects.create(school=school, name=row["name"], code=row["code"])
        if row["name"] == "拒绝":
            raise Refused("Not this one.", code="not_this_one", field="name")
        if row["name"] == "故障":
            raise RuntimeError("broken on purpose")
        progress(done)
    return len(rows)


KIND = ImportKind(
    name="test.things",
    title="things",
    permission="schools.manage_places",
    columns=[
        ImportColumn("name", "名称", ("物品", "物品名称"), True, partial(parse_text, max_length=20), help="As on it."),
        ImportColumn("code", "编号", ("代码",), True, example="A1"),
        ImportColumn("quantity", "数量", (), False, partial(parse_integer, minimum=1)),
        ImportColumn("price", "单价", ("价格",), False, parse_money),
        ImportColumn("day", "取得日期", ("日期",), False, parse_date),
    ],
    check=check,
    write=write,
    summarise=lambda rows: [("in all", str(sum(row["quantity"] or 0 for row in rows)))],
    notes=["One row is one thing."],
    list_url="schools:places:list",
)


def workbook(rows: Any = ROWS, *, head: Any = HEAD, above: Any = (), below: Any = (), sheet: str = "清册") -> bytes:
    """The bytes of an .xlsx file."""
    book = openpyxl.Workbook()
    table = book.active
    table.title = sheet
    for line in [*above, head, *rows, *below]:
        table.append(line)
    for line in table.iter_rows():
        for cell in line:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_text(rows: Any = ROWS, *, head: Any = HEAD) -> str:
    """The text of a .csv file."""
    return "\r\n".join(
        ",".join(f'"{cell:g}"' if isinstance(cell, float) else f'"{cell}"' for cell in line) for line in [head, *rows]
    )


def make_job(content: bytes, *, school: Any, by: Any, name: str = "things.xlsx") -> ImportJob:
    """An import just uploaded."""
    return actions.upload(SimpleUploadedFile(name, content), kind=KIND, school=school, by=by)


def worked(job: ImportJob) -> ImportJob:
    """The import after a worker did what it could."""
    work.run_job(job.pk)
    job.refresh_from_db()
    return job


def read(content: bytes, *, school: Any, by: Any, name: str = "things.xlsx") -> ImportJob:
    """An import that a worker has looked into."""
    return worked(make_job(content, school=school, by=by, name=name))


def checked(content: bytes, *, school: Any, by: Any) -> ImportJob:
    """An import whose rows were checked with the columns as they were recognised."""
    job = read(content, school=school, by=by)
    actions.choose_columns(job, mapping=job.mapping, by=by)
    return worked(job)


def codes(job: ImportJob) -> list[tuple[int, str, str]]:
    """Row, column and code of each error."""
    return [(error["row"], error["column"], error["code"]) for error in job.errors]
