"""Write to the action log; rooms call it through `houqin.web.trail.record_action`."""

from typing import Any

from django.db import models

from houqin.history.models import ActionLog
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
        code=code[:60],
        user_id=getattr(by, "pk", None),
        school_id=school.pk if school is not None else getattr(record, "school_id", None),
        result=result[:60],
        record_kind=record._meta.label_lower if record is not None else "",
        record_id=record.pk if record is not None else None,
        record_name=str(record)[:200] if record is not None else "",
        detail=detail,
        address=origin.address[:45],
        device=origin.device[:40],
        path=origin.path[:200],
    )
