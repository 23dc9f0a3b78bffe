"""Knows people and answers `user.has_perm(...)` from the one table of roles."""

from typing import Any

from houqin.accounts.backends import AnyNameBackend
from houqin.accounts.models import User
from houqin.schools.access import access_of, person
from houqin.schools.models import School
from houqin.schools.roles import PERMISSIONS


class RoleBackend(AnyNameBackend):
    """Logs in by any name; permissions by role and school."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session with what one reaches, unless switched off in the meantime."""
        return person(user_id)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Say whether `user_obj` has `perm` at the record's school (or anywhere, without a record)."""
        if perm not in PERMISSIONS or not user_obj.is_active:
            return False
        if obj is None:
            return access_of(user_obj).may(perm)
        school_id = obj.pk if isinstance(obj, School) else obj.school_id
        return access_of(user_obj).may(perm, school_id)
