"""What was approved before the plan was kept covers what stood in the plan."""

from typing import Any

from django.db import migrations
from django.db.models import F


def keep_plan(apps: Any, schema_editor: Any) -> None:
    given = apps.get_model("assets", "RepairRequest").objects.filter(approval="given")
    given.update(approved_cost=F("estimated_cost"), approved_structural=F("is_structural"))


class Migration(migrations.Migration):
    dependencies = [("assets", "0004_approved_plan")]

    operations = [migrations.RunPython(keep_plan, migrations.RunPython.noop)]
