"""Who may see a file: the rooms that use it say so, registered in AppConfig.ready()."""

from collections.abc import Callable
from typing import Any

from houqin.files.models import StoredFile

# Gets the user and the file, and says whether the room shows the file to this person.
Check = Callable[[Any, StoredFile], bool]
_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Add a room's check; a second one of the same name replaces the first."""
    _checks[name] = check


def unregister(name: str) -> None:
    """Forget a room's check."""
    _checks.pop(name, None)


def may_see(user: Any, file: StoredFile) -> bool:
    """Say whether `user` uploaded the file or a room shows it to them. Costs what the rooms' checks cost."""
    if not user.is_authenticated:
        return False
    if file.uploaded_by_id == user.pk:
        return True
    return any(check(user, file) for check in _checks.values())
