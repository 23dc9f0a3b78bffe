"""Write to the action log from any floor.

The log itself lives in `houqin.history`, above the floors that write to it; it is found by the
setting ACTION_LOG_WRITER.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: address, device cookie, path."""

    address: str = ""
    device: str = ""
    path: str = ""


origin: ContextVar[Origin | None] = ContextVar("origin", default=None)


def record_action(
    code: str,
    *,
    by: Any,
    school: Any = None,
    record: models.Model | None = None,
    result: str = "done",
    detail: str = "",
) -> None:
    """Add one row to the action log, in the caller's transaction.

    `code` is dotted like a permission ("assets.assign_repair"); `by` is a user or None for guests and
    tasks; `school` defaults to the record's; `result` is "done" or the code of a refusal.
    """
    writer = import_string(settings.ACTION_LOG_WRITER)
    writer(code, by=by, school=school, record=record, result=result, detail=detail, origin=origin.get() or Origin())
