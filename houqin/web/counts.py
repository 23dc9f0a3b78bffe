"""Counts for chips and badges: capped, and all of a page in one query."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet, FieldError, FullResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.sql.where import AND
from django.utils import timezone

CAP = 1000

SQL = tuple[str, Sequence[Any]]
# Tables, conditions (an empty one is always true) and the parameters of both.
Clauses = tuple[str, list[str], Sequence[Any]]


class Later(Expression):
    """What a condition is compared with, once it is known: the "person" or the time ("now") of a page."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> SQL:  # type: ignore[override]  # Django's stubs want a copy of the parameters
        """Stand in the parameters for what is bound later."""
        return "%s", [self]


# Narrows rows, given the person and the time; both may be a Later.
Narrow = Callable[[Any, Any, Any], QuerySet[Any]]


@dataclass(frozen=True, eq=False)
class Where:
    """A condition that differs by person and time at most: its SQL is written once a process, not once a page.

    Only fields of the model itself; callable as a chip's `apply`.
    """

    narrow: Narrow

    def __call__(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return self.narrow(rows, user, timezone.now())


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Rows to count: of a queryset, those that meet a condition for a person."""

    rows: QuerySet[Any]
    where: Where
    user: Any

    @property
    def queryset(self) -> QuerySet[Any]:
        """The rows themselves."""
        return self.where(self.rows, self.user)


# What is counted.
Counted = QuerySet[Any] | Narrowed


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found, and the querysets that narrow it: `found.filter(...)`.

    The search is carried out once for all of them and stops beyond the cap; then the counts are of the first hits.
    """

    found: QuerySet[Any]
    narrowed: Mapping[str, Counted]


# Under this name stands how many hits there are.
HITS = "hits"


def capped_counts(asked: Mapping[str, Counted], hits: Hits | None = None, *, cap: int = CAP) -> dict[str, int]:
    """Count what is asked up to `cap` + 1 each, in one query for all of them."""
    statement = _Statement(cap)
    for name, counted in asked.items():
        statement.count(name, counted)
    result = dict.fromkeys(asked, 0)
    if hits is not None:
        statement.count_hits(hits)
        result |= dict.fromkeys(hits.narrowed, 0)
    return result | statement.answers()


class _Statement:
    """One SELECT with a count a column."""

    def __init__(self, cap: int) -> None:
        self._most = cap + 1
        self._conditions = _Conditions()
        self._with: list[str] = []
        self._names: list[str] = []
        self._columns: list[str] = []
        self._params: list[Any] = []

    def count(self, name: str, counted: Counted) -> None:
        """Add a count, unless there can be no row."""
        with suppress(EmptyResultSet):
            self._add(name, *self._conditions.rows(counted))

    def count_hits(self, hits: Hits) -> None:
        """Add the hits and what narrows them; must come last, since its rows are bound before all others."""
        query = hits.found.query
        table = connections[DEFAULT_DB_ALIAS].ops.quote_name(hits.found.model._meta.db_table)
        try:
            sql, bound = self._conditions.rows(hits.found)
        except EmptyResultSet:
            return
        whole = sql.removeprefix("SELECT")
        self._with.append(f"WITH hits AS MATERIALIZED (SELECT {table}.*{whole} LIMIT {self._most}) ")
        self._params = [*bound, *self._params]
        self._add(HITS, "SELECT FROM hits", ())
        known = {id(condition) for condition in query.where.children}
        for name, counted in hits.narrowed.items():
            with suppress(EmptyResultSet):
                sql, bound = self._conditions.rows(counted, without=known)
                self._add(name, sql.replace(f" FROM {table}", f" FROM hits AS {table}", 1), bound)

    def _add(self, name: str, sql: str, bound: Sequence[Any]) -> None:
        self._names.append(name)
        self._columns.append(f"(SELECT count(*) FROM ({sql} LIMIT {self._most}) AS counted)")  # noqa: S608  the ORM wrote the inner query
        self._params.extend(bound)

    def answers(self) -> dict[str, int]:
        """Ask, unless there is nothing to ask."""
        if not self._columns:
            return {}
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(f"{''.join(self._with)}SELECT {', '.join(self._columns)}", self._params)
            return dict(zip(self._names, map(int, cursor.fetchone()), strict=True))


class _Conditions:
    """Writes the SQL of querysets that share conditions; a list's chips differ by one, the others are written once."""

    def __init__(self) -> None:
        # By identity: filter() keeps the conditions that were there. The querysets live longer than this.
        self._written: dict[int, SQL] = {}
        self._narrowed: dict[tuple[int, bool], Clauses] = {}
        # The connection itself: django.db.connection looks it up anew for each of the hundreds of names it quotes.
        self._connection = connections[DEFAULT_DB_ALIAS]
        self._now = timezone.now()

    def rows(self, counted: Counted, *, without: Collection[int] = ()) -> SQL:
        """Return the SQL of all rows, no columns. Raises EmptyResultSet when there can be none.

        Conditions whose identity is in `without` are left out.
        """
        if not isinstance(counted, Narrowed):
            return _select(*self._clauses(counted, without))
        if not _is_plain(counted.rows.query):
            return _select(*self._clauses(counted.queryset, without))
        key = id(counted.rows), bool(without)
        if key not in self._narrowed:
            self._narrowed[key] = self._clauses(counted.rows, without)
        (tables, conditions, params), (where, more) = self._narrowed[key], self._bound(counted)
        return _select(tables, [*conditions, where], [*params, *more])

    def _clauses(self, queryset: QuerySet[Any], without: Collection[int]) -> Clauses:
        query = queryset.query
        where = query.where
        if not _is_plain(query):
            sql, bound = queryset.order_by().values("pk").query.sql_with_params()
            return f"({sql}) AS whole", [], bound
        query.get_initial_alias()
        compiler = query.get_compiler(connection=self._connection)
        if where.connector == AND and not where.negated:
            parts = [self._part(child, compiler) for child in where.children if id(child) not in without]
        else:
            parts = [_compiled(where, compiler)]
        # After the conditions, which may have joined tables.
        tables, table_params = compiler.get_from_clause()
        params = [*table_params]
        for _sql, values in parts:
            params.extend(values)
        return " ".join(tables), [sql for sql, _values in parts], params

    def _bound(self, counted: Narrowed) -> SQL:
        """Return the SQL of what narrows the rows, with the person and the time of the page."""
        sql, params = _written_once(counted.rows.model, counted.where)  # type: ignore[arg-type]  # a class is hashable
        known = {"person": counted.user.pk, "now": self._now}
        return sql, [known[value.name] if isinstance(value, Later) else value for value in params]

    def _part(self, child: Any, compiler: Any) -> SQL:
        if id(child) not in self._written:
            self._written[id(child)] = _compiled(child, compiler)
        return self._written[id(child)]


def _select(tables: str, conditions: list[str], params: Sequence[Any]) -> SQL:
    """Return the SQL of all rows, no columns."""
    condition = " AND ".join(filter(None, conditions))
    return f"SELECT FROM {tables}{' WHERE ' if condition else ''}{condition}", params


def _is_plain(query: Any) -> bool:
    """Say whether a query is tables and conditions, nothing else."""
    changed = query.is_sliced or query.distinct or query.combinator or query.extra_tables
    return not changed and query.group_by is None


def _compiled(condition: Any, compiler: Any) -> SQL:
    """Return a condition's SQL, empty when every row meets it."""
    try:
        sql, params = compiler.compile(condition)
    except FullResultSet:
        return "", ()
    # Nodes of several conditions come without brackets around them.
    return (f"({sql})" if sql else ""), params


@lru_cache(maxsize=256)
def _written_once(model: type[Model], where: Where) -> SQL:
    """Return a condition's SQL with its parameters, some of which are known later."""
    query = where.narrow(model._default_manager.all(), Later("person"), Later("now")).query
    compiler = query.get_compiler(connection=connections[DEFAULT_DB_ALIAS])
    sql, params = _compiled(query.where, compiler)
    tables = [alias for alias, uses in query.alias_refcount.items() if uses]
    if not _is_plain(query) or len(tables) > 1:
        raise FieldError(f"{model.__name__}: only fields of the model itself make a Where")
    return sql, tuple(params)


def shown(count: int, *, cap: int = CAP, at_least: bool = False) -> str:
    """Return the count as people see it: exact, or "1,000+" beyond the cap, or "37+" for what is at least so much."""
    return f"{cap:,}+" if count > cap else f"{count:,}{'+' * at_least}"


class PageCounts:
    """The counts of one page: chips of the view and badges of the navigation, asked together on first use."""

    def __init__(self) -> None:
        self._asked: dict[str, Counted] = {}
        self._found: QuerySet[Any] | None = None
        self._among_hits: dict[str, Counted] = {}
        self._result: dict[str, int] = {}
        self._at_least: frozenset[str] = frozenset()

    def ask(self, name: str, counted: Counted) -> None:
        """Note that `name` will be shown."""
        if name not in self._result:
            self._asked[name] = counted

    def ask_among(self, found: QuerySet[Any], narrowed: Mapping[str, Counted]) -> None:
        """Note that what narrows the hits of the page's search will be shown."""
        self._found, self._among_hits = found, dict(narrowed)

    def get(self, name: str) -> int:
        """Return the count of `name`, running the one query when something asked is not counted yet."""
        if self._asked or self._among_hits:
            hits = Hits(self._found, self._among_hits) if self._found is not None else None
            self._result |= capped_counts(self._asked, hits)
            if self._result.get(HITS, 0) > CAP:
                self._at_least = frozenset(self._among_hits)
            self._asked, self._found, self._among_hits = {}, None, {}
        return self._result.get(name, 0)

    def shown(self, name: str) -> str:
        """Return the count of `name` as people see it."""
        count = self.get(name)
        return shown(count, at_least=name in self._at_least)
