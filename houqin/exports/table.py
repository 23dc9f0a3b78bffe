"""An export's rows as SQL: PostgreSQL writes the labels, times and figures, so that Python only moves text.

Queries are put together from Django's own compiled one and names made here; every value is bound (S608).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db import connection, models, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from houqin.exports.models import COUNT_CAP
from houqin.exports.registry import Column, Export

BLOCK = 2000
# A cell that starts with one of these would be read as a formula; the wide ones work in Chinese Excel.
FORMULA_STARTS = "=+-@＝＋－＠\t\r\n"
# What some programs trim before they look.
BLANKS = " \u00a0\u3000"

Labels = Sequence[tuple[Any, str]]
SQL = tuple[str, list[Any]]
# Turns one column, named by a reference, into the text that a format wants.
Cell = Callable[[Column, str, Labels], SQL]
Row = tuple[str | None, ...]


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything inside as of one moment; outside of any transaction, that is enforced."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL datestyle = 'ISO, YMD'")
        yield


def _labels(column: Column, model: type[models.Model]) -> Labels:
    """Return the values and labels of a column, in the language of the job."""
    if column.type == "boolean":
        return [(True, _("yes")), (False, _("no"))]
    if column.type != "choice":
        return []
    choices = column.choices
    if not choices and isinstance(column.value, str):
        choices = _field_choices(column.value, model)
    return [(value, str(label)) for value, label in choices]


def _field_choices(path: str, model: type[models.Model]) -> Sequence[tuple[Any, Any]]:
    """Return the choices of the field at the end of `path`."""
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    field = model._meta.get_field(last)
    if not isinstance(field, models.Field):
        raise FieldDoesNotExist(path)
    return field.flatchoices


def looks_like_formula(text: str) -> bool:
    """Say whether a spreadsheet might take `text` for a formula."""
    return text.lstrip(BLANKS).startswith(tuple(FORMULA_STARTS))


def label_case(ref: str, labels: Labels, other: str) -> SQL:
    """Return the SQL that names a value by its label, `other` when it has none."""
    if not labels:
        return other, []
    whens = " ".join(["WHEN %s THEN %s"] * len(labels))
    return f"CASE {ref} {whens} ELSE {other} END", [part for pair in labels for part in pair]


def local_time(ref: str) -> SQL:
    """Return the SQL of a moment as the clock on the wall showed it, to the second."""
    return f"date_trunc('second', {ref} AT TIME ZONE %s)", [settings.TIME_ZONE]


@dataclass(frozen=True, slots=True)
class Table:
    """What a writer writes: heads, and rows that a snapshot reads when asked."""

    title: str
    school: str
    owner: str
    as_of: datetime
    columns: Sequence[Column]
    headers: Sequence[str]
    labels: Sequence[Labels]
    # None when the filter can match nothing.
    sql: str | None
    params: tuple[Any, ...]
    # The same rows in no order, for counting and summing: sorting a million rows takes a second.
    unordered_sql: str
    unordered_params: tuple[Any, ...]

    @property
    def moment(self) -> str:
        """When the rows were as the file shows them."""
        return timezone.localtime(self.as_of).strftime("%Y-%m-%d %H:%M")

    def select(self, cell: Cell) -> SQL:
        """Return the query of all rows, each column as `cell` wants it."""
        return self._select(cell, f"({self.sql})", list(self.params))

    def _select(self, cell: Cell, source: str, source_params: list[Any]) -> SQL:
        cells: list[str] = []
        params: list[Any] = []
        for number, column in enumerate(self.columns):
            sql, bound = cell(column, f"rows.column_{number}", self.labels[number])
            cells.append(f"{sql} AS cell_{number}")
            params += bound
        # The outer query only maps each row, so the rows keep the order of the inner one.
        return f"SELECT {', '.join(cells)} FROM {source} AS rows", params + source_params  # noqa: S608

    def count(self) -> int | None:
        """Return how many rows there are: counted up to a cap, beyond it the planner's estimate."""
        if self.sql is None:
            return 0
        with connection.cursor() as cursor:
            capped = (
                f"SELECT count(*) FROM (SELECT FROM ({self.unordered_sql}) AS rows LIMIT {COUNT_CAP + 1}) AS capped"  # noqa: S608
            )
            cursor.execute(capped, self.unordered_params)
            counted: int = cursor.fetchone()[0]
            if counted <= COUNT_CAP:
                return counted
            cursor.execute(f"EXPLAIN (FORMAT JSON) {self.unordered_sql}", self.unordered_params)
            return max(counted, int(cursor.fetchone()[0][0]["Plan"]["Plan Rows"]))

    def blocks(self, cell: Cell) -> Iterator[list[Row]]:
        """Read all rows through a server-side cursor, as blocks of plain tuples of text."""
        if self.sql is None:
            return
        with connection.chunked_cursor() as cursor:
            cursor.execute(*self.select(cell))
            while block := cursor.fetchmany(BLOCK):
                yield block

    def totals(self, cell: Cell) -> Row | None:
        """Return the last row, which sums the columns that ask for it; None when none does."""
        if self.sql is None or not any(column.total for column in self.columns):
            return None
        sums = ", ".join(
            f"sum(rows.column_{number}) AS column_{number}" if column.total else f"NULL AS column_{number}"
            for number, column in enumerate(self.columns)
        )

        def summed(column: Column, ref: str, labels: Labels) -> SQL:
            return cell(column, ref, labels) if column.total else ("NULL::text", [])

        source = f"(SELECT {sums} FROM ({self.unordered_sql}) AS rows)"  # noqa: S608
        sql, params = self._select(summed, source, list(self.unordered_params))
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            row = list(cursor.fetchone())
        named = next((n for n, column in enumerate(self.columns) if not column.total), None)
        if named is not None:
            row[named] = _("Total")
        return tuple(row)


def make_table(export: Export, rows: QuerySet[Any], *, school: str, owner: str, as_of: datetime) -> Table:
    """Compile `rows` with the columns of `export`; unordered rows come by key."""
    if not rows.ordered:
        rows = rows.order_by("pk")
    values = {
        f"column_{number}": F(column.value) if isinstance(column.value, str) else column.value
        for number, column in enumerate(export.columns)
    }
    cells = rows.annotate(**values).values_list(*values)
    sql: str | None
    params: tuple[Any, ...]
    try:
        sql, params = cells.query.sql_with_params()
        unordered_sql, unordered_params = cells.order_by().query.sql_with_params()
    except EmptyResultSet:
        sql, params, unordered_sql, unordered_params = None, (), "", ()
    return Table(
        title=str(export.title),
        school=school,
        owner=owner,
        as_of=as_of,
        columns=export.columns,
        headers=[str(column.header) for column in export.columns],
        labels=[_labels(column, rows.model) for column in export.columns],
        sql=sql,
        params=tuple(params),
        unordered_sql=unordered_sql,
        unordered_params=tuple(unordered_params),
    )
