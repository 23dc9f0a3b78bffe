"""Orders, deliveries and suppliers; suppliers are shared by the schools of a tree, so they carry no canary."""

from decimal import Decimal

from django.utils import timezone

from finance.purchases import actions
from finance.purchases.models import OrderLine, PurchaseOrder, PurchaseRequest
from tests.finance.budget_factories import make_line
from tests.finance.order_factories import make_supplier
from tests.finance.purchase_factories import desks
from tests.routes.table import FORM, Route, of
from tests.schools.factories import make_person


def plant(there):
    there.bought = actions.create(
        there.school,
        by=there.keeper,
        kind="equipment",
        title=f"{there.canary}讲台",
        purpose=there.canary,
        lines=[desks(name=f"{there.canary}讲台"), desks(name=f"{there.canary}黑板")],
        needed_on=timezone.localdate(),
        budget_line=make_line(there.school, detail=f"{there.canary}讲台", entered_by=there.keeper),
    )
    now = timezone.now()
    PurchaseRequest.objects.filter(pk=there.bought.pk).update(state="approved", submitted_at=now, approved_at=now)
    there.supplier = make_supplier(there.school)
    there.order = PurchaseOrder.objects.create(
        school=there.school,
        request=there.bought,
        number=f"DD-{there.bought.pk}",
        supplier=there.supplier,
        buyer=make_person(there.school, display_name=f"{there.canary}采购"),
        ordered_by=there.keeper,
        total=Decimal("1.00"),
    )
    line = there.bought.lines.first()
    OrderLine.objects.create(order=there.order, line=line, quantity=line.quantity, unit_price=line.unit_price)


def words(_there):
    return {"reason": "因为", "name": "新名字"}


BOUGHT, ORDER, SUPPLIER = of("bought"), of("order"), of("supplier")
READ, VIEW = "finance.view_purchases", "finance.view_orders"
BUY, COUNT = "finance.order_purchase", "finance.receive_delivery"

ROUTES = [
    Route("finance:purchases:print", may=READ, of=BOUGHT),
    Route("finance:purchases:comparison", may=READ, of=BOUGHT),
    Route("finance:purchases:order_create", FORM, BUY, of=BOUGHT),
    Route("finance:purchases:close_purchase", FORM, BUY, of=BOUGHT, data=words),
    Route("finance:purchases:orders", may=VIEW),
    Route("finance:purchases:order", may=VIEW, of=ORDER),
    Route("finance:purchases:order_print", may=VIEW, of=ORDER),
    Route("finance:purchases:receive", FORM, COUNT, of=ORDER),
    Route("finance:purchases:cancel_order", FORM, BUY, of=ORDER, data=words),
    Route("finance:purchases:close_order", FORM, BUY, of=ORDER, data=words),
    Route("finance:purchases:suppliers", may="finance.view_suppliers"),
    Route("finance:purchases:supplier_create", FORM, "finance.manage_suppliers", data=words),
    Route("finance:purchases:supplier_options", may=BUY),
    Route("finance:purchases:supplier_update", FORM, "finance.manage_suppliers", of=SUPPLIER, data=words, secret=True),
    Route("finance:purchases:price_history", may=READ),
]
