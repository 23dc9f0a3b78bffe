"""What each school decides about its repairs."""

from decimal import Decimal
from typing import ClassVar

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assets.repairs.models.requests import ZERO
from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet


@pghistory.track()
class RepairSettings(models.Model):
    """What a school decides about its repairs; the defaults are the project's proposal."""

    VIEW_PERMISSION = "assets.view_repairs"

    school = models.OneToOneField(School, on_delete=models.CASCADE, related_name="+", verbose_name=_("school"))
    approval_above = models.DecimalField(
        _("the upper office approves above"),
        max_digits=12,
        decimal_places=2,
        default=Decimal("1000.00"),
        validators=[MinValueValidator(ZERO)],
    )
    danger_hours = models.PositiveSmallIntegerField(
        _("hours to repair a danger"), default=4, validators=[MinValueValidator(1), MaxValueValidator(240)]
    )
    normal_days = models.PositiveSmallIntegerField(
        _("working days to repair the rest"), default=3, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    confirm_after_days = models.PositiveSmallIntegerField(
        _("days after which a repair confirms itself"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    keep_guests_days = models.PositiveSmallIntegerField(
        _("days to keep guests' names and phones"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("repair settings")
        constraints = [
            models.CheckConstraint(condition=Q(approval_above__gte=0), name="assets_repairsettings_approval"),
        ]

    def __str__(self) -> str:
        return str(self.school)

    @classmethod
    def of(cls, school: School) -> "RepairSettings":
        """Return the school's settings, or the defaults when it has changed nothing."""
        return cls.objects.filter(school=school).first() or cls(school=school)
