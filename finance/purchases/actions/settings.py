"""What a school decides about its purchases."""

from django.db import transaction

from finance.purchases.models import PurchaseSettings
from houqin.accounts.models import User
from houqin.schools.permissions import require
from houqin.web.trail import record_action


@transaction.atomic
def change_settings(settings: PurchaseSettings, *, by: User) -> PurchaseSettings:
    """Save the settings of a school's purchases; what is submitted already keeps what was found then."""
    require(by, "finance.manage_purchase_settings", settings.school)
    settings.full_clean()
    settings.save()
    record_action("finance.change_purchase_settings", by=by, record=settings, school=settings.school)
    return settings
