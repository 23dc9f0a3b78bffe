"""For whom money is reserved: the rooms above say here what their subjects are called and where they are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from finance.budgets.models import EARLIER, Reservation

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Subject:
    """What money is reserved for, in words; without a `url` for who may not see it."""

    title: Text
    url: str = ""


# Gets (user, keys) and returns the subjects by key, at the cost of one query; what is gone may be missing.
Describe = Callable[[Any, Sequence[int]], Mapping[int, Subject]]
_kinds: dict[str, tuple[Text, Describe]] = {}


def register(kind: str, label: Text, describe: Describe) -> None:
    """Say what subjects of `kind` are called; a second one of the same name replaces the first."""
    _kinds[kind] = (label, describe)


def describe(user: Any, reservations: Iterable[Reservation]) -> list[tuple[Reservation, Subject]]:
    """Return each reservation with its subject, in their order. One query a kind."""
    rows = list(reservations)
    found: dict[tuple[str, int], Subject] = {}
    for kind in {row.subject_kind for row in rows} & _kinds.keys():
        keys = [row.subject_id for row in rows if row.subject_kind == kind]
        found |= {(kind, key): subject for key, subject in _kinds[kind][1](user, keys).items()}
    return [(row, found.get((row.subject_kind, row.subject_id)) or _unnamed(row)) for row in rows]


def _unnamed(row: Reservation) -> Subject:
    """Name a subject by its kind, where the room says nothing of it."""
    if row.subject_kind == EARLIER:
        return Subject(_("spent before the line was entered here"))
    label = _kinds[row.subject_kind][0] if row.subject_kind in _kinds else row.subject_kind
    return Subject(f"{label} {row.subject_id}")
