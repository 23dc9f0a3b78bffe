"""The demo's loaders: the base data of this app first, then what the higher floors register."""

from collections.abc import Callable
from typing import TextIO

Load = Callable[[TextIO], None]
_loaders: dict[str, tuple[int, Load]] = {}


def register(name: str, order: int, load: Load) -> None:
    """Add a loader, called with the stream to report to; it must be harmless when run twice."""
    _loaders[name] = (order, load)


def loaders() -> list[tuple[str, Load]]:
    """Return the loaders in their order."""
    return [(name, load) for name, (_order, load) in sorted(_loaders.items(), key=lambda item: item[1][0])]
