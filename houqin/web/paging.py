"""Keyset paging: any page of any list costs the same."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, F, Model, Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_aware

M = TypeVar("M", bound=Model)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of a list: a non-null field with an index on (school, field, id) and (field, id)."""

    field: str
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows, with the cursors of the pages on both sides (empty where there is none)."""

    rows: list[M]
    newer: str = ""
    older: str = ""


def _encode(direction: str, value: Any, pk: int) -> str:
    if isinstance(value, (datetime, date)):
        value = value.isoformat()
    elif isinstance(value, Decimal):
        value = str(value)
    raw = json.dumps([direction, value, pk], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[str, Any, int] | None:
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        direction, value, pk = json.loads(raw)
    except (ValueError, binascii.Error, UnicodeError, TypeError):
        return None
    if direction not in ("o", "n") or not isinstance(pk, int) or isinstance(value, (list, dict)):
        return None
    if not 0 < pk <= BigIntegerField.MAX_BIGINT or not _holds_text(value):
        return None
    return direction, value, pk


def _holds_text(value: Any) -> bool:
    """Say whether PostgreSQL can hold a text: no NUL and no half characters. True for what is no text."""
    return not isinstance(value, str) or not _NO_TEXT.search(value)


def _parse(queryset: QuerySet[M], name: str, value: Any) -> Any:
    """Turn a cursor's value back into the field's type; None when it is not one."""
    field: Any = queryset.model._meta.get_field(name)
    kind = field.get_internal_type()
    try:
        if kind == "DateTimeField":
            moment = parse_datetime(value)
            return moment if moment is not None and is_aware(moment) else None
        if kind == "DateField":
            return parse_date(value)
        return field.to_python(value)
    except (TypeError, ValueError, ArithmeticError, ValidationError):
        return None


def _key(row: Any, sort: Sort) -> tuple[Any, int]:
    """Return where a row stands: a record, or its values with "pk" and the sort's field among them."""
    return (row[sort.field], row["pk"]) if isinstance(row, dict) else (getattr(row, sort.field), row.pk)


def keyset_page(queryset: QuerySet[M], sort: Sort, cursor: str = "", *, size: int = 50) -> Page[M]:
    """Return one page of `queryset` in `sort` order. One query; a broken cursor gives the first page."""
    decoded = _decode(cursor) if cursor else None
    direction, pk, value = "o", 0, None
    if decoded:
        direction, raw, pk = decoded
        value = _parse(queryset, sort.field, raw)
    backwards = direction == "n"
    descending = sort.descending != backwards
    if value is not None:
        lookup = "lt" if descending else "gt"
        # The first condition alone bounds the index scan; the second only breaks ties.
        queryset = queryset.filter(
            Q(**{f"{sort.field}__{lookup}e": value})
            & (Q(**{f"{sort.field}__{lookup}": value}) | Q(**{sort.field: value, f"pk__{lookup}": pk}))
        )
    order = [F(sort.field).desc(), F("pk").desc()] if descending else [F(sort.field).asc(), F("pk").asc()]
    rows = list(queryset.order_by(*order)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return Page(rows)
    (first, first_pk), (last, last_pk) = _key(rows[0], sort), _key(rows[-1], sort)
    has_newer = more if backwards else value is not None
    has_older = value is not None if backwards else more
    return Page(
        rows,
        newer=_encode("n", first, first_pk) if has_newer else "",
        older=_encode("o", last, last_pk) if has_older else "",
    )


def choose(value: str | None, choices: Mapping[str, Sort], default: str) -> tuple[str, Sort]:
    """Return the named sort, or the default when the name is not in the closed list."""
    key = value if value in choices else default
    return str(key), choices[str(key)]
