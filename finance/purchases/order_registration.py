"""What orders and deliveries hand up to the ground floor and the register; called once by FinanceConfig.ready()."""

from collections.abc import Sequence
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from assets.register import card_page
from assets.register.models import AssetCard
from finance.purchases import order_demo
from finance.purchases.models import Delivery, OrderLine, PurchaseOrder, PurchaseRequest
from finance.purchases.order_exports import ALL
from finance.purchases.plan_imports import PURCHASE_PLAN
from houqin.accounts.models import User
from houqin.exports import registry as exports
from houqin.files import access as file_access
from houqin.files.models import StoredFile
from houqin.history import labels
from houqin.imports import registry as imports
from houqin.schools import demo as demo_loaders
from houqin.schools import handover, renames
from houqin.web import navigation
from houqin.web.counts import Narrowed, Where
from houqin.web.moments import day

ACTIONS = {
    "order_purchase": _("ordered from a supplier"),
    "cancel_order": _("cancelled an order"),
    "receive_delivery": _("counted a delivery"),
    "close_order": _("closed an order with a shortfall"),
    "close_purchase": _("closed a purchase"),
    "enter_supplier": _("entered a supplier"),
    "change_supplier": _("changed a supplier"),
}
# How far a way back is followed through lots that were split; nobody splits more often.
SPLITS = 10
BATCH = 500


def register() -> None:
    """Register exports, the import, navigation, files, names that are repeated, the way back from asset cards."""
    for export in ALL:
        exports.register(export)
    imports.register(PURCHASE_PLAN)
    navigation.register(
        navigation.NavEntry(
            name="orders",
            label=_("Orders and deliveries"),
            icon="package",
            url_name="finance:purchases:orders",
            order=11,
            group=2,
            permission="finance.view_orders",
            count=to_come,
        )
    )
    file_access.register("purchase_deliveries", may_see)
    renames.register("purchase_orders", write_names_anew)
    handover.register("purchase_orders", _("orders on their way"), open_things)
    card_page.register("purchases", about_card)
    for code, label in ACTIONS.items():
        labels.register(f"finance.{code}", label)
    demo_loaders.register("purchase_orders", 250, order_demo.load)


TO_COME = Where(lambda orders, _person, _now: orders.open())


def to_come(user: User, school: Any) -> Narrowed:
    """Return the rows that the navigation's badge counts: what is still to be delivered."""
    return Narrowed(PurchaseOrder.objects.visible_to(user).at(school), TO_COME, user)


def open_things(person: User) -> Sequence[handover.OpenThing]:
    """Return the orders that a leaver still has to fetch."""
    orders = PurchaseOrder.objects.open().filter(buyer=person).select_related("request").order_by("pk")
    return [
        handover.OpenThing(f"{order.number}　{order.request.title}", order.get_absolute_url()) for order in orders[:200]
    ]


def may_see(user: User, file: StoredFile) -> bool:
    """Say whether `file` is the photo of a delivery note of an order that `user` may see."""
    visible = PurchaseOrder.objects.visible_to(user)
    return Delivery.objects.filter(note_photo=file, order__in=visible).exists()


def write_names_anew(kind: str, ids: Sequence[int]) -> None:
    """Write the search texts anew of orders whose buyer has a new name."""
    if kind != "person":
        return
    orders = PurchaseOrder.objects.filter(buyer__in=ids).select_related("request", "supplier", "buyer").order_by("pk")
    last = 0
    while batch := list(orders.filter(pk__gt=last)[:BATCH]):
        for order in batch:
            order.write_search()
        PurchaseOrder.objects.bulk_update(batch, ["search_text"])
        last = batch[-1].pk


def about_card(user: Any, card: AssetCard) -> card_page.Lines | None:
    """Show on a card's page where the thing was bought: the request, and the order as far as `user` may see them."""
    line = _line_of(card)
    if line is None:
        return None
    order, purchase = line.order, line.order.request
    rows: list[tuple[Any, Any, str]] = []
    if PurchaseRequest.objects.visible_to(user).filter(pk=purchase.pk).exists():
        said = format_lazy(_("requested by {name}"), name=str(purchase.requester))
        rows.append((f"{purchase.number}　{purchase.title}", said, purchase.get_absolute_url()))
    if PurchaseOrder.objects.visible_to(user).filter(pk=order.pk).exists():
        said = format_lazy("{}　{}", order.supplier.name, day(order.ordered_on))
        rows.append((order.number, said, order.get_absolute_url()))
    return card_page.Lines(_("How it was bought"), rows) if rows else None


def _line_of(card: AssetCard) -> OrderLine | None:
    """Return the order line that a card came from, also when it was split off a lot."""
    at: AssetCard | None = card
    for _step in range(SPLITS):
        if at is None:
            return None
        # Most cards were not bought here: asking for the key alone costs a quarter of asking for all that is shown.
        found = OrderLine.objects.filter(card=at).order_by("pk").values_list("pk", flat=True).first()
        if found is not None:
            return OrderLine.objects.select_related("order__supplier", "order__request__requester").get(pk=found)
        at = at.split_from
    return None
