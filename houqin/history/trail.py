"""Who changed what in a record, read from its event table (django-pghistory)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext as _

from houqin.accounts.models import User
from houqin.web import moments

# A page shows the latest; older ones stay in the table.
LIMIT = 100
Row = Mapping[str, Any]
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


def is_read_apart(model: type[models.Model]) -> bool:
    """Say whether a page of its own shows the changes of a record: the model keeps them and knows who may see it."""
    return hasattr(model, "events") and hasattr(model._default_manager, "visible_to")


def changes(record: models.Model) -> list[Change]:
    """Return the changes of `record`, newest first.

    One query whatever the fields and the number of changes, and one more for each kind of record that a link of this
    one was moved between.
    """
    events: Any = record.events  # type: ignore[attr-defined]  # made by pghistory.track
    shown = _shown_fields(record, events.model)
    actor = Cast(KeyTextTransform("user", "pgh_context__metadata"), models.BigIntegerField())
    name = Coalesce(NullIf("display_name", Value("")), "username")
    people = User.objects.filter(pk=OuterRef("actor")).values(name=name)
    columns = [item.attname for item in shown.values()]
    rows: list[Row] = list(
        events.annotate(actor=actor)
        .order_by("-pgh_id")
        .values("pgh_created_at", "pgh_label", "pgh_context", *columns, actor_name=Subquery(people))[: LIMIT + 1]
    )
    pairs = list(zip(rows, [*rows[1:], None], strict=True))
    names = _names(pairs, shown)
    found = []
    for newer, older in pairs:
        change = Change(newer["pgh_created_at"], _who(newer), created=newer["pgh_label"] == "insert")
        if older is not None and not change.created:
            change.fields = list(_differences(older, newer, shown, names))
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


def _names(pairs: Sequence[tuple[Row, Row | None]], shown: dict[str, Any]) -> dict[str, dict[Any, str]]:
    """Return the names of what links led to before and after, by field and key; nothing is read where none moved."""
    names = {}
    for item in shown.values():
        if not isinstance(item, models.ForeignKey):
            continue
        moved = [
            (newer[item.attname], older[item.attname])
            for newer, older in pairs
            if older is not None and newer[item.attname] != older[item.attname]
        ]
        keys = {key for both in moved for key in both if key is not None}
        if keys:
            related: Any = item.related_model
            names[item.name] = {key: str(found) for key, found in related._base_manager.in_bulk(keys).items()}
    return names


def _who(row: Row) -> str:
    """Return who made the change: guests have no name here, and tasks no request."""
    if row["pgh_context"] is None:
        return _("by itself")
    return row["actor_name"] or _("a guest")


def _differences(
    older: Row, newer: Row, shown: dict[str, Any], names: dict[str, dict[Any, str]]
) -> Iterator[FieldChange]:
    for item in shown.values():
        before, after = older[item.attname], newer[item.attname]
        if before != after:
            known = names.get(item.name, {})
            yield FieldChange(_label(item), _words(item, before, known), _words(item, after, known))


def _label(item: Any) -> str:
    label = str(item.verbose_name)
    return label[:1].upper() + label[1:]


def _words(item: Any, value: Any, names: dict[Any, str]) -> str:
    """Return a value as people read it."""
    if value is None or value == "":
        return _("empty")
    if isinstance(item, models.ForeignKey):
        return names.get(value, f"#{value}")
    if item.choices:
        return str(dict(item.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moments.moment(timezone.localtime(value))
    return str(value)
