"""The smallest valid purchase requests, in any state, and the people of a school who take part."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from finance.purchases import actions
from finance.purchases.models import PurchaseRequest, State
from houqin.accounts.models import User
from houqin.approvals import actions as approvals
from houqin.approvals.models import Approval
from houqin.schools.models import School
from tests.finance.budget_factories import make_line
from tests.schools.factories import make_person, make_school

Line = actions.Line


class Buyers:
    """A campus with everybody who takes part in a purchase, and a budget line that bears 20,000."""

    def __init__(self, school: School | None = None) -> None:
        self.central = school.parent if school and school.parent else make_school()
        self.school = school or make_school(parent=self.central)
        self.requester = make_person(self.school, "staff")
        self.head = make_person(self.school, "logistics")
        self.accountant = make_person(self.school, "accountant")
        self.principal = make_person(self.school, "principal")
        self.officer = make_person(self.central, "central_officer")
        self.line = make_line(self.school, year=needed().year, amount=Decimal("20000.00"), entered_by=self.accountant)

    def request(self, state: str = State.DRAFT, **fields: Any) -> PurchaseRequest:
        """A request that its actions have brought to `state`."""
        request = make_request(self, **fields)
        path = {
            State.DRAFT: (),
            State.SUBMITTED: ("submit",),
            State.APPROVED: ("submit", "approve"),
            State.RETURNED: ("submit", "return"),
            State.REJECTED: ("submit", "reject"),
            State.WITHDRAWN: ("submit", "withdraw"),
        }[State(state)]
        for step in path:
            self._take(step, request)
        request.refresh_from_db()
        assert request.state == state
        return request

    def _take(self, step: str, request: PurchaseRequest) -> None:
        if step == "submit":
            actions.submit(request, by=request.requester)
        elif step == "withdraw":
            actions.withdraw(request, by=request.requester)
        else:
            self.sign(request, step)

    def sign(self, request: PurchaseRequest, decision: str = "approve") -> None:
        """Let everybody sign whom the request waits for; one "return" or "reject" ends it."""
        while waiting := approvals.waiting_for("purchase", request):
            by = self.principal if waiting.current_role == "principal" else self.officer
            approvals.sign(waiting, by=by, decision=decision, comment="" if decision == "approve" else "太贵")


def needed(days: int = 14) -> Any:
    """The day in so many days."""
    return timezone.localdate() + timedelta(days=days)


def make_request(buyers: Buyers, *, by: User | None = None, **fields: Any) -> PurchaseRequest:
    """A draft of 48 desks that can be submitted; `line` changes its one line, `lines` all of them."""
    lines = fields.pop("lines", None) or [desks(**fields.pop("line", {}))]
    values: dict[str, Any] = {
        "kind": "equipment",
        "title": "更换五年级破旧课桌",
        "purpose": "桌腿开裂，再修不合算",
        "needed_on": needed(),
        "budget_line": buyers.line,
    }
    return actions.create(buyers.school, by=by or buyers.requester, lines=lines, **values | fields)


def desks(**fields: Any) -> Line:
    """48 desks at 138 yuan, 7 yuan below the market."""
    values: dict[str, Any] = {
        "name": "课桌",
        "unit": "张",
        "quantity": Decimal(48),
        "unit_price": Decimal("138.00"),
        "market_price": Decimal("145.00"),
        "market_source": "县城家具城",
    }
    return Line(**values | fields)


def waiting(request: PurchaseRequest) -> Approval:
    """The approval that waits for a signature."""
    approval = approvals.waiting_for("purchase", request)
    assert approval is not None
    return approval
