"""What happens after approval: order from a supplier, cancel, close with a shortfall."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.register.models import AssetCategory
from finance.budgets import actions as budgets
from finance.purchases.actions.steps import Verb, locked, move, require_state, tell
from finance.purchases.models import (
    SUBJECT_KIND,
    OrderLine,
    OrderState,
    PurchaseLine,
    PurchaseOrder,
    PurchaseRequest,
    State,
    Supplier,
)
from finance.purchases.models.suppliers import tree_id
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.models import Membership
from houqin.schools.numbers import next_number
from houqin.schools.permissions import require

NUMBER_PREFIX = "DD"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of the request to order, at the price agreed with the supplier."""

    line: PurchaseLine
    unit_price: Decimal
    # Where equipment stands on the register; only needed when the request does not say it.
    category: AssetCategory | None = None


@transaction.atomic
def order(
    request: PurchaseRequest,
    *,
    by: User,
    supplier: Supplier,
    buyer: User,
    lines: Sequence[Wanted],
    promised_on: date | None = None,
    note: str = "",
) -> PurchaseOrder:
    """Order lines of an approved request from a supplier; lines of the rest may go to others.

    Raises WrongState, Refused "same_person_requester", "same_person_signer", "buyer_without_post",
    "supplier_elsewhere", "supplier_inactive", "promised_in_past", "no_line", "foreign_line", "ordered_already",
    "above_approved_price", "price_missing", "category_missing" or "category_not_registered".
    """
    request = locked(request)
    require(by, "finance.order_purchase", request)
    require_state(request, State.APPROVED, State.ORDERED)
    require_apart(request, buyer, field="buyer")
    _require_post(buyer, request)
    _require_supplier(supplier, request)
    if promised_on is not None and promised_on < timezone.localdate():
        raise Refused(_("This day is over."), code="promised_in_past", field="promised_on")
    _require_orderable(request, lines)
    placed = _placed(request, supplier, lines, buyer=buyer, ordered_by=by, promised_on=promised_on, note=note.strip())
    move(
        request,
        Verb.ORDER,
        by=by,
        code="finance.order_purchase",
        state=State.ORDERED,
        note=f"{placed.number}　{supplier.name}",
    )
    tell([request.requester], request, cause="ordered", title=_("What you asked for is ordered"))
    if buyer.pk != by.pk:
        tell([buyer], request, cause=f"buyer:{placed.pk}", title=_("You are named as the buyer"))
    return placed


def _placed(request: PurchaseRequest, supplier: Supplier, lines: Sequence[Wanted], **said: Any) -> PurchaseOrder:
    """Write the order with its lines and their sum."""
    placed = PurchaseOrder.objects.create(
        school=request.school,
        request=request,
        number=next_number(request.school, NUMBER_PREFIX, at=timezone.now()),
        supplier=supplier,
        total=Decimal(0),
        **said,
    )
    written = [_line_of(placed, wanted) for wanted in lines]
    OrderLine.objects.bulk_create(written)
    placed.total = sum((line.amount for line in written), Decimal("0.00"))
    placed.save(update_fields=["total"])
    return placed


@transaction.atomic
def cancel_order(order: PurchaseOrder, *, by: User, reason: str) -> PurchaseOrder:
    """Cancel an order of which nothing came; its lines may be ordered anew.

    Raises WrongState once something was delivered, Refused "reason_missing".
    """
    order = locked_order(order)
    require(by, "finance.order_purchase", order)
    require_open(order, OrderState.PLACED)
    _require_reason(reason)
    order.lines.update(is_live=False)
    _end(order, OrderState.CANCELLED, reason)
    request = order.request
    still = OrderLine.objects.filter(order__request=request, is_live=True).exists()
    return _moved(order, Verb.CANCEL_ORDER, by, "finance.cancel_order", None if still else State.APPROVED, reason)


@transaction.atomic
def close_order(order: PurchaseOrder, *, by: User, reason: str) -> PurchaseOrder:
    """Close an order whose rest does not come any more; what came stays.

    Raises WrongState, Refused "reason_missing".
    """
    order = locked_order(order)
    require(by, "finance.order_purchase", order)
    require_open(order)
    _require_reason(reason)
    _end(order, OrderState.CLOSED, reason)
    _moved(order, Verb.CLOSE, by, "finance.close_order", state_after(order.request), reason)
    release_rest(order.request, by=by)
    return order


@transaction.atomic
def close_purchase(request: PurchaseRequest, *, by: User, reason: str) -> PurchaseRequest:
    """Close a purchase of which nothing more is bought: open orders end, the money left is free again.

    Raises WrongState, Refused "reason_missing".
    """
    request = locked(request)
    require(by, "finance.order_purchase", request)
    require_state(request, State.APPROVED, State.ORDERED)
    _require_reason(reason)
    for order in PurchaseOrder.objects.filter(request=request).open().select_for_update(of=("self",)):
        _end(order, OrderState.CLOSED, reason)
    move(request, Verb.CLOSE, by=by, code="finance.close_purchase", state=State.CLOSED, note=reason.strip())
    release_rest(request, by=by)
    tell([request.requester], request, cause="closed", title=_("The rest of your purchase is not bought any more"))
    return request


def locked_order(order: PurchaseOrder) -> PurchaseOrder:
    """Return the order as it is now, locked after its request: the order in which every action takes both."""
    request = locked(PurchaseRequest(pk=order.request_id))
    fresh = PurchaseOrder.objects.select_for_update(of=("self",)).select_related("school", "supplier").get(pk=order.pk)
    fresh.request = request
    return fresh


def require_open(order: PurchaseOrder, *states: OrderState) -> None:
    """Raise WrongState unless something is still to come, or the order is in one of `states`."""
    if order.state not in (states or (OrderState.PLACED, OrderState.PARTLY)):
        raise WrongState(
            _("This order is now “%(state)s”, so this step is no longer possible."),
            params={"state": order.get_state_display()},
        )


def require_apart(request: PurchaseRequest, person: User, *, field: str | None = None) -> None:
    """Refuse who asked for the purchase or signed it: four different people take part in it (S104)."""
    if person.pk == request.requester_id:
        raise Refused(
            _("%(name)s asked for it. Asking, approving, buying and receiving are done by different people."),
            code="same_person_requester",
            field=field,
            params={"name": person},
        )
    if person.pk in request.signer_ids():
        raise Refused(
            _("%(name)s signed it. Asking, approving, buying and receiving are done by different people."),
            code="same_person_signer",
            field=field,
            params={"name": person},
        )


def state_after(request: PurchaseRequest) -> State:
    """Return where a request is, by its orders: all came, the rest does not come, or something is to come."""
    orders = PurchaseOrder.objects.filter(request=request)
    if orders.open().exists():
        return State.ORDERED
    ordered = OrderLine.objects.filter(order__request=request, is_live=True).count()
    if ordered < request.lines.count():
        # Some lines were never ordered: their money stays reserved until somebody orders them or closes.
        return State.ORDERED if ordered else State.APPROVED
    return State.CLOSED if orders.filter(state=OrderState.CLOSED).exists() else State.DELIVERED


def release_rest(request: PurchaseRequest, *, by: User) -> None:
    """Give the money back that a purchase did not need, once nothing more can come."""
    if request.state in (State.DELIVERED, State.CLOSED):
        budgets.release(SUBJECT_KIND, request.pk, by=by)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Say why, so that everybody understands."), code="reason_missing", field="reason")


def _end(order: PurchaseOrder, state: OrderState, reason: str = "") -> None:
    order.state, order.end_reason, order.ended_at = state, reason.strip(), timezone.now()
    order.save(update_fields=["state", "end_reason", "ended_at"])


def _moved(order: PurchaseOrder, verb: str, by: User, code: str, state: State | None, reason: str) -> PurchaseOrder:
    move(order.request, verb, by=by, code=code, state=state, note=f"{order.number}　{reason.strip()}")
    return order


def _require_post(buyer: User, request: PurchaseRequest) -> None:
    schools = [request.school_id, *request.school.ancestor_ids]
    if not Membership.objects.current().filter(user=buyer, school__in=schools, user__is_active=True).exists():
        raise Refused(
            _("%(name)s holds no post at this school or above it."),
            code="buyer_without_post",
            field="buyer",
            params={"name": buyer},
        )


def _require_supplier(supplier: Supplier, request: PurchaseRequest) -> None:
    if supplier.school_id != tree_id(request.school):
        raise Refused(_("This supplier belongs to other schools."), code="supplier_elsewhere", field="supplier")
    if not supplier.is_active:
        raise Refused(
            _("The schools do not buy from this supplier any more."), code="supplier_inactive", field="supplier"
        )


def _require_orderable(request: PurchaseRequest, wanted: Sequence[Wanted]) -> None:
    """Refuse lines that are not the request's or are ordered already, and prices that nobody approved."""
    if not wanted:
        raise Refused(_("Choose at least one line."), code="no_line", field="lines")
    ids = [one.line.pk for one in wanted]
    ordered = set(OrderLine.objects.filter(line__in=ids, is_live=True).values_list("line_id", flat=True))
    for one in wanted:
        line = one.line
        if line.request_id != request.pk:
            raise Refused(_("This line belongs to another request."), code="foreign_line", field="lines")
        if line.pk in ordered:
            raise Refused(
                _("%(name)s is ordered already."), code="ordered_already", field="lines", params={"name": line.name}
            )
        if one.unit_price > line.unit_price:
            raise Refused(
                _("%(price)s yuan were approved for %(name)s. A higher price needs a new request."),
                code="above_approved_price",
                field=f"price-{line.pk}",
                params={"price": line.unit_price, "name": line.name},
            )
        if line.is_equipment:
            _require_registrable(one)


def _require_registrable(one: Wanted) -> None:
    """Refuse equipment that the register could not take when it comes."""
    line, category = one.line, one.category or one.line.category
    name = {"name": line.name}
    if one.unit_price <= 0:
        sentence, code, field = _("The register needs the price of %(name)s."), "price_missing", "price"
    elif category is None:
        sentence, code, field = _("Choose the category of %(name)s."), "category_missing", "category"
    elif category.kind == AssetCategory.Kind.NOT_FIXED_ASSET:
        sentence = _("%(name)s: this category holds goods that are used up. Choose another one.")
        code, field = "category_not_registered", "category"
    else:
        return
    raise Refused(sentence, code=code, field=f"{field}-{line.pk}", params=name)


def _line_of(order: PurchaseOrder, one: Wanted) -> OrderLine:
    category = (one.category or one.line.category) if one.line.is_equipment else None
    return OrderLine(
        order=order, line=one.line, quantity=one.line.quantity, unit_price=one.unit_price, category=category
    )
