"""What a person reaches: which roles at which schools, asked once per request."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from houqin.schools.models.organisation import School
from houqin.schools.roles import CENTRAL_ROLES, PERMISSIONS, Role

_REACHED = """
    SELECT s.*, m.role AS held_role, (s.id = m.school_id) AS is_own
    FROM schools_membership m
    JOIN schools_school s ON s.id = m.school_id OR (m.role = ANY(%s) AND s.ancestor_ids @> ARRAY[m.school_id])
    WHERE m.user_id = %s AND m.since <= %s AND (m.until IS NULL OR m.until >= %s)
    ORDER BY cardinality(s.ancestor_ids), s.name_pinyin
"""


@dataclass(slots=True)
class Access:
    """The schools that a person reaches and the roles that reach them; central roles reach the schools below."""

    schools: dict[int, School] = field(default_factory=dict)
    roles: dict[int, set[str]] = field(default_factory=dict)
    own_roles: dict[int, set[str]] = field(default_factory=dict)

    def schools_with(self, permission: str) -> frozenset[int]:
        """Return the ids of the schools where one of the person's roles has `permission`."""
        allowed = PERMISSIONS[permission]
        return frozenset(school_id for school_id, roles in self.roles.items() if not allowed.isdisjoint(roles))

    def may(self, permission: str, school_id: int | None = None) -> bool:
        """Say whether the person has `permission` at a school, or anywhere when none is named."""
        allowed = PERMISSIONS[permission]
        if school_id is None:
            return any(not allowed.isdisjoint(roles) for roles in self.roles.values())
        return not allowed.isdisjoint(self.roles.get(school_id, ()))

    @property
    def is_central(self) -> bool:
        """Whether a central role lets the person look at several schools at once."""
        return any(CENTRAL_ROLES & {Role(r) for r in roles} for roles in self.roles.values()) and len(self.schools) > 1


def access_of(user: Any) -> Access:
    """Return what `user` reaches today. One query, kept on the user object (so for one request)."""
    cached: Access | None = getattr(user, "_access", None)
    if cached is not None:
        return cached
    access = Access()
    if getattr(user, "is_authenticated", False) and user.is_active:
        today = timezone.localdate()
        rows: Iterable[Any] = School.objects.raw(_REACHED, [list(CENTRAL_ROLES), user.pk, today, today])
        for school in rows:
            access.schools.setdefault(school.pk, school)
            access.roles.setdefault(school.pk, set()).add(school.held_role)
            if school.is_own:
                access.own_roles.setdefault(school.pk, set()).add(school.held_role)
        user._access = access
    return access
