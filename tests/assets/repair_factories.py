"""The smallest valid repairs, in any state."""

from typing import Any

from assets.repairs import actions
from assets.repairs.models import RepairRequest, State
from houqin.accounts.models import User
from houqin.approvals import actions as approvals
from houqin.approvals.models import Approval
from houqin.schools.models import School
from tests.schools.factories import make_person, make_place, make_school

PATHS: dict[str, list[str]] = {
    State.REPORTED: [],
    State.ACCEPTED: ["accept"],
    State.AWAITING_APPROVAL: ["ask"],
    State.ASSIGNED: ["assign"],
    State.WORKING: ["assign", "start"],
    State.ON_HOLD: ["assign", "start", "hold"],
    State.DONE: ["assign", "start", "finish"],
    State.CONFIRMED: ["assign", "start", "finish", "confirm"],
    State.REFUSED: ["refuse"],
    State.WITHDRAWN: ["withdraw"],
    State.MERGED: ["merge"],
}


class Team:
    """A school with everybody who takes part in a repair."""

    def __init__(self, school: School | None = None) -> None:
        self.central = (school.parent if school else None) or make_school()
        self.school = school or make_school(parent=self.central)
        self.head = make_person(self.school, "logistics")
        self.maintainer = make_person(self.school, "maintainer")
        self.second = make_person(self.school, "maintainer")
        self.reporter = make_person(self.school, "staff")
        self.officer = make_person(self.central, "central_officer")
        self.place = make_place(self.school)

    def repair(self, state: str = State.REPORTED, **fields: Any) -> RepairRequest:
        """A repair that the team has brought to `state` by its actions."""
        repair = make_repair(self, **fields)
        for step in PATHS[state]:
            self._take(step, repair)
        repair.refresh_from_db()
        assert repair.state == state
        return repair

    def _take(self, step: str, repair: RepairRequest) -> None:
        head, maintainer = self.head, self.maintainer
        steps = {
            "accept": lambda: actions.accept(repair, by=head),
            "ask": lambda: actions.assign(repair, by=head, to=maintainer, is_structural=True),
            "assign": lambda: actions.assign(repair, by=head, to=maintainer),
            "start": lambda: actions.start(repair, by=maintainer),
            "hold": lambda: actions.hold(repair, by=maintainer, reason="等料"),
            "finish": lambda: actions.finish(repair, by=maintainer, outcome="repaired"),
            "confirm": lambda: actions.confirm(repair, by=repair.reporter, as_guest=repair.reporter is None),
            "refuse": lambda: actions.refuse(repair, by=head, reason="不是我们的"),
            "withdraw": lambda: actions.withdraw(repair, by=repair.reporter, as_guest=repair.reporter is None),
            "merge": lambda: actions.merge(repair, by=head, into=make_repair(self)),
        }
        steps[step]()


def decide(repair: RepairRequest, *, by: User, decision: str = "approve", comment: str = "") -> RepairRequest:
    """Let `by` sign the last approval that the repair asked for; return the repair as it is then."""
    asked = Approval.objects.filter(kind="repair", subject_id=repair.pk).latest("pk")
    approvals.sign(asked, by=by, decision=decision, comment=comment)
    return RepairRequest.objects.select_related("school", "place", "reporter", "assigned_to").get(pk=repair.pk)


def make_repair(team: Team, *, by: User | None = None, guest: bool = False, **fields: Any) -> RepairRequest:
    """A report of the team's staff member, or of a guest."""
    values = {"place": team.place, "kind": "door_window", "description": "玻璃破了一块"} | fields
    return actions.report(by=None if guest else by or team.reporter, via="qr" if guest else "page", **values)
