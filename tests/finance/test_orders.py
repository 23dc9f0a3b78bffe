"""Orders: who may, from whom, which lines at which price; cancelled, closed, and what becomes of the money."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from finance.budgets.models import Reservation
from finance.purchases import order_actions
from finance.purchases.models import OrderState, PurchaseOrder, PurchaseStep, State
from finance.purchases.order_actions import Wanted
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.history.models import ActionLog
from houqin.notices.models import Notice
from tests.assets.register_factories import category
from tests.finance.order_factories import Trade, make_supplier, new_desks, paper
from tests.schools.factories import make_person, make_school, make_user

pytestmark = pytest.mark.django_db
NOT_ORDERABLE = [State.DRAFT, State.SUBMITTED, State.RETURNED, State.REJECTED, State.WITHDRAWN]


@pytest.fixture
def trade():
    return Trade()


def refused(code):
    return pytest.raises(Refused, check=lambda refusal: refusal.code == code)


def wanted(request):
    return [Wanted(line, line.unit_price) for line in request.lines.all()]


def test_an_approved_request_is_ordered(trade):
    request = trade.approved()
    order = trade.order(request, promised_on=timezone.localdate() + timedelta(days=5))
    assert order.number == f"DD-{timezone.localdate():%y%m}-0001"
    assert (order.state, order.total, order.school) == (OrderState.PLACED, Decimal("10900.00"), trade.school)
    request.refresh_from_db()
    assert request.state == State.ORDERED
    assert PurchaseStep.objects.filter(request=request, verb="order").count() == 1
    assert ActionLog.objects.filter(code="finance.order_purchase").count() == 1
    told = set(Notice.objects.filter(cause__contains="purchase").values_list("person", flat=True))
    assert {trade.requester.pk, trade.buyer.pk} <= told


@pytest.mark.parametrize("state", NOT_ORDERABLE)
def test_only_what_is_approved_is_ordered(trade, state):
    request = trade.request(state)
    with pytest.raises(WrongState):
        trade.order(request)


def test_what_came_or_was_closed_is_not_ordered_again(trade):
    order = trade.order_in(OrderState.DELIVERED)
    with pytest.raises(WrongState):
        trade.order(order.request)


@pytest.mark.parametrize("role", ["staff", "principal", "accountant", "maintainer", "auditor"])
def test_others_order_nothing(trade, role):
    with pytest.raises(NotAllowed):
        trade.order(trade.approved(), by=make_person(trade.school, role))


def test_the_head_of_another_campus_orders_nothing_here(trade):
    with pytest.raises(NotAllowed):
        trade.order(trade.approved(), by=make_person(make_school(parent=trade.central), "logistics"))


@pytest.mark.parametrize(
    ("who", "code"),
    [("requester", "same_person_requester"), ("principal", "same_person_signer"), ("officer", "same_person_signer")],
)
def test_the_buyer_neither_asked_nor_signed(trade, who, code):
    request = trade.approved()
    with refused(code):
        trade.order(request, buyer=getattr(trade, who))
    assert not PurchaseOrder.objects.exists()


def test_the_buyer_holds_a_post_at_the_school_or_above_it(trade):
    request = trade.approved()
    with refused("buyer_without_post"):
        trade.order(request, buyer=make_user())
    with refused("buyer_without_post"):
        trade.order(request, buyer=make_person(make_school(parent=trade.central)))
    assert trade.order(request, buyer=make_person(trade.central)).pk


def test_the_supplier_is_one_of_the_tree_and_still_bought_from(trade):
    request = trade.approved()
    with refused("supplier_elsewhere"):
        trade.order(request, supplier=make_supplier(make_school()))
    with refused("supplier_inactive"):
        trade.order(request, supplier=make_supplier(trade.school, is_active=False))


def test_nothing_dearer_than_approved_is_ordered_but_cheaper_is(trade):
    request = trade.approved()
    line = request.lines.get()
    with refused("above_approved_price"):
        trade.order(request, lines=[Wanted(line, Decimal("218.01"))])
    order = trade.order(request, lines=[Wanted(line, Decimal("210.00"))])
    assert order.total == Decimal("10500.00")


def test_equipment_needs_price_and_category(trade):
    request = trade.approved(new_desks(name="某种新设备", category=None))
    line = request.lines.get()
    with refused("category_missing"):
        trade.order(request)
    with refused("price_missing"):
        trade.order(request, lines=[Wanted(line, Decimal(0), category())])
    order = trade.order(request, lines=[Wanted(line, line.unit_price, category())])
    assert order.lines.get().category == category()


def test_lines_go_to_several_suppliers_but_each_line_once(trade):
    request = trade.approved(new_desks(), paper())
    desks, boxes = request.lines.order_by("position")
    trade.order(request, lines=[Wanted(desks, desks.unit_price)])
    with refused("ordered_already"):
        trade.order(request, lines=[Wanted(desks, desks.unit_price)])
    second = trade.order(request, supplier=make_supplier(trade.school), lines=[Wanted(boxes, boxes.unit_price)])
    assert second.total == Decimal("2400.00")
    with refused("no_line"):
        trade.order(request, lines=[])


def test_a_line_of_another_request_is_refused(trade):
    request, other = trade.approved(paper()), trade.approved(paper(name="粉笔"))
    with refused("foreign_line"):
        trade.order(request, lines=wanted(other))


def test_a_promise_does_not_lie_in_the_past(trade):
    with refused("promised_in_past"):
        trade.order(trade.approved(), promised_on=timezone.localdate() - timedelta(days=1))


def test_a_cancelled_order_leaves_its_lines_to_be_ordered_elsewhere(trade):
    order = trade.order()
    with refused("reason_missing"):
        order_actions.cancel_order(order, by=trade.head, reason=" ")
    order = order_actions.cancel_order(order, by=trade.head, reason="没有货")
    assert (order.state, order.end_reason) == (OrderState.CANCELLED, "没有货")
    request = order.request
    request.refresh_from_db()
    assert request.state == State.APPROVED
    assert Reservation.objects.get().state == Reservation.State.HELD
    assert trade.order(request, supplier=make_supplier(trade.school)).number.endswith("-0002")


def test_cancelling_one_of_two_orders_leaves_the_request_ordered(trade):
    request = trade.approved(new_desks(), paper())
    desks, boxes = request.lines.order_by("position")
    first = trade.order(request, lines=[Wanted(desks, desks.unit_price)])
    trade.order(request, lines=[Wanted(boxes, boxes.unit_price)])
    order_actions.cancel_order(first, by=trade.head, reason="换一家")
    request.refresh_from_db()
    assert request.state == State.ORDERED


@pytest.mark.parametrize("state", [state for state in OrderState if state != OrderState.PLACED])
def test_only_an_order_of_which_nothing_came_is_cancelled(trade, state):
    order = trade.order_in(state)
    with pytest.raises(WrongState):
        order_actions.cancel_order(order, by=trade.head, reason="换一家")


@pytest.mark.parametrize("state", [OrderState.DELIVERED, OrderState.CLOSED, OrderState.CANCELLED])
def test_an_ended_order_is_not_closed_again(trade, state):
    order = trade.order_in(state)
    with pytest.raises(WrongState):
        order_actions.close_order(order, by=trade.head, reason="厂家停产")


def test_closing_with_a_shortfall_keeps_what_came_and_frees_the_rest(trade):
    order = trade.order_in(OrderState.PARTLY)
    with refused("reason_missing"):
        order_actions.close_order(order, by=trade.head, reason="")
    order_actions.close_order(order, by=trade.head, reason="厂家停产")
    order.request.refresh_from_db()
    assert order.request.state == State.CLOSED
    reservation = Reservation.objects.get()
    assert (reservation.state, reservation.spent) == (Reservation.State.RELEASED, Decimal("10464.00"))
    trade.line.refresh_from_db()
    assert (trade.line.spent, trade.line.reserved) == (Decimal("10464.00"), Decimal("0.00"))


def test_closing_one_order_keeps_the_money_of_lines_that_nobody_ordered(trade):
    request = trade.approved(new_desks(), paper())
    desks, _boxes = request.lines.order_by("position")
    order = trade.order(request, lines=[Wanted(desks, desks.unit_price)])
    order_actions.close_order(order, by=trade.head, reason="厂家停产")
    request.refresh_from_db()
    assert request.state == State.ORDERED
    assert Reservation.objects.get().state == Reservation.State.HELD
    order_actions.close_purchase(request, by=trade.head, reason="不再需要")
    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert Reservation.objects.get().state == Reservation.State.RELEASED


def test_a_purchase_is_closed_with_its_open_orders(trade):
    order = trade.order()
    order_actions.close_purchase(order.request, by=trade.head, reason="学校合并")
    order.refresh_from_db()
    assert (order.state, order.end_reason) == (OrderState.CLOSED, "学校合并")
    with pytest.raises(WrongState):
        order_actions.close_purchase(order.request, by=trade.head, reason="学校合并")


@pytest.mark.parametrize("action", ["cancel_order", "close_order"])
def test_who_may_not_order_ends_no_order(trade, action):
    with pytest.raises(NotAllowed):
        getattr(order_actions, action)(trade.order(), by=trade.receiver, reason="因为")
    with pytest.raises(NotAllowed):
        order_actions.close_purchase(trade.approved(paper()), by=trade.receiver, reason="因为")
