"""What a person who leaves still has open; the rooms above register what they know.

A room registers how to find a person's open things and, where it can, how to give them to somebody else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise

from houqin.accounts.models import User

Text = str | Promise


@dataclass(frozen=True, slots=True)
class OpenThing:
    """One thing that somebody must take over: what it is and where to look at it."""

    title: Text
    url: str = ""


class HandOver(Protocol):
    """Give all open things of one person to another, by a third; return how many."""

    def __call__(self, person: User, to: User, *, by: User) -> int: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of open things."""

    name: str
    label: Text
    open_things: Callable[[User], Sequence[OpenThing]]
    hand_over: HandOver | None = None

    @property
    def can_go_over(self) -> bool:
        """Whether somebody else can take these things; templates would call `hand_over` itself."""
        return self.hand_over is not None


_kinds: dict[str, Kind] = {}


def register(
    name: str,
    label: Text,
    open_things: Callable[[User], Sequence[OpenThing]],
    hand_over: HandOver | None = None,
) -> None:
    """Add a kind; without `hand_over` its things must be settled one by one before the person leaves."""
    _kinds[name] = Kind(name, label, open_things, hand_over)


@dataclass(frozen=True, slots=True)
class OpenKind:
    """The open things of one kind that a person has."""

    kind: Kind
    things: Sequence[OpenThing]


def open_kinds(person: User) -> list[OpenKind]:
    """Return the kinds of which `person` has something open."""
    found = (OpenKind(kind, kind.open_things(person)) for kind in _kinds.values())
    return [entry for entry in found if entry.things]
