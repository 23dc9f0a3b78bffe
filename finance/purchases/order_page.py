"""What the pages of a purchase and of an order show of orders: state, next step, what came, hindrances in words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.purchases.delivery_actions import require_receiver
from finance.purchases.models import (
    OPEN_ORDERS,
    Delivery,
    DeliveryLine,
    OrderLine,
    OrderState,
    PurchaseOrder,
    PurchaseRequest,
    State,
)
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.web.moments import day, stamp
from houqin.web.record_page import Button, NextStep
from houqin.web.templatetags.houqin import badge, money

Text = str | Promise

# Tone and glyph of each state.
LOOKS: dict[str, tuple[str, str]] = {
    OrderState.PLACED: ("doing", "planned"),
    OrderState.PARTLY: ("doing", "doing"),
    OrderState.DELIVERED: ("done", "done"),
    OrderState.CLOSED: ("off", "locked"),
    OrderState.CANCELLED: ("off", "returned"),
}


# What a row of the list shows, and nothing else.
ROW_VALUES = (
    "pk",
    "number",
    "state",
    "total",
    "ordered_on",
    "promised_on",
    "request__title",
    "supplier__name",
    "buyer__display_name",
    "school__name",
)


def look(order: PurchaseOrder) -> tuple[str, str, Text]:
    """Return tone, glyph and words of an order's badge."""
    return _look(order.state, is_late=order.is_late)


def _look(state: str, *, is_late: bool) -> tuple[str, str, Text]:
    words = OrderState(state).label
    return ("late", "late", format_lazy(_("{state}, late"), state=words)) if is_late else (*LOOKS[state], words)


def ready(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the values of the list's template, row by row."""
    today = timezone.localdate()
    before, after = reverse("finance:purchases:order", args=[0]).split("0")
    return [
        {
            "number": row["number"],
            "url": f"{before}{row['pk']}{after}",
            "title": row["request__title"],
            "school": row["school__name"],
            "supplier": row["supplier__name"],
            "badge": badge(*_look(row["state"], is_late=_is_late(row, today))),
            "buyer": row["buyer__display_name"],
            "total": money(row["total"]),
            "promised": stamp(row["promised_on"], this_year=today.year) if row["promised_on"] else "",
        }
        for row in rows
    ]


def _is_late(row: dict[str, Any], today: date) -> bool:
    return row["state"] in OPEN_ORDERS and row["promised_on"] is not None and row["promised_on"] < today


@dataclass(frozen=True, slots=True)
class Came:
    """A delivery with its lines, as the page tells it."""

    delivery: Delivery
    lines: Sequence[DeliveryLine]


@dataclass(slots=True)
class ShownOrder:
    """An order with its lines and deliveries, read together."""

    order: PurchaseOrder
    look: tuple[str, str, Text]
    lines: list[OrderLine] = field(default_factory=list)
    deliveries: list[Came] = field(default_factory=list)

    @property
    def accepted_amount(self) -> Decimal:
        """What came so far is worth."""
        return sum((line.accepted_amount for line in self.lines), Decimal("0.00"))


def shown_orders(orders: Sequence[PurchaseOrder]) -> list[ShownOrder]:
    """Return orders with what belongs to them. Three queries, however many orders."""
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    rows = OrderLine.objects.filter(order__in=orders).select_related("line", "card")
    for line in rows.order_by("line__position", "pk"):
        lines[line.order_id].append(line)
    came: dict[int, list[Came]] = defaultdict(list)
    deliveries = Delivery.objects.filter(order__in=orders).select_related("received_by", "note_photo")
    counted = Prefetch("lines", DeliveryLine.objects.select_related("order_line__line").order_by("pk"))
    for delivery in deliveries.prefetch_related(counted).order_by("counted_at", "pk"):
        came[delivery.order_id].append(Came(delivery, list(delivery.lines.all())))
    return [ShownOrder(order, look(order), lines[order.pk], came[order.pk]) for order in orders]


def context(purchase: PurchaseRequest, user: User) -> dict[str, Any]:
    """Return what "finance/purchases/_orders.html" draws on a purchase's page. At most seven queries."""
    orders = PurchaseOrder.objects.filter(request=purchase).select_related("supplier", "buyer").order_by("pk")
    shown = shown_orders(list(orders))
    is_open = purchase.state in (State.APPROVED, State.ORDERED)
    may_order = is_open and user.has_perm("finance.order_purchase", purchase)
    live = {line.line_id for one in shown for line in one.lines if line.is_live}
    unordered = purchase.lines.exclude(pk__in=live).count() if may_order else 0
    return {
        "orders": shown,
        "may_order": bool(unordered),
        "unordered": unordered,
        "may_close_purchase": may_order,
        "may_receive": is_open and user.has_perm("finance.receive_delivery", purchase) and _is_apart(purchase, user),
        "may_see_register": user.has_perm("assets.view_register", purchase),
    }


def _is_apart(purchase: PurchaseRequest, user: User) -> bool:
    """Say whether `user` neither asked for it nor signed it (S104). One query."""
    return user.pk != purchase.requester_id and user.pk not in purchase.signer_ids()


def list_context(user: User, school: Any) -> dict[str, Any]:
    """Return what the list of purchases offers besides: further exports of what it shows, the import of a plan."""
    return {
        "more_exports": [
            ("finance.purchase_lines", _("Their lines as Excel")),
            ("finance.purchase_exceptions", _("The urgent and dear ones as Excel")),
        ],
        "may_import_plan": user.has_perm("finance.import_purchase_plan", school),
    }


def order_context(order: PurchaseOrder, user: User) -> dict[str, Any]:
    """Return what an order's own page draws."""
    shown = shown_orders([order])[0]
    may_order = order.is_open and user.has_perm("finance.order_purchase", order)
    return {
        "shown": shown,
        "look": shown.look,
        "next": next_step(order, user),
        "may_cancel": may_order and order.state == OrderState.PLACED,
        "may_close": may_order,
        "may_see_request": PurchaseRequest.objects.visible_to(user).filter(pk=order.request_id).exists(),
        "may_see_register": user.has_perm("assets.view_register", order),
        "facts": [order.supplier.name, format_lazy(_("buyer {name}"), name=str(order.buyer)), day(order.ordered_on)],
    }


def next_step(order: PurchaseOrder, user: User) -> NextStep | None:
    """Return what happens next with an order: counting what comes, or why this person does not count."""
    if not order.is_open:
        return None
    title: Text = _("Next: count what comes")
    if not user.has_perm("finance.receive_delivery", order):
        return NextStep(title, _("Whoever keeps a store or an office counts it, not who asked, signed or bought."))
    hindrance = receiving_hindrance(order, user)
    if hindrance:
        return NextStep(title, hindrance)
    url = reverse("finance:purchases:receive", args=[order.pk])
    promised = format_lazy(_("Promised for {day}."), day=day(order.promised_on)) if order.promised_on else ""
    return NextStep(title, promised, [Button(_("Count what came"), url, "primary", "checklist", post=False)])


def receiving_hindrance(order: PurchaseOrder, user: User) -> Text:
    """Return why `user` may not count this order (S104), empty when nothing stands against it."""
    try:
        require_receiver(order, user)
    except Refused as refusal:
        return refusal.sentence
    return ""
