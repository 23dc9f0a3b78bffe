"""Even a plain INSERT orders nothing unapproved, counts nothing too much, and keeps four people apart."""

from decimal import Decimal

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.utils import timezone

from finance.purchases.models import Delivery, DeliveryLine, OrderLine, OrderState, PurchaseOrder, State, Supplier
from tests.finance.order_factories import Trade, make_supplier, paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade():
    return Trade()


def broken(work):
    """Return the name of the constraint that `work` breaks."""
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        work()
    return raised.value.__cause__.diag.constraint_name


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def plain_order(trade, request, **fields):
    values = {
        "school": request.school,
        "request": request,
        "number": "X-1",
        "supplier": trade.supplier,
        "buyer": trade.buyer,
        "ordered_by": trade.head,
        "total": Decimal(1),
    }
    return PurchaseOrder.objects.create(**values | fields)


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.RETURNED, State.REJECTED, State.WITHDRAWN])
def test_nothing_unapproved_is_ordered(trade, state):
    request = trade.request(state)
    assert broken(lambda: plain_order(trade, request)) == "finance_purchaseorder_approved"


@pytest.mark.parametrize("who", ["requester", "principal", "officer"])
def test_the_buyer_is_somebody_else(trade, who):
    request, person = trade.approved(), getattr(trade, who)
    assert broken(lambda: plain_order(trade, request, buyer=person)) == "finance_purchaseorder_apart"
    order = trade.order(request)
    change = "UPDATE finance_purchaseorder SET buyer_id = %s WHERE id = %s"
    assert broken(lambda: run(change, person.pk, order.pk)) == "finance_purchaseorder_apart"


def test_an_order_belongs_to_the_school_of_its_request(trade):
    request = trade.approved()
    assert broken(lambda: plain_order(trade, request, school=trade.central)) == "finance_purchaseorder_school"


def test_states_ends_and_reasons_fit_together(trade):
    order = trade.order()
    change = "UPDATE finance_purchaseorder SET state = %s, ended_at = %s WHERE id = %s"
    now = timezone.now()
    assert broken(lambda: run(change, "closed", now, order.pk)) == "finance_purchaseorder_reason"
    assert broken(lambda: run(change, "delivered", None, order.pk)) == "finance_purchaseorder_ended"


def test_a_line_stands_in_one_live_order_of_its_own_request_at_the_approved_price(trade):
    request, other = trade.approved(), trade.approved(paper())
    order = trade.order(request)
    line, foreign = request.lines.get(), other.lines.get()

    def add(line, **fields):
        values = {"order": order, "line": line, "quantity": line.quantity, "unit_price": line.unit_price}
        return lambda: OrderLine.objects.create(**values | fields)

    assert broken(add(line)) == "finance_orderline_once"
    assert broken(add(foreign)) == "finance_orderline_own_request"
    assert broken(add(line, unit_price=Decimal("218.01"), is_live=False)) == "finance_orderline_approved"
    assert broken(add(line, quantity=Decimal(51), is_live=False)) == "finance_orderline_approved"


@pytest.mark.parametrize("who", ["requester", "principal", "officer", "buyer"])
def test_the_receiver_is_somebody_else(trade, who):
    order = trade.order()
    person = getattr(trade, who)
    create = Delivery.objects.create
    assert broken(lambda: create(order=order, received_by=person)) == "finance_delivery_apart"


@pytest.mark.parametrize("state", [OrderState.DELIVERED, OrderState.CLOSED, OrderState.CANCELLED])
def test_nothing_is_delivered_to_an_ended_order(trade, state):
    order = trade.order_in(state)
    create = Delivery.objects.create
    assert broken(lambda: create(order=order, received_by=trade.receiver)) == "finance_delivery_open"


def test_no_more_is_counted_than_was_ordered(trade):
    order = trade.order()
    delivery = Delivery.objects.create(order=order, received_by=trade.receiver)
    line = order.lines.get()

    def count(counted, faulty=0, order_line=line):
        values = {"delivery": delivery, "order_line": order_line}
        return lambda: DeliveryLine.objects.create(counted=Decimal(counted), faulty=Decimal(faulty), **values)

    assert broken(count(51)) == "finance_orderline_not_over"
    assert broken(count(2, 3)) == "finance_deliveryline_figures"
    assert broken(count(0)) == "finance_deliveryline_figures"
    other = trade.order(trade.approved(paper())).lines.get()
    assert broken(count(1, order_line=other)) == "finance_deliveryline_own_order"
    count(48)()
    line.refresh_from_db()
    assert line.accepted == 48
    assert broken(count(1)) == "finance_deliveryline_once"


def test_what_came_is_what_was_counted(trade):
    line = trade.order().lines.get()
    change = "UPDATE finance_orderline SET accepted = 10 WHERE id = %s"
    assert broken(lambda: run(change, line.pk)) == "finance_orderline_counted"


@pytest.mark.parametrize("table", ["finance_delivery", "finance_deliveryline"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_deliveries_are_only_added_to(trade, table, statement):
    trade.order_in(OrderState.PARTLY)
    with pytest.raises(Error), transaction.atomic():
        run(statement.format(table))


def test_a_supplier_is_entered_once_in_a_tree(trade):
    make_supplier(trade.school, name="城关文具店", taxpayer_number="91530000MA6K00000X")
    assert broken(lambda: make_supplier(trade.central, name="城关文具店")) == "finance_supplier_name"
    same = {"taxpayer_number": "91530000MA6K00000X"}
    assert broken(lambda: make_supplier(trade.school, **same)) == "finance_supplier_taxpayer_number"
    assert Supplier.objects.filter(name="城关文具店").count() == 1
