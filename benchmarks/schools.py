"""Make the schools that the rows belong to: once, in the database that the others are copied from.

python -m benchmarks.schools        with DJANGO_SETTINGS_MODULE and DATABASE_URL set
"""

from datetime import date
from itertools import product

import django

django.setup()

from django.db import transaction  # noqa: E402  models need the set-up above

from benchmarks import words  # noqa: E402
from houqin.accounts.models import User  # noqa: E402
from houqin.schools.models import Membership, Place, School  # noqa: E402

CAMPUSES = 5
ROOMS = 40  # a building
STAFF, MAINTAINERS = 40, 4  # a campus


def people(central: School, campuses: list[School]) -> None:
    """Make a central officer, and for each campus a head, its maintainers and its staff."""
    names = [f"{family}{given}" for given, family in product(words.GIVEN, words.FAMILY)]
    posts = [(central, "central_officer")]
    for campus in campuses:
        posts += [(campus, role) for role in ["logistics", *["maintainer"] * MAINTAINERS, *["staff"] * STAFF]]
    for number, (school, role) in enumerate(posts):
        user = User(username=f"{role}{number}", display_name=names[number % len(names)], password="!")
        user.save()
        Membership.objects.create(user=user, school=school, role=role, since=date(2020, 1, 1))


def places(school: School) -> None:
    """Make a school's buildings with their rooms."""
    for number, name in enumerate(words.BUILDINGS):
        building = Place(school=school, kind="building", name=name, code=f"{number:02d}")
        building.save()
        rooms = []
        for room in range(ROOMS):
            name, code = f"{1 + room // 10}{room % 10:02d}室", f"{number:02d}{room:02d}"
            rooms.append(Place(school=school, parent=building, name=name, code=code))
            rooms[-1].write_names()
        Place.objects.bulk_create(rooms)


@transaction.atomic
def make() -> None:
    """Make a central school with its campuses."""
    central = School(name="中心学校", code="center")
    central.save()
    campuses = []
    for number in range(1, CAMPUSES + 1):
        campuses.append(School(name=f"第{number}小学", code=f"campus{number}", parent=central))
        campuses[-1].save()
        places(campuses[-1])
    people(central, campuses)


if __name__ == "__main__":
    make()
