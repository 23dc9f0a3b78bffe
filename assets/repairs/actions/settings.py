"""Change what a school decides about its repairs."""

from django.db import transaction

from assets.repairs.models import RepairSettings
from houqin.accounts.models import User
from houqin.schools.permissions import require
from houqin.web.trail import record_action


@transaction.atomic
def change_settings(settings: RepairSettings, *, by: User) -> RepairSettings:
    """Save a school's changed settings; repairs that are under way keep their times."""
    require(by, "assets.manage_repair_settings", settings)
    settings.save()
    record_action("assets.change_repair_settings", by=by, record=settings)
    return settings
