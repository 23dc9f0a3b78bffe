"""Who holds which post at which school, from when until when."""

from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.schools.models.date_ranges import Days
from houqin.schools.models.organisation import School
from houqin.schools.querysets import SchoolQuerySet
from houqin.schools.roles import Role


class MembershipQuerySet(SchoolQuerySet):
    """Posts of people."""

    def current(self, on: Any = None) -> Self:
        """Keep the posts held today, or on a day (also an expression of one)."""
        today = timezone.localdate() if on is None else on
        return self.filter(Q(until__isnull=True) | Q(until__gte=today), since__lte=today)


@pghistory.track()
class Membership(models.Model):
    """A post: this person is this at this school, from a day until a day (both included)."""

    VIEW_PERMISSION = "schools.view_people"

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
                    (Days("since", "until", RangeBoundary(True, True)), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This person already has this role at this school in that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.school}"
