"""The places that the filter of a list offers."""

import re
from typing import Any

from django.core.cache import cache

from houqin.schools.models import Place, School

MOST = 100
# A new building appears in the filters within this time; asking for them with every list costs more than drawing it.
KEPT_SECONDS = 30
KEY = re.compile("[0-9]{1,18}")


def place_choices(user: Any, school: School | None, asked: str) -> list[tuple[str, str]]:
    """Return key and name of the school's buildings and grounds by pinyin, and of the place that a link asks for.

    Who looks at all schools (None) chooses one of them first: nobody finds a building among those of all.
    """
    choices = list(_top_places(school)) if school is not None else []
    if KEY.fullmatch(asked) and all(asked != key for key, _name in choices):
        names = Place.objects.visible_to(user).filter(pk=int(asked)).values_list("pk", "full_name")
        choices += [(str(pk), name) for pk, name in names]
    return choices


def _top_places(school: School) -> list[tuple[str, str]]:
    known = cache.get_or_set(f"top-places:{school.pk}", lambda: _read(school), KEPT_SECONDS)
    return known or []


def _read(school: School) -> list[tuple[str, str]]:
    places = Place.objects.open().filter(school=school, parent__isnull=True).order_by("name_pinyin")
    return [(str(pk), name) for pk, name in places.values_list("pk", "full_name")[:MOST]]
