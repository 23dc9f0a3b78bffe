"""The demo's schools, places, terms and people: a central school and four campuses, all made up."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from houqin.accounts.models import User
from houqin.schools.models import Membership, Place, School, Term

FOLDER = Path(__file__).parent / "demo_data"
POSTS_SINCE = date(2023, 9, 1)


@transaction.atomic
def load_base() -> None:
    """Enter what is missing; what is there already, and was perhaps changed since, stays as it is."""
    schools = _load_schools()
    _load_places(schools)
    _load_terms(schools)
    _load_people(schools)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _load_schools() -> dict[str, School]:
    schools: dict[str, School] = {}
    for row in _rows("schools"):
        schools[row["code"]], _made = School.objects.get_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "short_name": row["short_name"],
                "parent": schools.get(row["parent_code"]),
                "office_phone": row["office_phone"],
                "has_kitchen": row["has_kitchen"] == "yes",
            },
        )
    return schools


def _load_places(schools: dict[str, School]) -> None:
    for row in _rows("places"):
        school = schools[row["school"]]
        parent = Place.objects.get(school=school, code=row["parent_code"]) if row["parent_code"] else None
        Place.objects.get_or_create(
            school=school, code=row["code"], defaults={"name": row["name"], "kind": row["kind"], "parent": parent}
        )


def _load_terms(schools: dict[str, School]) -> None:
    for row in _rows("terms"):
        Term.objects.get_or_create(
            school=schools[row["school"]],
            name=row["name"],
            defaults={
                "starts_on": date.fromisoformat(row["starts_on"]),
                "ends_on": date.fromisoformat(row["ends_on"]),
            },
        )


def _load_people(schools: dict[str, School]) -> None:
    known = set(User.objects.values_list("username", flat=True))
    # One hash for all: the password is printed on the login page anyway.
    password = make_password(settings.DEMO_PASSWORD)
    nobody = make_password(None)
    for row in _rows("people"):
        if row["username"] in known:
            continue
        person = User(
            username=row["username"],
            display_name=row["name"],
            phone=row["phone"],
            staff_number=row["staff_number"],
            password=password if row["can_log_in"] else nobody,
        )
        person.save()
        Membership.objects.create(user=person, school=schools[row["school"]], role=row["role"], since=POSTS_SINCE)
