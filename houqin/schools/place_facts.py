"""What the rooms above know about a place, shown on its page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from houqin.schools.models import Place

Text = str | Promise


@dataclass(frozen=True, slots=True)
class PlaceFact:
    """One line on a place's page: "open repairs: 3", leading to the list that it counts."""

    label: Text
    value: Text
    url: str = ""


# Gets the user and the place; returns only what the user may see.
Facts = Callable[[Any, Place], Sequence[PlaceFact]]
_registered: dict[str, Facts] = {}


def register(facts: Facts) -> None:
    """Add a function that knows something about places."""
    _registered[f"{facts.__module__}.{facts.__qualname__}"] = facts


def facts_of(user: Any, place: Place) -> list[PlaceFact]:
    """Return what all rooms know about `place`."""
    return [fact for facts in _registered.values() for fact in facts(user, place)]
