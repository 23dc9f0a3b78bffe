"""What the search over everything finds here: places and people."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from houqin.schools.models import Place
from houqin.schools.people.visible import people_visible_to
from houqin.web.search import matching
from houqin.web.search_registry import MOST, Found


def find_places(user: Any, school: Any, query: str) -> Sequence[Found]:
    """Return the places in use that fit what was typed."""
    places = Place.objects.visible_to(user).at(school).open().filter(matching(query)).select_related("school")
    return [
        Found(place.full_name, [place.code, place.school.name], place.get_absolute_url())
        for place in places.order_by("name_pinyin", "pk")[: MOST + 1]
    ]


def find_people(user: Any, school: Any, query: str) -> Sequence[Found]:
    """Return the people that fit what was typed, of schools whose people `user` may see."""
    people = people_visible_to(user, school).filter(matching(query)).order_by("name_pinyin", "pk")
    return [
        Found(
            person.display_name,
            [fact for fact in (person.phone, person.staff_number) if fact],
            reverse("schools:people:detail", args=[person.pk]),
        )
        for person in people[: MOST + 1]
    ]
