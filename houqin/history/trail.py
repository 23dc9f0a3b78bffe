"""Who changed what in a record, read from its event table (django-pghistory)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from houqin.accounts.models import User
from houqin.web import moments

# A page shows the latest; older ones stay in the table.
LIMIT = 100
SENSITIVE = frozenset({"password", "token", "key", "code_hash", "secret"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class Change:
    """What one person changed at one time; `created` is the record's beginning."""

    at: datetime
    who: str
    created: bool = False
    fields: list[FieldChange] = field(default_factory=list)


def changes(record: models.Model) -> list[Change]:
    """Return the changes of `record`, newest first. Two queries, whatever the fields and the number of changes."""
    events: Any = record.events  # type: ignore[attr-defined]  # made by pghistory.track
    shown = _shown_fields(record, events.model)
    joined = [name for name, item in shown.items() if isinstance(item, models.ForeignKey)]
    rows = list(events.select_related("pgh_context", *joined).order_by("-pgh_id")[: LIMIT + 1])
    people = _people(rows)
    found = []
    for newer, older in zip(rows, [*rows[1:], None], strict=True):
        change = Change(newer.pgh_created_at, _who(newer, people), created=newer.pgh_label == "insert")
        if older is not None and not change.created:
            change.fields = list(_differences(older, newer, shown))
        if change.created or change.fields:
            found.append(change)
    return found[:LIMIT]


def _shown_fields(record: models.Model, event_model: type[models.Model]) -> dict[str, Any]:
    """Return the record's fields that people are shown: not what is computed from others, nor secrets."""
    kept = {item.name for item in event_model._meta.concrete_fields}
    hidden = SENSITIVE | set(getattr(record, "TRAIL_HIDDEN", ()))
    return {
        item.name: item
        for item in record._meta.concrete_fields
        if item.name in kept
        and item.name not in hidden
        and not item.primary_key
        and not isinstance(item, ArrayField)
        and not _is_computed(item)
    }


def _is_computed(item: Any) -> bool:
    """Whether `item` repeats other fields for searching and sorting: text that nobody edits or chooses."""
    return isinstance(item, (models.CharField, models.TextField)) and not item.editable and not item.choices


def _people(rows: list[Any]) -> dict[int, User]:
    ids = {row.pgh_context.metadata.get("user") for row in rows if row.pgh_context}
    return User.objects.in_bulk([pk for pk in ids if pk]) if any(ids) else {}


def _who(row: Any, people: dict[int, User]) -> str:
    """Return who made the change: guests have no name here, and tasks no request."""
    if row.pgh_context is None:
        return _("by itself")
    user = row.pgh_context.metadata.get("user")
    return str(people[user]) if user in people else _("a guest")


def _differences(older: Any, newer: Any, shown: dict[str, Any]) -> Iterator[FieldChange]:
    for item in shown.values():
        before, after = getattr(older, item.attname), getattr(newer, item.attname)
        if before != after:
            yield FieldChange(_label(item), _words(item, older, before), _words(item, newer, after))


def _label(item: Any) -> str:
    label = str(item.verbose_name)
    return label[:1].upper() + label[1:]


def _words(item: Any, row: Any, value: Any) -> str:
    """Return a value as people read it."""
    if value is None or value == "":
        return _("empty")
    if isinstance(item, models.ForeignKey):
        related = getattr(row, item.name, None)
        return str(related) if related is not None else f"#{value}"
    if item.choices:
        return str(dict(item.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moments.moment(timezone.localtime(value))
    return str(value)
