"""Repairs that wait for the upper office wait for signatures like everything else that is approved."""

import hashlib
import json
from decimal import Decimal
from typing import Any

from django.db import migrations


def ask(apps: Any, schema_editor: Any) -> None:
    """Ask for the signature of the central school's officer, in the name of who asked, at the time it was asked."""
    step_model = apps.get_model("assets", "RepairStep")
    waiting = apps.get_model("assets", "RepairRequest").objects.filter(approval="waiting")
    for repair in waiting.select_related("school", "place"):
        asked = step_model.objects.filter(repair=repair, verb="ask_approval", by__isnull=False).order_by("-at", "-id")
        last = asked.first()
        if last is not None:
            _ask_for(apps, repair, last)


def _ask_for(apps: Any, repair: Any, asked: Any) -> None:
    office = repair.school.parent_id or repair.school_id
    content = _content(repair)
    approval = apps.get_model("approvals", "Approval").objects.create(
        kind="repair",
        subject_id=repair.pk,
        school_id=repair.school_id,
        title=f"{repair.place.full_name} {repair.description}"[:200],
        amount=repair.estimated_cost,
        content=content,
        content_hash=hashlib.sha256(content.encode()).hexdigest(),
        requested_by_id=asked.by_id,
        requested_at=asked.at,
        current_position=1,
        current_role="central_officer",
        current_school_id=office,
    )
    apps.get_model("approvals", "ApprovalStep").objects.create(
        approval=approval, position=1, role="central_officer", school_id=office, signatures=1
    )


def _content(repair: Any) -> str:
    """Write what is signed exactly as it is compared when somebody signs."""
    cost = None if repair.estimated_cost is None else f"{Decimal(repair.estimated_cost):.2f}"
    content = {
        "number": repair.number,
        "place": repair.place_id,
        "description": repair.description,
        "estimated_cost": cost,
        "is_structural": repair.is_structural,
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


class Migration(migrations.Migration):
    dependencies = [("assets", "0008_returned_plans"), ("approvals", "0002_signatures_guarded")]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
