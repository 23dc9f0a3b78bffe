"""What the rooms above know about a place, shown on its page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from houqin.schools.models import Place
from houqin.web.counts import PageCounts

Text = str | Promise


@dataclass(frozen=True, slots=True)
class PlaceFact:
    """One line on a place's page: "open repairs: 3", leading to the list that it counts.

    Give `rows` instead of a value to have them counted in the page's one counting query.
    """

    label: Text
    value: Text = ""
    url: str = ""
    rows: QuerySet[Any] | None = None


# Gets the user and the place; returns only what the user may see.
Facts = Callable[[Any, Place], Sequence[PlaceFact]]
_registered: dict[str, Facts] = {}


def register(facts: Facts) -> None:
    """Add a function that knows something about places."""
    _registered[f"{facts.__module__}.{facts.__qualname__}"] = facts


@dataclass(frozen=True, slots=True)
class ShownFact:
    """A fact as the page draws it; `count_name` names what the page counts."""

    label: Text
    value: Text
    url: str
    count_name: str


def facts_of(user: Any, place: Place) -> list[PlaceFact]:
    """Return what all rooms know about `place`."""
    return [fact for facts in _registered.values() for fact in facts(user, place)]


def shown_facts(user: Any, place: Place, counts: PageCounts) -> list[ShownFact]:
    """Return the facts for a page, and ask its counts for those that count something."""
    shown = []
    for number, fact in enumerate(facts_of(user, place)):
        name = f"fact:{number}" if fact.rows is not None else ""
        if fact.rows is not None:
            counts.ask(name, fact.rows)
        shown.append(ShownFact(fact.label, fact.value, fact.url, name))
    return shown
