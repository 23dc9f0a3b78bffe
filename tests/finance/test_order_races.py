"""Two people at once on one order: what is counted and spent stays right, and one of them is told in words."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

from django.db import connection

from assets.register.models import AssetCard
from finance.budgets.models import Reservation
from finance.purchases import order_actions
from finance.purchases.models import Delivery, OrderState, PurchaseOrder
from houqin.errors import Refused
from tests.finance.order_factories import Trade


def at_once(*steps):
    """Run the steps at the same moment, each on a connection of its own; return results or refusals' codes."""
    barrier = Barrier(len(steps))

    def run(step):
        try:
            barrier.wait(10)
            return step()
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_two_receivers_at_once_do_not_count_more_than_was_ordered(committing_db):
    trade = Trade()
    order = trade.order()
    results = at_once(
        lambda: trade.receive(order, 30, by=trade.receiver), lambda: trade.receive(order, 30, by=trade.second)
    )
    assert "over_ordered" in results
    assert Delivery.objects.count() == 1
    assert order.lines.get().accepted == 30
    assert AssetCard.objects.get().quantity == 30


def test_two_receivers_at_once_who_count_48_and_2_make_one_lot_of_50(committing_db):
    trade = Trade()
    order = trade.order()
    results = at_once(
        lambda: trade.receive(order, 48, by=trade.receiver), lambda: trade.receive(order, 2, by=trade.second)
    )
    assert all(isinstance(result, Delivery) for result in results), results
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED
    assert AssetCard.objects.get().quantity == 50
    reservation = Reservation.objects.get()
    assert (reservation.state, reservation.spent) == (Reservation.State.RELEASED, Decimal("10900.00"))


def test_cancelling_and_receiving_at_once_leaves_one_of_both(committing_db):
    trade = Trade()
    order = trade.order()
    results = at_once(
        lambda: order_actions.cancel_order(order, by=trade.head, reason="换一家"), lambda: trade.receive(order, 50)
    )
    assert results.count("wrong_state") == 1
    order.refresh_from_db()
    assert (order.state == OrderState.CANCELLED) == (not Delivery.objects.exists())


def test_two_orders_at_once_take_each_line_once(committing_db):
    trade = Trade()
    request = trade.approved()
    results = at_once(lambda: trade.order(request), lambda: trade.order(request))
    assert "ordered_already" in results
    assert PurchaseOrder.objects.count() == 1
