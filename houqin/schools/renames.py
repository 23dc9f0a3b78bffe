"""Tell the rooms above that a place or a person has a new name, for they keep it in their search texts."""

from collections.abc import Callable, Sequence
from typing import Literal

Kind = Literal["place", "person"]

# Gets "place" or "person" and the ids of those renamed; runs in the renaming's transaction.
Refresh = Callable[[Kind, Sequence[int]], None]
_refreshers: dict[str, Refresh] = {}


def register(name: str, refresh: Refresh) -> None:
    """Add a function that writes search texts anew; a second one of the same name replaces the first."""
    _refreshers[name] = refresh


def announce(kind: Kind, ids: Sequence[int]) -> None:
    """Let every room refresh what holds these names."""
    for refresh in _refreshers.values():
        refresh(kind, ids)
