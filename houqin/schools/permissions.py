"""Ask, and refuse, on the first line of an action or a view."""

from typing import Any

from django.utils.translation import gettext as _

from houqin.errors import NotAllowed
from houqin.schools.roles import LEADING_ROLES, PERMISSIONS, Role
from houqin.web.listing import listed

# More names than these tell nobody whom to ask.
NAMED_AT_MOST = 6


def require(user: Any, permission: str, record: Any = None) -> None:
    """Raise NotAllowed unless `user` has `permission` for `record` (a record of a school, or the school)."""
    if not user.has_perm(permission, record):
        raise NotAllowed(code="not_allowed", permission=permission)


def whose_work(permission: str | None) -> str:
    """Return the sentence for somebody without `permission`: who has it, and who gives such a post."""
    roles = [role for role in Role if role in PERMISSIONS.get(permission or "", ())]
    if not 0 < len(roles) <= NAMED_AT_MOST:
        return _("Your role does not allow this. Ask the head of general affairs.")
    giver = Role.CENTRAL_OFFICER if LEADING_ROLES.issuperset(roles) else Role.LOGISTICS
    names = {"roles": listed(role.label for role in roles), "giver": giver.label}
    return _("Your role does not allow this. It is for: %(roles)s. Such a post is given by the %(giver)s.") % names
