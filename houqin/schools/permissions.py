"""Ask, and refuse, on the first line of an action or a view."""

from typing import Any

from houqin.errors import NotAllowed


def require(user: Any, permission: str, record: Any = None) -> None:
    """Raise NotAllowed unless `user` has `permission` for `record` (a record of a school, or the school)."""
    if not user.has_perm(permission, record):
        raise NotAllowed(code="not_allowed")
