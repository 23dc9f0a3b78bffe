"""Exports for tests: a table of places with one column of each type, and jobs that want it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import DateField, DateTimeField, DecimalField, F, Value
from django.http import QueryDict

from houqin.exports import actions, registry
from houqin.exports.models import ExportJob
from houqin.exports.registry import Column, Export
from houqin.exports.table import make_table
from houqin.exports.writers.by_format import WRITERS
from houqin.schools.models import Place

KIND = "tests.places"
AMOUNT, DAY = Decimal("-1234.50"), date(2026, 9, 1)
# 00:12 of the next day in Shanghai
MOMENT = datetime(2026, 9, 15, 16, 12, 30, tzinfo=UTC)
AS_OF = datetime(2026, 9, 16, 0, 0, tzinfo=UTC)


def places(user: Any, school: Any, params: QueryDict) -> Any:
    """Rows as a room's export gives them."""
    rows = Place.objects.visible_to(user).at(school)
    if params.get("kind"):
        rows = rows.filter(kind=params["kind"])
    return rows.order_by("code")


def columns() -> list[Column]:
    """One column of each type."""
    return [
        Column("编号", "code"),
        Column("名称", "full_name", width=30),
        Column("学校", "school__name"),
        Column("种类", "kind", "choice", 8),
        Column("在用", "is_active", "boolean", 8),
        Column("金额", Value(AMOUNT, DecimalField(max_digits=12, decimal_places=2)), "money", 12, total=True),
        Column("数量", F("id") * 0 + 7, "integer", 8),
        Column("比率", Value(Decimal("0.125"), DecimalField(max_digits=6, decimal_places=3)), "number", 8),
        Column("日期", Value(DAY, DateField()), "date", 12),
        Column("时间", Value(MOMENT, DateTimeField()), "datetime", 18),
    ]


def make_export(**fields: Any) -> Export:
    """The export of places."""
    return Export(
        **{
            "name": KIND,
            "title": "地点一览",
            "permission": "schools.view_places",
            "columns": columns(),
            "queryset": places,
        }
        | fields
    )


class NoProgress:
    """What a writer tells, kept."""

    def __init__(self) -> None:
        self.told: list[int] = []

    def at(self, rows: int) -> None:
        self.told.append(rows)


def write(format: str, path: Path, rows: Any, **fields: Any) -> int:
    """Write rows of places to `path`, without a job."""
    table = make_table(make_export(**fields), rows, school="黄竹林学校", owner="余敏", as_of=AS_OF)
    return WRITERS[format](table, path, NoProgress())


def make_job(owner: Any, school: Any = None, **fields: Any) -> ExportJob:
    """A job that waits, made without an action."""
    return ExportJob.objects.create(
        **{"kind": KIND, "title": "地点一览", "format": "csv", "owner": owner, "school": school} | fields
    )


def make_finished_job(owner: Any, school: Any = None, **fields: Any) -> ExportJob:
    """A job whose file is there."""
    if registry.get(KIND) is None:
        raise LookupError("ask for the fixture `export`")
    job = actions.run(make_job(owner, school, **fields))
    assert job is not None
    assert job.state == ExportJob.State.DONE, job.error
    return job
