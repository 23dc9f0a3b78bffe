"""How a guest can be reached; kept apart and forgotten in time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from assets.repairs.models.requests import RepairRequest


class GuestContact(models.Model):
    """How to reach a guest who reported; forgotten after the school's number of days, and in no trail."""

    repair = models.OneToOneField(RepairRequest, on_delete=models.CASCADE, related_name="guest")
    name = models.CharField(_("name"), max_length=30, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=20, blank=True, default="")
    forget_on = models.DateField(_("forgotten on"))

    class Meta:
        verbose_name = _("guest's contact")
        indexes = [
            # tasks.forget_guests
            models.Index(fields=["forget_on"], name="assets_guestcontact_forget"),
        ]

    def __str__(self) -> str:
        return str(self.repair_id)
