"""Two campuses under one central school, with the same things planted in both."""

from typing import Any

from django.test import Client

from houqin.schools.middleware import ALL, SESSION_KEY
from houqin.schools.roles import CENTRAL_ROLES, Role
from tests.schools.factories import make_membership, make_school, make_user

# Stands in every planted text, so that a search finds what is planted everywhere ...
SOWN = "zqxj"
# ... and is told apart by what follows.
OURS, THEIRS, CENTRAL = f"{SOWN}ours", f"{SOWN}theirs", f"{SOWN}central"


class There:
    """A school and what rooms have planted at it; `canary` stands in every text of its records."""

    def __init__(self, school: Any, canary: str, keeper: Any) -> None:
        self.school = school
        self.canary = canary
        # Who made the records; a person of that school who asks for nothing in the walk.
        self.keeper = keeper

    def __repr__(self) -> str:
        return self.canary


class Visitor:
    """A person with one role at one school, logged in."""

    def __init__(self, role: str, there: There, number: int) -> None:
        self.role = role
        self.there = there
        self.user = make_user(username=f"{role}.{there.canary}", display_name=f"{there.canary}{number}")
        make_membership(self.user, there.school, role)
        self.client = Client(raise_request_exception=True)
        self.client.force_login(self.user)

    @property
    def is_central(self) -> bool:
        """Whether the schools below are reached as well."""
        return self.there.canary == CENTRAL and self.role in CENTRAL_ROLES

    def look_at_all(self) -> None:
        """Choose all schools instead of one."""
        session = self.client.session
        session[SESSION_KEY] = ALL
        session.save()

    def __repr__(self) -> str:
        return f"{self.role} of {self.there}"


class World:
    """The schools, what stands there, and who walks through."""

    def __init__(self, planters: list[Any]) -> None:
        central = make_school(name=f"{CENTRAL}中心学校", code="zc")
        self.central = There(central, CENTRAL, make_user(display_name=f"{CENTRAL}某人"))
        self.ours = self._campus(central, OURS, "zo")
        self.theirs = self._campus(central, THEIRS, "zt")
        for there in (self.central, self.ours, self.theirs):
            make_membership(there.keeper, there.school, "staff")
            for plant in planters:
                plant(there)
        self.own = {role: Visitor(role, self.ours, n) for n, role in enumerate(Role.values)}
        # At the central school: those who reach the campuses, and two who do not.
        above = [*CENTRAL_ROLES, Role.LOGISTICS, Role.STAFF]
        self.above = {str(role): Visitor(role, self.central, n) for n, role in enumerate(above)}
        for visitor in self.above.values():
            if visitor.is_central:
                visitor.look_at_all()
        self.anonymous = Client()

    def _campus(self, central: Any, canary: str, code: str) -> There:
        school = make_school(name=f"{canary}学校", code=code, parent=central)
        return There(school, canary, make_user(display_name=f"{canary}某人"))
