"""Tell the rooms above that the plan of a year arrived, so that due dates that were provisional are counted anew."""

from collections.abc import Callable

# Gets the year; runs in the transaction that stores the plan.
Recompute = Callable[[int], None]
_recomputers: dict[str, Recompute] = {}


def register(name: str, recompute: Recompute) -> None:
    """Add a function that counts stored due dates anew; a second one of the same name replaces the first."""
    _recomputers[name] = recompute


def announce(year: int) -> None:
    """Let every room count anew."""
    for recompute in _recomputers.values():
        recompute(year)
