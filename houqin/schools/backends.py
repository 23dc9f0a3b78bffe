"""Answers `user.has_perm(...)` from the one table of roles."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.schools.roles import PERMISSIONS


class RoleBackend(BaseBackend):
    """Permissions by role and school; it authenticates nobody."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Say whether `user_obj` has `perm` at the record's school (or anywhere, without a record)."""
        if perm not in PERMISSIONS or not user_obj.is_active:
            return False
        if obj is None:
            return access_of(user_obj).may(perm)
        school_id = obj.pk if isinstance(obj, School) else obj.school_id
        return access_of(user_obj).may(perm, school_id)
