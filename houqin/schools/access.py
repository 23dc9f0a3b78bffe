"""What a person reaches: which roles at which schools, asked once per request, with the person."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.utils import timezone

from houqin.accounts.models import User
from houqin.schools.models.organisation import School
from houqin.schools.roles import CENTRAL_ROLES, PERMISSIONS, Role

# A central role reaches the schools below the one where it is held.
_REACH = """
    schools_membership m
    JOIN schools_school s
        ON s.id = m.school_id OR (m.role = ANY(%(central)s) AND s.ancestor_ids @> ARRAY[m.school_id])
"""
_TODAY = "m.since <= %(today)s AND (m.until IS NULL OR m.until >= %(today)s)"
_ORDER = "ORDER BY cardinality(s.ancestor_ids), s.name_pinyin"

Row = tuple[Any, ...]


@dataclass(slots=True)
class Access:
    """The schools that a person reaches and the roles that reach them; central roles reach the schools below."""

    schools: dict[int, School] = field(default_factory=dict)
    roles: dict[int, set[str]] = field(default_factory=dict)
    own_roles: dict[int, set[str]] = field(default_factory=dict)
    # Querysets that follow from the above, of querysets.seen_at.
    narrowed: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

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
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Access()
    access = user._access = _access(_ask(_statements()[0], user.pk))
    return access


def person(pk: int) -> User | None:
    """Return an active person, what one reaches included: every page needs both, and one query is half of two."""
    rows = _ask(_statements()[1], pk)
    if not rows:
        return None
    names = _names(User)
    user = User.from_db(DEFAULT_DB_ALIAS, names, rows[0][: len(names)])
    # Whoever holds no role has one row without a school.
    user._access = _access(row[len(names) :] for row in rows if row[-1] is not None)  # type: ignore[attr-defined]  # read by access_of
    return user


def _ask(statement: str, pk: int) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"central": list(CENTRAL_ROLES), "person": pk, "today": timezone.localdate()})
        rows: list[Row] = cursor.fetchall()
        return rows


def _access(rows: Iterable[Row]) -> Access:
    """Read what is reached from rows of a school's columns, the role, and whether it is held at this very school."""
    access = Access()
    names = _names(School)
    for *values, role, is_own in rows:
        school = School.from_db(DEFAULT_DB_ALIAS, names, values)
        access.schools.setdefault(school.pk, school)
        access.roles.setdefault(school.pk, set()).add(role)
        if is_own:
            access.own_roles.setdefault(school.pk, set()).add(role)
    return access


@cache
def _names(model: type[models.Model]) -> list[str]:
    """Return the fields that are read: all but those that PostgreSQL generates for searching."""
    return [field.attname for field in model._meta.concrete_fields if not field.generated]


@cache
def _statements() -> tuple[str, str]:
    """Return the query of what a person reaches, and that of the person as well."""
    reached = [*(f"s.{name}" for name in _names(School)), "m.role", "s.id = m.school_id"]
    of_person = ", ".join([*(f"u.{name}" for name in _names(User)), *reached])
    return (
        f"SELECT {', '.join(reached)} FROM {_REACH} WHERE m.user_id = %(person)s AND {_TODAY} {_ORDER}",  # noqa: S608  names of our own fields
        f"SELECT {of_person} FROM accounts_user u LEFT JOIN ({_REACH}) ON m.user_id = u.id AND {_TODAY}"  # noqa: S608  as above
        f" WHERE u.id = %(person)s AND u.is_active {_ORDER}",
    )
