"""Terms, public holidays and a school's own days; asked through `houqin.schools.calendar`."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from houqin.schools.models.date_ranges import Days
from houqin.schools.models.organisation import School
from houqin.schools.querysets import SchoolQuerySet


class DayKind(models.TextChoices):
    """Whether a day is off or worked against what the week says."""

    OFF = "off", _("off")
    WORK = "work", _("make-up workday")


class PublicHoliday(models.Model):
    """A day that the national plan of a year names: off, or worked although it is a weekend.

    A year without rows has no published plan yet; `houqin.schools.calendar` then knows the statutory days only.
    """

    class Source(models.TextChoices):
        PACKAGE = "package", _("shipped with the software")
        ENTERED = "entered", _("entered by hand")

    date = models.DateField(_("date"), unique=True)
    kind = models.CharField(_("kind"), max_length=4, choices=DayKind.choices)
    name = models.CharField(_("name"), max_length=40)
    # The plan of a year may name the last days of the year before.
    plan_year = models.PositiveSmallIntegerField(_("plan of the year"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)

    class Meta:
        verbose_name = _("public holiday")
        verbose_name_plural = _("public holidays")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DayKind.values), name="schools_publicholiday_kind"),
            models.CheckConstraint(condition=Q(source__in=["package", "entered"]), name="schools_publicholiday_source"),
        ]
        indexes = [
            # calendar: the plans of some years
            models.Index(fields=["plan_year", "date"], name="schools_publicholiday_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


@pghistory.track()
class Term(models.Model):
    """A term of a school year (学期), entered by the school."""

    VIEW_PERMISSION = "schools.view_school"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="terms", verbose_name=_("school"))
    name = models.CharField(_("name"), max_length=40)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="schools_term_dates",
                violation_error_message=_("The last day is before the first day."),
            ),
            ExclusionConstraint(
                name="schools_term_overlap",
                expressions=[
                    ("school", RangeOperators.EQUAL),
                    (Days("starts_on", "ends_on", RangeBoundary(True, True)), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This overlaps another term of the school."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class SchoolDay(models.Model):
    """A school's own day off or own workday, above the national plan (weather, sports day)."""

    VIEW_PERMISSION = "schools.view_school"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="own_days", verbose_name=_("school"))
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=4, choices=DayKind.choices)
    name = models.CharField(_("reason"), max_length=40)

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("school's own day")
        verbose_name_plural = _("school's own days")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "date"],
                name="schools_schoolday_once",
                violation_error_message=_("This day is already entered."),
            ),
            models.CheckConstraint(condition=Q(kind__in=DayKind.values), name="schools_schoolday_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"
