"""Repair rounds: every door, window and desk of a campus counted, repaired, left (S46)."""

from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.schools.access import access_of
from houqin.schools.models import Place, School
from houqin.schools.querysets import SchoolQuerySet


class RoundQuerySet(SchoolQuerySet):
    """Repair rounds."""

    def visible_to(self, user: Any) -> Self:
        """Keep the rounds of schools whose repairs `user` sees, or repairs: maintainers count as well."""
        access = access_of(user)
        schools = access.schools_with("assets.view_repairs") | access.schools_with("assets.work_repair")
        return self.filter(school_id__in=schools)


@pghistory.track()
class RepairRound(models.Model):
    """A round through a campus, usually before a term begins (S46)."""

    VIEW_PERMISSION = "assets.view_repairs"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    name = models.CharField(_("name"), max_length=60)
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects: ClassVar[RoundQuerySet] = RoundQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("repair round")
        verbose_name_plural = _("repair rounds")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "name"],
                name="assets_repairround_name",
                violation_error_message=_("The school already has a round of this name."),
            ),
        ]
        indexes = [
            # the list of rounds of one school, and of all
            models.Index(fields=["school", "opened_at", "id"], name="assets_round_school"),
            models.Index(fields=["opened_at", "id"], name="assets_round_all"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("assets:rounds:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether counting goes on."""
        return self.closed_at is None


@pghistory.track(exclude=["left"])
class RoundCount(models.Model):
    """How many things of one kind a place has, how many were broken, how many were repaired."""

    class Thing(models.TextChoices):
        DOOR = "door", _("doors")
        WINDOW = "window", _("windows")
        DESK = "desk", _("desks")
        CHAIR = "chair", _("chairs")

    round = models.ForeignKey(RepairRound, on_delete=models.CASCADE, related_name="counts", verbose_name=_("round"))
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name=_("place"))
    thing = models.CharField(_("what"), max_length=6, choices=Thing.choices)
    counted = models.PositiveIntegerField(_("counted"), default=0)
    broken = models.PositiveIntegerField(_("broken"), default=0)
    repaired = models.PositiveIntegerField(_("repaired"), default=0)
    left = models.GeneratedField(
        expression=F("broken") - F("repaired"), output_field=models.IntegerField(_("left")), db_persist=True
    )

    class Meta:
        verbose_name = _("count of a round")
        constraints = [
            models.UniqueConstraint(fields=["round", "place", "thing"], name="assets_roundcount_once"),
            models.CheckConstraint(
                condition=Q(broken__lte=F("counted")),
                name="assets_roundcount_broken",
                violation_error_message=_("More broken than counted."),
            ),
            models.CheckConstraint(
                condition=Q(repaired__lte=F("broken")),
                name="assets_roundcount_repaired",
                violation_error_message=_("More repaired than broken."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.thing} {self.counted}/{self.broken}/{self.repaired}"
