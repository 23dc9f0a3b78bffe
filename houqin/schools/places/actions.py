"""What happens with places: enter, change, close, open again.

Writes to the places of one school wait for each other (its row is locked), so that a name taken from a
building can never be an old one.
"""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused, WrongState
from houqin.schools import renames
from houqin.schools.models import Place, School
from houqin.schools.permissions import require
from houqin.schools.places.codes import suggest_code
from houqin.web.trail import record_action

MAX_FULL_NAME = 200


@transaction.atomic
def create_place(
    school: School, *, name: str, kind: str, parent: Place | None = None, code: str = "", by: Any
) -> Place:
    """Enter a place of `school`; without a code one is suggested.

    Raises Refused "other_school", "parent_closed" and "name_too_long"; the constraints refuse a code or a name
    that is taken.
    """
    require(by, "schools.manage_places", school)
    _lock(school.pk)
    _check_parent(school.pk, parent)
    place = Place(school=school, parent=parent, kind=kind, name=name, code=code or suggest_code(school, name, parent))
    _check_name(place)
    place.save()
    record_action("schools.create_place", by=by, record=place)
    return place


@transaction.atomic
def update_place(place: Place, *, name: str, kind: str, parent: Place | None, code: str, by: Any) -> Place:
    """Change a place; the names of all places within it, and what holds them, follow.

    Raises Refused "own_descendant", "other_school", "parent_closed" and "name_too_long".
    """
    locked = _locked(place)
    require(by, "schools.manage_places", locked)
    if parent is not None and parent.pk in {locked.pk, *(below.pk for below in _descendants(locked))}:
        raise Refused(
            _("A place cannot stand in itself or in a place within it. Choose another one."),
            code="own_descendant",
            field="parent",
        )
    if parent is not None and parent.pk != locked.parent_id:
        _check_parent(locked.school_id, parent)
    old_name = locked.full_name
    locked.name, locked.kind, locked.parent = name, kind, parent
    locked.code = code or suggest_code(locked.school, name, parent)
    _check_name(locked)
    locked.save(update_fields=["name", "kind", "parent", "code"])
    if locked.full_name != old_name:
        below = _rename_below(locked)
        renames.announce("place", [locked.pk, *below])
    record_action("schools.update_place", by=by, record=locked)
    return locked


@transaction.atomic
def close_place(place: Place, *, by: Any) -> Place:
    """Take a place out of use: it can no longer be chosen and its label no longer answers.

    Raises WrongState, and Refused "holds_open_places" while a place within it is in use.
    """
    locked = _locked(place)
    require(by, "schools.manage_places", locked)
    if not locked.is_active:
        raise WrongState(code="already_closed")
    if locked.children.filter(is_active=True).exists():
        raise Refused(
            _("Places within it are still in use. Take those out of use first, or move them."),
            code="holds_open_places",
        )
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    record_action("schools.close_place", by=by, record=locked)
    return locked


@transaction.atomic
def reopen_place(place: Place, *, by: Any) -> Place:
    """Take a place into use again; its old label answers again. Raises WrongState and Refused "parent_closed"."""
    locked = _locked(place)
    require(by, "schools.manage_places", locked)
    if locked.is_active:
        raise WrongState(code="already_open")
    _check_parent(locked.school_id, locked.parent)
    locked.is_active = True
    locked.save(update_fields=["is_active"])
    record_action("schools.reopen_place", by=by, record=locked)
    return locked


def _lock(school_id: int) -> None:
    """Let the writers of a school's places wait for each other; readers and foreign keys go on."""
    School.objects.select_for_update(no_key=True).get(pk=school_id)


def _locked(place: Place) -> Place:
    _lock(place.school_id)
    return Place.objects.select_related("parent", "school").get(pk=place.pk)


def _check_parent(school_id: int, parent: Place | None) -> None:
    if parent is None:
        return
    if parent.school_id != school_id:
        raise Refused(_("That place belongs to another school."), code="other_school", field="parent")
    if not Place.objects.filter(pk=parent.pk, is_active=True).exists():
        raise Refused(
            _("The place that it stands in is out of use. Take that one into use first."),
            code="parent_closed",
            field="parent",
        )


def _check_name(place: Place) -> None:
    place.write_names()
    if len(place.full_name) > MAX_FULL_NAME:
        raise Refused(
            _("The name, together with the places around it, is too long. Shorten it."),
            code="name_too_long",
            field="name",
        )


def _descendants(place: Place) -> Iterator[Place]:
    """Give the places within `place`, level by level, each with its parent at hand. One query a level."""
    level = {place.pk: place}
    while level:
        below = list(Place.objects.filter(parent_id__in=level))
        for child in below:
            child.parent = level[child.parent_id]
        yield from below
        level = {child.pk: child for child in below}


def _rename_below(place: Place) -> list[int]:
    """Write the names of all places within `place` anew; return their ids."""
    renamed = []
    for child in _descendants(place):
        _check_name(child)
        renamed.append(child)
    Place.objects.bulk_update(renamed, Place.WRITTEN_NAMES, batch_size=500)
    return [child.pk for child in renamed]
