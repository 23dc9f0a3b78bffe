"""The smallest valid suppliers, orders and deliveries, and the people who buy and count."""

from decimal import Decimal
from itertools import count
from typing import Any

from finance.purchases import delivery_actions, order_actions
from finance.purchases.models import Delivery, OrderState, PurchaseOrder, PurchaseRequest, State, Supplier
from finance.purchases.models.suppliers import tree_id
from houqin.schools.models import School
from tests.assets.register_factories import category
from tests.finance.purchase_factories import Buyers, desks
from tests.schools.factories import make_person

_numbers = count(1)


def make_supplier(school: School, **fields: Any) -> Supplier:
    """A supplier of the tree of `school`."""
    return Supplier.objects.create(**{"school_id": tree_id(school), "name": f"供应商{next(_numbers)}"} | fields)


def new_desks(**fields: Any) -> Any:
    """50 desks at 218 yuan, which the central school signs as well, for the register."""
    values = {
        "name": "新课桌",
        "unit": "套",
        "quantity": Decimal(50),
        "unit_price": Decimal("218.00"),
        "market_price": Decimal("220.00"),
        "is_equipment": True,
        "category": category("A05010203"),
    }
    return desks(**values | fields)


def paper(**fields: Any) -> Any:
    """20 boxes of paper at 120 yuan, which are used up."""
    values = {
        "name": "复印纸",
        "unit": "箱",
        "quantity": Decimal(20),
        "unit_price": Decimal("120.00"),
        "market_price": Decimal("120.00"),
    }
    return desks(**values | fields)


class Trade(Buyers):
    """Everybody of a purchase, with a buyer, two receivers and a supplier."""

    def __init__(self, school: School | None = None) -> None:
        super().__init__(school)
        self.buyer = make_person(self.school, "staff")
        self.receiver = make_person(self.school, "maintainer")
        self.second = make_person(self.school, "cashier")
        self.supplier = make_supplier(self.school)

    def approved(self, *lines: Any, **fields: Any) -> PurchaseRequest:
        """An approved request: 50 desks unless lines are named."""
        return self.request(State.APPROVED, lines=list(lines or [new_desks()]), **fields)

    def order(self, request: PurchaseRequest | None = None, **fields: Any) -> PurchaseOrder:
        """An order of all lines at the approved price."""
        request = request or self.approved()
        values = {
            "by": self.head,
            "supplier": self.supplier,
            "buyer": self.buyer,
            "lines": [order_actions.Wanted(line, line.unit_price) for line in request.lines.order_by("position")],
        }
        return order_actions.order(request, **values | fields)

    def receive(self, order: PurchaseOrder, *counted: Any, **fields: Any) -> Delivery:
        """A delivery; `counted` are numbers or pairs with the faulty ones, in the order of the lines."""
        pairs = [one if isinstance(one, tuple) else (one, 0) for one in counted]
        lines = list(order.lines.order_by("line__position"))
        counts = [
            delivery_actions.Counted(line, Decimal(str(came)), Decimal(str(faulty)))
            for line, (came, faulty) in zip(lines, pairs, strict=False)
        ]
        return delivery_actions.receive(order, **{"by": self.receiver, "counts": counts} | fields)

    def order_in(self, state: str) -> PurchaseOrder:
        """An order that its actions have brought to `state`."""
        order = self.order()
        if state == OrderState.PARTLY:
            self.receive(order, 48)
        elif state == OrderState.DELIVERED:
            self.receive(order, 50)
        elif state == OrderState.CLOSED:
            order_actions.close_order(order, by=self.head, reason="厂家停产")
        elif state == OrderState.CANCELLED:
            order_actions.cancel_order(order, by=self.head, reason="换一家")
        order.refresh_from_db()
        assert order.state == state
        return order
