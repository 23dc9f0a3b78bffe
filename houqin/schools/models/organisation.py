"""Schools and who holds which post there."""

from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.schools.roles import Role
from houqin.web import search


@pghistory.track()
class School(models.Model):
    """A school; one that others stand under is their central school (中心学校), they are its campuses."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    short_name = models.CharField(_("short name"), max_length=20, blank=True)
    code = models.SlugField(_("code"), max_length=20, unique=True, help_text=_("Short, for numbers and labels."))
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="campuses",
        verbose_name=_("central school"),
    )
    ancestor_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    office_phone = models.CharField(_("phone of the general affairs office"), max_length=20, blank=True)
    has_kitchen = models.BooleanField(_("has a kitchen"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    name_pinyin = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("school")
        verbose_name_plural = _("schools")
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="schools_school_not_own_parent",
                violation_error_message=_("A school cannot stand under itself."),
            ),
        ]
        indexes = [
            # schools.access: the schools below one where a central role is held
            GinIndex(fields=["ancestor_ids"], name="schools_school_ancestors"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_pinyin = search.pinyin(self.name)
        self.ancestor_ids = [*self.parent.ancestor_ids, self.parent.pk] if self.parent else []
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("schools:schools:detail", args=[self.pk])


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Posts of people."""

    def current(self) -> Self:
        """Keep the posts held today."""
        today = timezone.localdate()
        return self.filter(Q(until__isnull=True) | Q(until__gte=today), since__lte=today)

    def visible_to(self, user: Any) -> Self:
        """Keep the posts at schools whose people `user` may see."""
        from houqin.schools.access import access_of  # access stands on this module

        return self.filter(school_id__in=access_of(user).schools_with("schools.view_people"))


class _Days(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


@pghistory.track()
class Membership(models.Model):
    """A post: this person is this at this school, from a day until a day (both included)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("school"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    since = models.DateField(_("since"), default=timezone.localdate)
    until = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="schools_membership_dates",
                violation_error_message=_("The last day is before the first day."),
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="schools_membership_role"),
            ExclusionConstraint(
                name="schools_membership_once",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("school", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (_Days("since", "until", RangeBoundary(True, True)), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This person already has this role at this school in that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.school}"
