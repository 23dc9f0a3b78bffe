"""The demo's orders: desks that came and stand on the register, paper of which half is still to come."""

from decimal import Decimal
from typing import TextIO

from django.db import transaction

from assets.register.models import AssetCategory
from finance.purchases import order_actions, supplier_actions
from finance.purchases.delivery_actions import Counted, receive
from finance.purchases.models import PurchaseOrder, PurchaseRequest, State, Supplier
from finance.purchases.order_forms import possible_buyers
from houqin.accounts.models import User
from houqin.schools.models import School
from houqin.schools.people import people_with
from houqin.schools.roles import Role

CAMPUS = "黄竹林学校"
SUPPLIERS = (
    ("兴达家具", "马兴达", "13900010001"),
    ("县城文具批发市场", "周丽", "13900010002"),
    ("宏图校具", "何志宏", "13900010003"),
)
DESKS, PAPER = "补充课桌椅", "第四季度办公用纸和粉笔"


@transaction.atomic
def load(out: TextIO) -> None:
    """Order and receive what the demo's purchases have approved; what is there stays as it is."""
    school = School.objects.filter(name=CAMPUS).first()
    if school is None or PurchaseOrder.objects.filter(school=school).exists():
        return
    head = people_with("finance.order_purchase", school).order_by("pk").first()
    receiver = User.objects.filter(memberships__school=school, memberships__role=Role.MAINTAINER).order_by("pk").first()
    if head is None or receiver is None:
        return
    sellers = [_supplier(school, head, *facts) for facts in SUPPLIERS]
    orders = [
        _order(school, head, receiver, DESKS, sellers[0], part=Decimal(1)),
        _order(school, head, receiver, PAPER, sellers[1], part=Decimal("0.5")),
    ]
    out.write(f"orders: {sum(order is not None for order in orders)}")


def _supplier(school: School, by: User, name: str, contact: str, phone: str) -> Supplier:
    supplier = Supplier(name=name, contact=contact, phone=phone)
    return supplier_actions.enter_supplier(supplier, by=by, school=school)


def _order(
    school: School, by: User, receiver: User, title: str, supplier: Supplier, *, part: Decimal
) -> PurchaseOrder | None:
    """Order a request and let a part of each line come."""
    request = PurchaseRequest.objects.filter(school=school, title=title, state=State.APPROVED).first()
    if request is None:
        return None
    buyer = possible_buyers(request, by=by).exclude(pk=receiver.pk).first()
    if buyer is None:
        return None
    lines = request.lines.select_related("category").order_by("position")
    desk = AssetCategory.objects.get(code="A05010203")
    wanted = [order_actions.Wanted(line, line.unit_price, line.category or desk) for line in lines]
    order = order_actions.order(request, by=by, supplier=supplier, buyer=buyer, lines=wanted)
    counts = [Counted(line, (line.quantity * part).to_integral_value()) for line in order.lines.order_by("pk")]
    receive(order, by=receiver, counts=counts)
    return order
