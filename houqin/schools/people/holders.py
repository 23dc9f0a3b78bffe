"""Who may do something at a school."""

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from houqin.accounts.models import User
from houqin.schools.models import Membership, School
from houqin.schools.roles import CENTRAL_ROLES, PERMISSIONS

if TYPE_CHECKING:
    from houqin.schools.models import MembershipQuerySet


def people_with(permission: str, school: School, *, include_central: bool = False) -> QuerySet[User]:
    """Return the active people who hold a role with `permission` at `school` today, in the order of their names.

    Those who reach it by a central role at a school above come along only with `include_central`.
    """
    roles = PERMISSIONS[permission]
    where = Q(school=school, role__in=roles)
    if include_central:
        where |= Q(school_id__in=school.ancestor_ids, role__in=roles & CENTRAL_ROLES)
    posts: MembershipQuerySet = Membership.objects.current().filter(where, user=OuterRef("pk"))
    return User.objects.filter(Exists(posts), is_active=True).order_by("name_pinyin", "pk")
