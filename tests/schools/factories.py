"""The smallest valid schools, people, posts and places."""

from datetime import date
from itertools import count
from typing import Any

from django.utils import timezone

from houqin.accounts.models import User
from houqin.schools.models import Membership, Place, School

_numbers = count(1)


def today() -> date:
    """Today as schools have it."""
    return timezone.localdate()


def make_school(**fields: Any) -> School:
    """A school of its own; pass `parent` for a campus."""
    n = next(_numbers)
    return School.objects.create(**{"name": f"学校{n}", "code": f"s{n}"} | fields)


def make_user(**fields: Any) -> User:
    """A person without a post; the password is "secret-words"."""
    n = next(_numbers)
    return User.objects.create_user(
        **{"username": f"user{n}", "display_name": f"人员{n}", "password": "secret-words"} | fields
    )


def make_membership(user: User, school: School, role: str = "staff", **fields: Any) -> Membership:
    """A post held since the beginning of 2020."""
    return Membership.objects.create(
        **{"user": user, "school": school, "role": role, "since": date(2020, 1, 1)} | fields
    )


def make_person(school: School, role: str = "staff", **fields: Any) -> User:
    """A person who holds `role` at `school`."""
    user = make_user(**fields)
    make_membership(user, school, role)
    return user


def make_place(school: School, **fields: Any) -> Place:
    """A room of `school`."""
    n = next(_numbers)
    return Place.objects.create(**{"school": school, "name": f"{n}教室", "code": f"R{n}"} | fields)
