"""Keep every school with somebody who can manage its people."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused
from houqin.schools.models import Membership, School
from houqin.schools.roles import CENTRAL_ROLES, PERMISSIONS

# Whoever loses the last holder of one of these can never give it back.
_KEPT = ("schools.manage_people", "schools.appoint_leaders")


def lock_posts(school: School) -> None:
    """Let those who end posts under one central school wait for each other."""
    top = school.ancestor_ids[0] if school.ancestor_ids else school.pk
    School.objects.select_for_update(no_key=True).get(pk=top)


def check_somebody_manages(ending: Sequence[Membership]) -> None:
    """Raise Refused "last_manager" when without the posts `ending` nobody could manage the people of a school.

    Call it after `lock_posts`.
    """
    for post in ending:
        for permission in _KEPT:
            roles = PERMISSIONS[permission]
            if post.role not in roles:
                continue
            others = Membership.objects.current().filter(
                Q(school=post.school, role__in=roles)
                | Q(school_id__in=post.school.ancestor_ids, role__in=roles & CENTRAL_ROLES),
                until__isnull=True,
                user__is_active=True,
            )
            if not others.exclude(pk__in=[one.pk for one in ending]).exists():
                raise Refused(
                    _("Nobody else could manage the people of %(school)s then. Appoint a successor first."),
                    code="last_manager",
                    params={"school": post.school.name},
                )
