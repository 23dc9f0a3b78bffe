"""The entries of the side navigation and the phone's bottom bar; apps add theirs in AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from houqin.web.counts import Counted


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One entry: shown to those who have `permission` at the acting school (None: to everybody)."""

    name: str
    label: str | Promise
    icon: str
    url_name: str
    order: int
    permission: str | None = None
    # Which rows the badge counts, of (user, acting school or None).
    count: Callable[[Any, Any], Counted] | None = None
    # Entries of the same group stand together; a gap separates groups.
    group: int = 0
    # Position in the phone's bottom bar (1-4); None: there if room is left, else under "everything" only.
    bottom: int | None = None


_entries: dict[str, NavEntry] = {}


def register(entry: NavEntry) -> None:
    """Add an entry; a second one of the same name replaces the first."""
    _entries[entry.name] = entry


def entries() -> list[NavEntry]:
    """Return all entries in their order."""
    return sorted(_entries.values(), key=lambda entry: (entry.group, entry.order))
