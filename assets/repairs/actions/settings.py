"""Change what a school decides about its repairs."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assets.repairs.models import RepairSettings
from houqin.accounts.models import User
from houqin.errors import NotAllowed
from houqin.schools.permissions import require
from houqin.web.trail import record_action


@transaction.atomic
def change_settings(settings: RepairSettings, *, by: User) -> RepairSettings:
    """Save a school's changed settings; repairs that are under way keep their times.

    Raises NotAllowed "upper_office_decides" when the school would move the sum above which it has to ask.
    """
    require(by, "assets.manage_repair_settings", settings)
    decided = RepairSettings.of(settings.school).approval_above
    if settings.approval_above != decided and not by.has_perm("assets.approve_repair", settings):
        raise NotAllowed(
            _("The upper office decides above which sum it approves repairs."), code="upper_office_decides"
        )
    settings.save()
    record_action("assets.change_repair_settings", by=by, record=settings)
    return settings
