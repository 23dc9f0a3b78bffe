"""Write to the action log; rooms call it through `houqin.web.trail.record_action`."""

from typing import Any

from django.db import models

from houqin.accounts.models import User, fingerprint
from houqin.history.models import ActionLog
from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.web.trail import Origin


def write(
    code: str,
    *,
    by: Any,
    school: Any,
    record: models.Model | None,
    result: str,
    detail: str,
    origin: Origin,
) -> None:
    """Add one row, in the caller's transaction: no change without a trace, no trace without a change."""
    ActionLog.objects.create(
        user_id=getattr(by, "pk", None),
        school_id=_school_id(by, school, record),
        result=result[:60],
        record_kind=record._meta.label_lower if record is not None else "",
        record_id=record.pk if record is not None else None,
        **words(code, record=record, detail=detail, origin=origin),
    )


def words(code: str, *, record: models.Model | None, detail: str, origin: Origin) -> dict[str, str]:
    """Return what a row says in words; for those who write it in the same statement as the change."""
    return {
        "code": code[:60],
        "record_name": str(record)[:200] if record is not None else "",
        "detail": detail,
        "address": origin.address[:45],
        # Enough to know the device again, not enough to pose as it.
        "device": fingerprint(origin.device)[:40] if origin.device else "",
        "path": origin.path[:200],
    }


def _school_id(by: Any, school: Any, record: models.Model | None) -> int | None:
    """Return the school whose log the row stands in: the one named, the record's, else the person's own.

    What is tried with a person's account stands in that person's school, whoever tried it.
    """
    if school is not None:
        return int(school.pk)
    if isinstance(record, School):
        return int(record.pk)
    found: int | None = getattr(record, "school_id", None)
    for person in (record, by):
        if found is None and isinstance(person, User):
            found = next(iter(access_of(person).own_roles), None)
    return found
