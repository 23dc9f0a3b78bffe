"""Deliveries: counted by somebody else, never more than ordered, spent from the budget, one lot on the register."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assets.register.actions import split_lot
from assets.register.models import AssetCard
from finance.budgets.models import Reservation
from finance.purchases import order_actions
from finance.purchases.delivery_actions import Counted, receive
from finance.purchases.models import Delivery, OrderState, State
from finance.purchases.order_actions import Wanted
from finance.purchases.order_registration import about_card, may_see
from houqin.accounts.models import User
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.history.models import ActionLog
from tests.files.factories import picture, upload
from tests.finance.order_factories import Trade, new_desks, paper
from tests.schools.factories import make_membership, make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade():
    return Trade()


def refused(code):
    return pytest.raises(Refused, check=lambda refusal: refusal.code == code)


def test_48_and_then_2_desks_are_one_lot_of_50_with_its_way_back(trade):
    order = trade.order()
    trade.receive(order, 48)
    order.refresh_from_db()
    assert (order.state, order.ended_at) == (OrderState.PARTLY, None)
    card = AssetCard.objects.get()
    assert (card.quantity, card.acquisition_way, card.unit_price) == (48, "purchase", Decimal("218.00"))
    assert (card.acquired_on, card.supplier) == (timezone.localdate(), trade.supplier.name)
    assert order.number in card.note
    trade.receive(order, 2, by=trade.second)
    card = AssetCard.objects.get()
    assert (card.quantity, card.original_cost) == (50, Decimal("10900.00"))
    assert ActionLog.objects.filter(code="assets.add_to_lot", record_id=card.pk).count() == 1
    order.refresh_from_db()
    order.request.refresh_from_db()
    assert (order.state, order.request.state) == (OrderState.DELIVERED, State.DELIVERED)
    back = about_card(trade.head, card)
    assert [url for _text, _second, url in back.rows] == [
        order.request.get_absolute_url(),
        order.get_absolute_url(),
    ]


def test_each_delivery_spends_its_value_and_the_last_one_frees_the_rest(trade):
    request = trade.approved()
    order = trade.order(request, lines=[Wanted(request.lines.get(), Decimal("210.00"))])
    trade.receive(order, 48)
    reservation = Reservation.objects.get()
    assert (reservation.state, reservation.spent) == (Reservation.State.HELD, Decimal("10080.00"))
    trade.receive(order, 2)
    reservation.refresh_from_db()
    assert (reservation.state, reservation.spent) == (Reservation.State.RELEASED, Decimal("10500.00"))
    trade.line.refresh_from_db()
    assert (trade.line.spent, trade.line.reserved) == (Decimal("10500.00"), Decimal("0.00"))


def test_parts_of_a_cent_add_up_to_the_price_of_the_whole(trade):
    request = trade.approved(paper(quantity=Decimal("0.03"), unit_price=Decimal("16.50"), market_price=Decimal(17)))
    order = trade.order(request)
    for _ in range(3):
        trade.receive(order, "0.01")
    assert Reservation.objects.get().spent == Decimal("0.50") == request.total


def test_supplies_are_only_counted(trade):
    trade.receive(trade.order(trade.approved(paper())), 20)
    assert not AssetCard.objects.exists()


def test_faulty_pieces_go_back_and_still_have_to_come(trade):
    order = trade.order()
    with refused("faults_missing"):
        trade.receive(order, (50, 3))
    trade.receive(order, (50, 3), faults="三张桌面开裂")
    line = order.lines.get()
    assert (line.accepted, line.outstanding) == (47, 3)
    assert AssetCard.objects.get().quantity == 47
    trade.receive(order, 3)
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED
    assert AssetCard.objects.get().quantity == 50


def test_a_delivery_of_nothing_but_faulty_pieces_spends_nothing(trade):
    order = trade.order()
    trade.receive(order, (2, 2), faults="全部破损")
    order.refresh_from_db()
    assert order.state == OrderState.PARTLY
    assert Reservation.objects.get().spent == 0
    assert not AssetCard.objects.exists()


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("requester", "same_person_requester"),
        ("principal", "same_person_signer"),
        ("officer", "same_person_signer"),
        ("buyer", "same_person_buyer"),
    ],
)
def test_who_asked_signed_or_bought_does_not_count(trade, who, code):
    order = trade.order()
    if who != "officer":
        make_membership(getattr(trade, who), trade.school, "maintainer")
    with refused(code):
        trade.receive(order, 50, by=User.objects.get(pk=getattr(trade, who).pk))
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("role", ["staff", "principal", "chief_accountant", "auditor"])
def test_others_receive_nothing(trade, role):
    with pytest.raises(NotAllowed):
        trade.receive(trade.order(), 50, by=make_person(trade.school, role))


def test_the_maintainer_of_another_campus_receives_nothing_here(trade):
    stranger = make_person(make_school(parent=trade.central), "maintainer")
    with pytest.raises(NotAllowed):
        trade.receive(trade.order(), 50, by=stranger)


@pytest.mark.parametrize("state", [OrderState.DELIVERED, OrderState.CLOSED, OrderState.CANCELLED])
def test_nothing_is_received_of_an_ended_order(trade, state):
    with pytest.raises(WrongState):
        trade.receive(trade.order_in(state), 1)


@pytest.mark.parametrize(
    ("counted", "code"),
    [((51,), "over_ordered"), ((0,), "nothing_counted"), (((1, 2),), "faulty_over_counted"), (("1.5",), "not_whole")],
)
def test_counts_that_cannot_be(trade, counted, code):
    with refused(code):
        trade.receive(trade.order(), *counted, faults="开裂")


def test_not_more_than_is_still_to_come(trade):
    order = trade.order()
    trade.receive(order, 48)
    with refused("over_ordered"):
        trade.receive(order, 3)


def test_a_line_is_counted_once_and_belongs_to_the_order(trade):
    order, other = trade.order(), trade.order(trade.approved(paper()))
    line = order.lines.get()
    with refused("counted_twice"):
        receive(order, by=trade.receiver, counts=[Counted(line, Decimal(1)), Counted(line, Decimal(1))])
    with refused("foreign_line"):
        receive(order, by=trade.receiver, counts=[Counted(other.lines.get(), Decimal(1))])


@pytest.mark.parametrize(("days", "code"), [(1, "received_in_future"), (-1, "received_before_order")])
def test_the_day_lies_between_order_and_today(trade, days, code):
    with refused(code):
        trade.receive(trade.order(), 50, received_on=timezone.localdate() + timedelta(days=days))


def test_the_photo_of_the_note_is_seen_by_who_sees_the_order(trade):
    delivery = trade.receive(trade.order(), 50, note_photo=upload(picture()))
    assert delivery.note_photo.school == trade.school
    assert may_see(trade.head, delivery.note_photo)
    assert may_see(trade.buyer, delivery.note_photo)
    assert not may_see(make_person(trade.school), delivery.note_photo)
    assert not may_see(make_person(make_school(), "logistics"), delivery.note_photo)


def test_a_lot_that_was_disposed_of_is_followed_by_another_card(trade):
    order = trade.order()
    trade.receive(order, 48)
    AssetCard.objects.update(use_status="disposed")
    trade.receive(order, 2)
    assert sorted(AssetCard.objects.values_list("quantity", flat=True)) == [2, 48]


def test_the_way_back_is_shown_to_those_who_may_see_it(trade):
    order = trade.order()
    trade.receive(order, 50)
    card = AssetCard.objects.get()
    assert len(about_card(trade.head, card).rows) == 2
    assert [row[0] for row in about_card(trade.receiver, card).rows] == [order.number]
    assert about_card(make_person(make_school(), "logistics"), card) is None


def test_a_part_that_was_split_off_knows_its_way_back(trade):
    order = trade.order()
    trade.receive(order, 50)
    part = split_lot(split_lot(AssetCard.objects.get(), quantity=10, by=trade.head), quantity=3, by=trade.head)
    assert about_card(trade.head, part).rows[-1][0] == order.number


def test_one_request_with_two_orders_is_delivered_when_both_came(trade):
    request = trade.approved(new_desks(), paper())
    desks, boxes = request.lines.order_by("position")
    first = trade.order(request, lines=[Wanted(desks, desks.unit_price)])
    trade.receive(first, 50)
    request.refresh_from_db()
    assert request.state == State.ORDERED
    second = trade.order(request, lines=[Wanted(boxes, boxes.unit_price)])
    trade.receive(second, 20)
    request.refresh_from_db()
    assert request.state == State.DELIVERED


def test_one_order_short_and_one_whole_close_the_request(trade):
    request = trade.approved(new_desks(), paper())
    desks, boxes = request.lines.order_by("position")
    first = trade.order(request, lines=[Wanted(desks, desks.unit_price)])
    second = trade.order(request, lines=[Wanted(boxes, boxes.unit_price)])
    order_actions.close_order(first, by=trade.head, reason="厂家停产")
    trade.receive(second, 20)
    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert Reservation.objects.get().state == Reservation.State.RELEASED
