"""Purchase requests under way: signed, returned, withdrawn; every step from every state and by whom."""

from decimal import Decimal

import pytest

from finance.budgets.models import Reservation
from finance.purchases import actions
from finance.purchases.models import PurchaseRequest, State
from houqin.approvals import actions as approvals
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.notices.models import Notice
from tests.files.factories import picture, upload
from tests.finance.budget_factories import make_line
from tests.finance.purchase_factories import Buyers, desks, make_request, needed, waiting
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyers():
    return Buyers()


def submit(request):
    return actions.submit(request, by=request.requester)


def test_the_last_signature_reserves_the_money(buyers):
    request = buyers.request(State.APPROVED)
    assert request.approved_at is not None
    assert Reservation.objects.get(subject_id=request.pk).amount == request.total
    buyers.line.refresh_from_db()
    assert buyers.line.reserved == request.total
    assert request.signer_ids() == {buyers.principal.pk} == request.approver_ids()
    assert Notice.objects.filter(person=buyers.requester).exists()


def test_a_line_that_does_not_bear_it_refuses_the_signature(buyers):
    request = make_request(buyers, budget_line=make_line(buyers.school, year=needed().year, amount=Decimal("6000.00")))
    submit(request)
    approval = waiting(request)
    with pytest.raises(Refused) as raised:
        approvals.sign(approval, by=buyers.principal, decision="approve")
    assert raised.value.code == "over_budget"
    request.refresh_from_db()
    assert request.state == State.SUBMITTED
    assert not approval.signatures.exists()


def test_whoever_asks_does_not_sign(buyers):
    request = make_request(buyers, by=buyers.principal)
    submit(request)
    approval = waiting(request)
    assert approval.current_role == "central_officer"
    with pytest.raises(NotAllowed):
        approvals.sign(approval, by=buyers.principal, decision="approve")


def test_a_returned_request_is_changed_and_submitted_again(buyers):
    request = buyers.request(State.RETURNED)
    actions.change(request, by=buyers.requester, lines=[desks(unit_price=Decimal("130.00"))], purpose="便宜些")
    request = submit(request)
    assert request.total == 48 * Decimal("130.00")
    verbs = list(request.steps.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["create", "submit", "return", "change", "resubmit"]
    buyers.sign(request)
    request.refresh_from_db()
    assert request.state == State.APPROVED


def test_changing_takes_back_what_was_found_when_it_was_submitted(buyers):
    request = make_request(buyers, needed_on=needed(2), emergency_reason="急")
    submit(request)
    actions.withdraw(request, by=buyers.requester)
    actions.change(request, by=buyers.requester, lines=[desks()], needed_on=needed(20))
    request.refresh_from_db()
    assert not request.is_emergency
    assert not submit(request).is_emergency


def test_withdrawing_ends_the_approval_and_frees_the_money(buyers):
    request = buyers.request(State.SUBMITTED)
    actions.withdraw(request, by=buyers.requester)
    assert approvals.waiting_for("purchase", request) is None
    request = buyers.request(State.APPROVED)
    actions.withdraw(request, by=buyers.requester)
    buyers.line.refresh_from_db()
    assert buyers.line.reserved == 0
    buyers.sign(submit(request))
    buyers.line.refresh_from_db()
    assert buyers.line.reserved == request.total


def test_a_rejected_request_holds_no_money(buyers):
    request = buyers.request(State.REJECTED)
    assert not Reservation.objects.filter(subject_id=request.pk).exists()


STEPS = {
    "change": lambda request, by: actions.change(request, by=by, lines=[desks()]),
    "attach": lambda request, by: actions.attach(request, upload(picture()), by=by),
    "submit": lambda request, by: actions.submit(request, by=by),
    "withdraw": lambda request, by: actions.withdraw(request, by=by),
}
WRITABLE = {State.DRAFT, State.RETURNED, State.WITHDRAWN}
ALLOWED = {
    "change": WRITABLE,
    "attach": WRITABLE,
    "submit": WRITABLE,
    "withdraw": {State.DRAFT, State.SUBMITTED, State.RETURNED, State.APPROVED},
}
REACHED = [
    State.DRAFT,
    State.SUBMITTED,
    State.APPROVED,
    State.RETURNED,
    State.REJECTED,
    State.WITHDRAWN,
]


@pytest.mark.parametrize("state", [*REACHED, State.ORDERED, State.DELIVERED, State.CLOSED])
@pytest.mark.parametrize("step", STEPS)
def test_every_step_from_every_state(buyers, step, state):
    request = buyers.request(state if state in REACHED else State.APPROVED)
    PurchaseRequest.objects.filter(pk=request.pk).update(state=state)
    if state in ALLOWED[step]:
        STEPS[step](request, buyers.requester)
    else:
        with pytest.raises(WrongState):
            STEPS[step](request, buyers.requester)


@pytest.mark.parametrize("step", STEPS)
def test_only_the_requester_takes_these_steps(buyers, step):
    request = make_request(buyers)
    for person in (buyers.head, buyers.principal, buyers.officer):
        with pytest.raises(NotAllowed) as raised:
            STEPS[step](request, person)
        assert raised.value.code == "not_requester"
    with pytest.raises(NotAllowed) as raised:
        STEPS[step](request, make_person(make_school()))
    assert raised.value.code == "not_allowed"
