"""One search over everything: the rooms register what can be found in AppConfig.ready()."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Text = str | Promise
MOST = 10


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found."""

    title: Text
    facts: Sequence[Text]
    url: str


# Gets (user, acting school or None, what was typed) and returns at most MOST + 1 things that `user` may see.
Search = Callable[[Any, Any, str], Sequence[Found | tuple[Text, Sequence[Text], str]]]


@dataclass(frozen=True, slots=True)
class Searched:
    """What can be searched."""

    name: str
    label: Text
    icon: str
    search: Search


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind; `more` when it is not all."""

    label: Text
    icon: str
    found: Sequence[Found]
    more: bool


_searched: dict[str, Searched] = {}


def register(name: str, label: Text, icon: str, search: Search) -> None:
    """Add a kind of thing that can be found; a second one of the same name replaces the first."""
    _searched[name] = Searched(name, label, icon, search)


def find(user: Any, school: Any, query: str) -> list[Group]:
    """Return what `user` may see of everything that matches, kind by kind, at most ten of each."""
    groups = []
    for kind in _searched.values():
        rows = [row if isinstance(row, Found) else Found(*row) for row in kind.search(user, school, query)]
        if rows:
            groups.append(Group(kind.label, kind.icon, rows[:MOST], len(rows) > MOST))
    return groups
