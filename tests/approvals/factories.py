"""A subject to approve (a place stands for it), and the people of a central school and its campus."""

from decimal import Decimal
from typing import Any

from houqin.approvals import actions, subjects
from houqin.approvals.models import Approval, Tier
from houqin.schools.models import Place
from tests.schools.factories import make_person, make_place, make_school

KIND = "test.subject"
told: list[tuple[str, int]] = []


def lock(pk: int) -> Place:
    return Place.objects.select_for_update().get(pk=pk)


def _tell(what: str) -> Any:
    return lambda subject, by, comment: told.append((what, subject.pk))


def register() -> None:
    """Register the kind that tests use."""
    subjects.register(
        subjects.SubjectKind(
            name=KIND,
            title="test",
            lock=lock,
            content=lambda place: {"name": place.name},
            url=lambda place: "/",
            approved=_tell("approved"),
            returned=_tell("returned"),
            rejected=_tell("rejected"),
        )
    )


class Offices:
    """A campus with its principal and a central school with two officers; the shipped tiers hold."""

    def __init__(self) -> None:
        register()
        told.clear()
        self.central = make_school()
        self.school = make_school(parent=self.central)
        self.requester = make_person(self.school, "staff")
        self.principal = make_person(self.school, "principal")
        self.officer = make_person(self.central, "central_officer")
        self.second_officer = make_person(self.central, "central_officer")

    def tiers(self, *tiers: Tier) -> None:
        """Let the central school name these tiers for itself and its campuses."""
        actions.set_tiers(KIND, tiers, by=self.officer, school=self.central)

    def ask(self, amount: str = "100", *, by: Any = None, subject: Place | None = None) -> Approval:
        """Ask for approval of a new subject."""
        subject = subject or make_place(self.school)
        return actions.request(
            KIND, subject, by=by or self.requester, school=self.school, title=subject.name, amount=Decimal(amount)
        )
