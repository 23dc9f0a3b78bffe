"""Receive what was ordered: count it, note faults, spend the money, put equipment on the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assets.register import actions as register
from assets.register.models import AssetCard
from finance.budgets import actions as budgets
from finance.purchases.actions.steps import Verb, move, tell
from finance.purchases.models import SUBJECT_KIND, Delivery, DeliveryLine, OrderLine, OrderState, PurchaseOrder
from finance.purchases.order_actions import locked_order, release_rest, require_apart, require_open, state_after
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.files.actions import store_photo
from houqin.schools.permissions import require

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a line came, and how many of these are faulty and go back."""

    order_line: OrderLine
    counted: Decimal
    faulty: Decimal = ZERO


@transaction.atomic
def receive(
    order: PurchaseOrder,
    *,
    by: User,
    counts: Sequence[Counted],
    received_on: date | None = None,
    note_photo: UploadedFile | None = None,
    faults: str = "",
) -> Delivery:
    """Count a delivery, whole or in part; equipment joins its lot on the register, the money counts as spent.

    Faulty pieces still have to come. Raises WrongState, Refused "same_person_requester", "same_person_signer",
    "same_person_buyer", "received_in_future", "received_before_order", "nothing_counted", "foreign_line",
    "counted_twice", "faulty_over_counted", "over_ordered", "not_whole", "faults_missing" and what the files'
    and the register's actions raise.
    """
    order = locked_order(order)
    require(by, "finance.receive_delivery", order)
    require_open(order)
    require_receiver(order, by)
    day = received_on or timezone.localdate()
    _require_day(order, day)
    counts = [one for one in counts if one.counted > 0 or one.faulty > 0]
    lines = {
        line.pk: line for line in order.lines.select_for_update(of=("self",)).select_related("line", "category", "card")
    }
    _require_countable(counts, lines, faults)
    delivery = Delivery.objects.create(
        order=order,
        received_by=by,
        received_on=day,
        note_photo=store_photo(note_photo, school=order.school, by=by, field="note_photo") if note_photo else None,
        faults=faults.strip(),
    )
    value = _counted_value(delivery, counts, lines, by=by)
    if value:
        budgets.spend(SUBJECT_KIND, order.request_id, value, by=by)
    _finish(order, lines, counts, by=by)
    return delivery


def _counted_value(delivery: Delivery, counts: Sequence[Counted], lines: dict[int, OrderLine], *, by: User) -> Decimal:
    """Write what was counted, put equipment on the register; return what the good pieces are worth."""
    value = ZERO
    for one in counts:
        line = lines[one.order_line.pk]
        before = line.accepted_amount
        DeliveryLine.objects.create(delivery=delivery, order_line=line, counted=one.counted, faulty=one.faulty)
        # The trigger has counted it; two receivers at once have waited for each other's lock above.
        line.refresh_from_db(fields=["accepted"])
        value += line.accepted_amount - before
        if line.line.is_equipment and one.counted > one.faulty:
            pieces = int(one.counted - one.faulty)
            _put_on_register(line, pieces, order=delivery.order, day=delivery.received_on, by=by)
    return value


def require_receiver(order: PurchaseOrder, person: User) -> None:
    """Refuse who asked, signed or bought: somebody else counts what they bought (S104)."""
    require_apart(order.request, person)
    if person.pk == order.buyer_id:
        raise Refused(
            _("%(name)s bought it. Asking, approving, buying and receiving are done by different people."),
            code="same_person_buyer",
            params={"name": person},
        )


def _require_day(order: PurchaseOrder, day: date) -> None:
    if day > timezone.localdate():
        raise Refused(_("This day lies in the future."), code="received_in_future", field="received_on")
    if day < order.ordered_on:
        raise Refused(_("It was ordered after this day."), code="received_before_order", field="received_on")


def _require_countable(counts: Sequence[Counted], lines: dict[int, OrderLine], faults: str) -> None:
    if not counts:
        raise Refused(_("Count at least one line."), code="nothing_counted")
    if len({one.order_line.pk for one in counts}) < len(counts):
        raise Refused(_("Each line is counted once."), code="counted_twice")
    for one in counts:
        field = f"counted-{one.order_line.pk}"
        line = lines.get(one.order_line.pk)
        if line is None:
            raise Refused(_("This line belongs to another order."), code="foreign_line")
        if one.faulty > one.counted:
            raise Refused(_("No more can be faulty than came."), code="faulty_over_counted", field=field)
        if one.counted - one.faulty > line.outstanding:
            raise Refused(
                _("Only %(outstanding)s are still to come. Send back what is too much, or count again."),
                code="over_ordered",
                field=field,
                params={"outstanding": f"{line.outstanding.normalize():f}"},
            )
        is_whole = one.counted == int(one.counted) and one.faulty == int(one.faulty)
        if line.line.is_equipment and not is_whole:
            raise Refused(_("Things for the register are counted in whole numbers."), code="not_whole", field=field)
    if any(one.faulty for one in counts) and not faults.strip():
        raise Refused(_("Say what is wrong with the faulty ones."), code="faults_missing", field="faults")


def _put_on_register(line: OrderLine, quantity: int, *, order: PurchaseOrder, day: date, by: User) -> None:
    """Make the lot's card with what came first; what comes later joins it, so that one order line is one lot."""
    card = line.card
    if card is not None and card.use_status != AssetCard.UseStatus.DISPOSED:
        register.add_to_lot(card, quantity=quantity, by=by, reason=order.number)
        return
    wanted, category = line.line, line.category
    if category is None:  # no order of equipment is without one
        raise Refused(_("Choose the category of %(name)s."), code="category_missing", params={"name": wanted.name})
    line.card = register.take_in(
        AssetCard(
            school=order.school,
            category=category,
            name=wanted.name,
            specification=wanted.specification,
            unit=wanted.unit,
            quantity=quantity,
            unit_price=line.unit_price,
            acquired_on=day,
            acquisition_way=AssetCard.AcquisitionWay.PURCHASE,
            supplier=order.supplier.name,
            note=gettext("Purchase order %(number)s") % {"number": order.number},
        ),
        by=by,
    )
    line.save(update_fields=["card"])


def _finish(order: PurchaseOrder, lines: dict[int, OrderLine], counts: Sequence[Counted], *, by: User) -> None:
    """Write where order and request are now; when all came, free the money that was not needed."""
    is_whole = all(line.outstanding == 0 for line in lines.values())
    order.state = OrderState.DELIVERED if is_whole else OrderState.PARTLY
    order.ended_at = timezone.now() if is_whole else None
    order.save(update_fields=["state", "ended_at"])
    request = order.request
    came = "、".join(
        f"{lines[one.order_line.pk].line.name} {one.counted.normalize():f} {lines[one.order_line.pk].line.unit}"
        for one in counts
    )
    move(
        request,
        Verb.RECEIVE,
        by=by,
        code="finance.receive_delivery",
        state=state_after(request),
        note=f"{order.number}　{came}",
    )
    release_rest(request, by=by)
    title = _("What you asked for has come") if is_whole else _("Part of what you asked for has come")
    tell([request.requester], request, cause="delivered", title=title)
