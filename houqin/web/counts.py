"""Counts for chips and badges: capped, and all of a page in one query."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

CAP = 1000


def capped_counts(querysets: Mapping[str, QuerySet[Any]], *, cap: int = CAP) -> dict[str, int]:
    """Count each queryset up to `cap` + 1, in one query for all of them."""
    result = dict.fromkeys(querysets, 0)
    names: list[str] = []
    columns: list[str] = []
    params: list[Any] = []
    for name, queryset in querysets.items():
        try:
            sql, bound = queryset.order_by().values("pk")[: cap + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        names.append(name)
        columns.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608  the ORM wrote the inner query
        params.extend(bound)
    if columns:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(columns), params)
            result.update(zip(names, map(int, cursor.fetchone()), strict=True))
    return result


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
