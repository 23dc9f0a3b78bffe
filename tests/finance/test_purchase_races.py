"""Many at once: a budget line bears what it bears, a request is submitted once, numbers have no gaps."""

from decimal import Decimal

from django.utils import timezone

from finance.budgets.models import Reservation
from finance.purchases import actions
from finance.purchases.models import PurchaseRequest, State
from houqin.approvals import actions as approvals
from houqin.approvals.models import Approval
from tests.assets.test_repair_races import at_once
from tests.finance.budget_factories import make_line
from tests.finance.purchase_factories import Buyers, make_request, needed, waiting
from tests.schools.factories import make_person

RACERS, BORNE = 50, 10


def test_fifty_requests_race_for_a_line_that_bears_ten(committing_db):
    buyers = Buyers()
    price = Decimal("100.00")
    money = make_line(buyers.school, year=needed().year, amount=BORNE * price)
    line = {"quantity": Decimal(1), "unit_price": price, "market_price": price}
    asked = []
    for _number in range(RACERS):
        request = make_request(buyers, line=line, budget_line=money)
        actions.submit(request, by=buyers.requester)
        asked.append(waiting(request))
    for batch in (asked[:25], asked[25:]):
        results = at_once(*(sign(approval, buyers.principal) for approval in batch))
        assert set(results) <= {"approved", "over_budget"}
    assert PurchaseRequest.objects.filter(state=State.APPROVED).count() == BORNE
    assert PurchaseRequest.objects.filter(state=State.SUBMITTED).count() == RACERS - BORNE
    assert Reservation.objects.filter(state="held").count() == BORNE
    assert Approval.objects.filter(state="approved").count() == BORNE
    money.refresh_from_db()
    assert money.reserved == money.amount
    numbers = sorted(PurchaseRequest.objects.values_list("number", flat=True))
    assert [int(number[-4:]) for number in numbers] == list(range(1, RACERS + 1))


def sign(approval, by):
    return lambda: str(approvals.sign(approval, by=by, decision="approve").state)


def test_two_taps_submit_once(committing_db):
    buyers = Buyers()
    request = make_request(buyers)
    results = at_once(*[lambda: actions.submit(request, by=buyers.requester)] * 2)
    assert results.count("wrong_state") == 1
    assert Approval.objects.count() == 1


def test_signing_and_withdrawing_at_once_agree(committing_db):
    buyers = Buyers()
    request = buyers.request(State.SUBMITTED)
    approval = waiting(request)
    at_once(lambda: actions.withdraw(request, by=buyers.requester), sign(approval, buyers.principal))
    request.refresh_from_db()
    buyers.line.refresh_from_db()
    # Whoever came second found it changed: withdrawing an approved one gives the money back, too.
    assert request.state == State.WITHDRAWN
    assert buyers.line.reserved == 0
    approval.refresh_from_db()
    assert approval.state in ("withdrawn", "approved")


def test_numbers_of_two_people_at_once_have_no_gap(committing_db):
    buyers = Buyers()
    people = [make_person(buyers.school) for _n in range(5)]
    requests = at_once(*[lambda by=person: make_request(buyers, by=by) for person in people])
    period = timezone.localdate().strftime("%y%m")
    assert sorted(request.number for request in requests) == [f"CG-{period}-{n:04d}" for n in range(1, 6)]
