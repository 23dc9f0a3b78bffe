"""The demo's purchases."""

from typing import TextIO


def load(report: TextIO) -> None:
    """Load them once."""
