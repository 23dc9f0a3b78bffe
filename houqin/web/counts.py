"""Counts for chips and badges: capped, and all of a page in one query."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.where import AND

CAP = 1000

SQL = tuple[str, Sequence[Any]]


def capped_counts(querysets: Mapping[str, QuerySet[Any]], *, cap: int = CAP) -> dict[str, int]:
    """Count each queryset up to `cap` + 1, in one query for all of them."""
    result = dict.fromkeys(querysets, 0)
    names: list[str] = []
    columns: list[str] = []
    params: list[Any] = []
    conditions = _Conditions()
    for name, queryset in querysets.items():
        try:
            sql, bound = conditions.rows(queryset)
        except EmptyResultSet:
            continue
        names.append(name)
        columns.append(f"(SELECT count(*) FROM ({sql} LIMIT {cap + 1}) AS counted)")  # noqa: S608  the ORM wrote the inner query
        params.extend(bound)
    if columns:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(columns), params)
            result.update(zip(names, map(int, cursor.fetchone()), strict=True))
    return result


class _Conditions:
    """Writes the SQL of querysets that share conditions; a list's chips differ by one, the others are written once."""

    def __init__(self) -> None:
        # By identity: filter() keeps the conditions that were there. The querysets live longer than this.
        self._written: dict[int, SQL] = {}

    def rows(self, queryset: QuerySet[Any]) -> SQL:
        """Return the SQL of all rows, no columns. Raises EmptyResultSet when there can be none."""
        query = queryset.query
        where = query.where
        if query.is_sliced or query.distinct or query.combinator or query.group_by is not None or query.extra_tables:
            sql, bound = queryset.order_by().values("pk").query.sql_with_params()
            return f"SELECT FROM ({sql}) AS whole", bound
        query.get_initial_alias()
        compiler = query.get_compiler(connection=connection)
        if where.connector == AND and not where.negated:
            parts = [self._part(child, compiler) for child in where.children]
        else:
            parts = [_compiled(where, compiler)]
        # After the conditions, which may have joined tables.
        tables, table_params = compiler.get_from_clause()
        params = [*table_params]
        for _sql, values in parts:
            params.extend(values)
        condition = " AND ".join(sql for sql, _values in parts if sql)
        return f"SELECT FROM {' '.join(tables)}{' WHERE ' if condition else ''}{condition}", params

    def _part(self, child: Any, compiler: Any) -> SQL:
        if id(child) not in self._written:
            self._written[id(child)] = _compiled(child, compiler)
        return self._written[id(child)]


def _compiled(condition: Any, compiler: Any) -> SQL:
    """Return a condition's SQL, empty when every row meets it."""
    try:
        sql, params = compiler.compile(condition)
    except FullResultSet:
        return "", ()
    # Nodes of several conditions come without brackets around them.
    return (f"({sql})" if sql else ""), params


def shown(count: int, *, cap: int = CAP) -> str:
    """Return the count as people see it: exact, or "1,000+" beyond the cap."""
    return f"{cap:,}+" if count > cap else f"{count:,}"


class PageCounts:
    """The counts of one page: chips of the view and badges of the navigation, asked together on first use."""

    def __init__(self) -> None:
        self._querysets: dict[str, QuerySet[Any]] = {}
        self._result: dict[str, int] = {}

    def ask(self, name: str, queryset: QuerySet[Any]) -> None:
        """Note that `name` will be shown."""
        if name not in self._result:
            self._querysets[name] = queryset

    def get(self, name: str) -> int:
        """Return the count of `name`, running the one query when something asked is not counted yet."""
        if self._querysets:
            self._result.update(capped_counts(self._querysets))
            self._querysets = {}
        return self._result.get(name, 0)
