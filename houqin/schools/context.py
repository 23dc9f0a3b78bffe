"""What the page frame shows of schools; named by the setting ACTING_SCHOOL_CONTEXT."""

from typing import Any

from django.http import HttpRequest

from houqin.schools.access import access_of
from houqin.schools.roles import Role


def acting_school(request: HttpRequest) -> dict[str, Any]:
    """Return the acting school, the schools to switch to and the person's roles there."""
    access = access_of(request.user)
    school = request.acting.school  # type: ignore[attr-defined]  # set by ActingSchoolMiddleware
    held = access.own_roles.get(school.pk, set()) if school else set()
    if not held:
        held = set().union(*access.own_roles.values()) if access.own_roles else set()
    return {
        "school": school,
        "schools": list(access.schools.values()),
        "may_see_all": access.is_central,
        "role_names": [Role(role).label for role in Role.values if role in held],
    }
