"""What happened to a repair and what it took: steps, material, photos."""

from decimal import Decimal
from typing import Any

import pghistory
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.repairs.models.requests import ZERO, RepairRequest
from assets.repairs.models.states import State
from houqin.files.models import StoredFile


class RepairStep(models.Model):
    """One thing that happened to a repair; insert-only, so that times can be trusted."""

    APPEND_ONLY = True

    class Verb(models.TextChoices):
        REPORT = "report", _("reported it")
        ACCEPT = "accept", _("accepted it")
        REFUSE = "refuse", _("did not accept it")
        ASSIGN = "assign", _("assigned it")
        TRANSFER = "transfer", _("transferred it")
        START = "start", _("started the repair")
        HOLD = "hold", _("put it on hold")
        RESUME = "resume", _("went on")
        NOTE = "note", _("noted")
        FINISH = "finish", _("repaired it")
        CONFIRM = "confirm", _("confirmed the repair")
        CONFIRM_ITSELF = "confirm_itself", _("confirmed by itself, nobody answered")
        REOPEN = "reopen", _("says that it is not repaired yet")
        WITHDRAW = "withdraw", _("withdrew the report")
        MERGE = "merge", _("merged it with another report")
        ASK_APPROVAL = "ask_approval", _("asked the upper office")
        APPROVE = "approve", _("approved the repair")
        RETURN = "return", _("returned the plan for change")
        REJECT = "reject", _("did not approve the repair")
        EMERGENCY = "emergency", _("began to make it safe before approval")
        MAKE_SAFE = "make_safe", _("made it safe for now")
        EXPLAIN = "explain", _("wrote the reason of the emergency")
        DANGER = "danger", _("called it a danger")
        NO_DANGER = "no_danger", _("called it no danger any more")
        PHOTO = "photo", _("added a photo")
        RATE = "rate", _("rated the repair")

    repair = models.ForeignKey(RepairRequest, on_delete=models.PROTECT, related_name="steps", verbose_name=_("repair"))
    verb = models.CharField(_("step"), max_length=15, choices=Verb.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    # The other person of an assignment.
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("maintainer")
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    note = models.CharField(_("words"), max_length=500, blank=True, default="")
    from_state = models.CharField(max_length=20, blank=True, default="")
    to_state = models.CharField(max_length=20, choices=State.choices)

    class Meta:
        verbose_name = _("step of a repair")
        indexes = [
            # the course of events on the record's page
            models.Index(fields=["repair", "at", "id"], name="assets_repairstep_repair"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_verb_display()}"


@pghistory.track()
class RepairPart(models.Model):
    """Material used in a repair."""

    repair = models.ForeignKey(RepairRequest, on_delete=models.CASCADE, related_name="parts", verbose_name=_("repair"))
    name = models.CharField(_("material"), max_length=60)
    source = models.CharField(_("where from"), max_length=60, blank=True, default="")
    quantity = models.DecimalField(
        _("quantity"), max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    unit = models.CharField(_("unit"), max_length=10, blank=True, default="")
    unit_price = models.DecimalField(
        _("unit price"), max_digits=10, decimal_places=2, default=ZERO, validators=[MinValueValidator(ZERO)]
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, editable=False)

    class Meta:
        verbose_name = _("material used")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="assets_repairpart_quantity"),
            models.CheckConstraint(condition=Q(unit_price__gte=0, amount__gte=0), name="assets_repairpart_price"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.amount = (self.quantity * self.unit_price).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
        super().save(*args, **kwargs)


class RepairPhoto(models.Model):
    """A photo of before or after."""

    class Moment(models.TextChoices):
        BEFORE = "before", _("before")
        AFTER = "after", _("after")

    repair = models.ForeignKey(RepairRequest, on_delete=models.CASCADE, related_name="photos", verbose_name=_("repair"))
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("photo"))
    moment = models.CharField(_("moment"), max_length=6, choices=Moment.choices)
    added_at = models.DateTimeField(_("added at"), default=timezone.now)

    class Meta:
        verbose_name = _("photo of a repair")
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return f"{self.repair_id} {self.moment}"
