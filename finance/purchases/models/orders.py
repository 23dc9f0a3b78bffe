"""What happens after approval: orders to suppliers, and deliveries that people count.

An order takes lines of one approved request; each line stands in one order at most. Deliveries are only added
to. Triggers (migration 0004) add every counted line to what its order line has received and ask, even of a
plain INSERT, whether these people may order and receive (S104).
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.register.models import AssetCard, AssetCategory
from finance.purchases.models.lines import PurchaseLine
from finance.purchases.models.requests import PurchaseRequest
from finance.purchases.models.suppliers import Supplier
from houqin.files.models import StoredFile
from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet, of_schools
from houqin.web import search

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


class OrderState(models.TextChoices):
    """Where an order is; only actions assign it."""

    PLACED = "placed", _("ordered, nothing came yet")
    PARTLY = "partly", _("partly delivered")
    DELIVERED = "delivered", _("delivered")
    CLOSED = "closed", _("closed with a shortfall")
    CANCELLED = "cancelled", _("cancelled")


# Something is still to come.
OPEN_ORDERS = (OrderState.PLACED, OrderState.PARTLY)


class OrderQuerySet(SchoolQuerySet):
    """Orders."""

    def visible_to(self, user: Any) -> Self:
        """Keep those of schools whose orders `user` sees, and those one asked for or buys."""
        access = access_of(user)
        schools, reached = access.schools_with(PurchaseOrder.VIEW_PERMISSION), set(access.schools)
        if schools and schools == reached:
            return self.filter(of_schools(schools))
        own = Q(school_id__in=reached) & (Q(request__requester=user) | Q(buyer=user))
        return self.filter(Q(school_id__in=schools) | own)

    def open(self) -> Self:
        """Keep those of which something is still to come."""
        return self.filter(state__in=OPEN_ORDERS)

    def late(self) -> Self:
        """Keep the open ones whose promised day is over."""
        return self.open().filter(promised_on__lt=timezone.localdate())


@pghistory.track(exclude=["search_text", "search_pieces"])
class PurchaseOrder(models.Model):
    """An order (采购订单): these lines of an approved request, from this supplier, bought by this person."""

    VIEW_PERMISSION = "finance.view_orders"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    request = models.ForeignKey(
        PurchaseRequest, on_delete=models.PROTECT, related_name="orders", verbose_name=_("purchase request")
    )
    number = models.CharField(_("order number"), max_length=20)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="orders", verbose_name=_("supplier"))
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("buyer")
    )
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("order written by")
    )
    ordered_on = models.DateField(_("ordered on"), default=timezone.localdate)
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    note = models.CharField(_("words for the supplier"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=OrderState.choices, default=OrderState.PLACED)
    total = models.DecimalField(_("order total"), max_digits=14, decimal_places=2)
    end_reason = models.CharField(_("why it ended early"), max_length=300, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    search_text = models.TextField(blank=True, editable=False)
    search_pieces = search.search_pieces_field()

    objects: ClassVar[OrderQuerySet] = OrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="finance_purchaseorder_number"),
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="finance_purchaseorder_state"),
            models.CheckConstraint(condition=Q(total__gte=0), name="finance_purchaseorder_total"),
            models.CheckConstraint(
                condition=Q(promised_on__isnull=True) | Q(promised_on__gte=F("ordered_on")),
                name="finance_purchaseorder_promised",
                violation_error_message=_("The promised day is before the day of the order."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["closed", "cancelled"]) | ~Q(end_reason=""),
                name="finance_purchaseorder_reason",
                violation_error_message=_("Say why the order ends."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["placed", "partly"], ended_at__isnull=True)
                | Q(state__in=["delivered", "closed", "cancelled"], ended_at__isnull=False),
                name="finance_purchaseorder_ended",
            ),
        ]
        indexes = [
            # the list of one school and of all, newest first
            models.Index(fields=["school", "ordered_on", "id"], name="finance_order_school_date"),
            models.Index(fields=["ordered_on", "id"], name="finance_order_date"),
            # chips; what is to come and what is late
            models.Index(fields=["school", "state", "ordered_on", "id"], name="finance_order_state"),
            models.Index(
                fields=["school", "promised_on"],
                name="finance_order_promised",
                condition=Q(state__in=["placed", "partly"]),
            ),
            # what a buyer has to fetch
            models.Index(fields=["buyer", "ordered_on", "id"], name="finance_order_buyer"),
            GinIndex(fields=["search_pieces"], name="finance_order_search"),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.write_search()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("finance:purchases:order", args=[self.pk])

    def write_search(self) -> None:
        """Write what the search box finds: numbers, what it is, from whom, who buys."""
        self.search_text = search.search_text(
            self.number,
            self.request.number,
            self.request.title,
            self.supplier.name,
            self.buyer.display_name,
            phonetic=(self.request.title, self.supplier.name, self.buyer.display_name),
        )

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self.state in OPEN_ORDERS

    @property
    def is_late(self) -> bool:
        """Whether the promised day is over and something is still to come."""
        return self.is_open and self.promised_on is not None and self.promised_on < timezone.localdate()


class OrderLine(models.Model):
    """A line of the request in an order, at the agreed price; counts what came and was in order."""

    SHOWN_WITH = "order"

    order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="lines", verbose_name=_("order"))
    line = models.ForeignKey(
        PurchaseLine, on_delete=models.PROTECT, related_name="order_lines", verbose_name=_("line of the request")
    )
    quantity = models.DecimalField(
        _("quantity ordered"), max_digits=10, decimal_places=2, validators=[MinValueValidator(CENT)]
    )
    unit_price = models.DecimalField(
        _("agreed price"), max_digits=12, decimal_places=2, validators=[MinValueValidator(ZERO)]
    )
    # Written by a trigger as deliveries are counted: what came, without the faulty pieces.
    accepted = models.DecimalField(_("accepted"), max_digits=10, decimal_places=2, default=ZERO, editable=False)
    # On which class of the register equipment goes; the request's, or what the office chose when ordering.
    category = models.ForeignKey(
        AssetCategory,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asset category"),
    )
    # Off when the order was cancelled: the line may be ordered anew.
    is_live = models.BooleanField(default=True, editable=False)
    # The lot on the register that this line became; equipment only.
    card = models.ForeignKey(
        AssetCard,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("asset card"),
    )

    class Meta:
        verbose_name = _("line of an order")
        verbose_name_plural = _("lines of orders")
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(is_live=True),
                name="finance_orderline_once",
                violation_error_message=_("This line is ordered already."),
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0, unit_price__gte=0), name="finance_orderline_figures"),
            models.CheckConstraint(
                condition=Q(accepted__gte=0, accepted__lte=F("quantity")),
                name="finance_orderline_not_over",
                violation_error_message=_("More than was ordered cannot be accepted."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.line_id}"

    @property
    def outstanding(self) -> Decimal:
        """What is still to come."""
        return self.quantity - self.accepted

    @property
    def amount(self) -> Decimal:
        """What the whole line costs."""
        return self.value_of(self.quantity)

    @property
    def accepted_amount(self) -> Decimal:
        """What came so far is worth."""
        return self.value_of(self.accepted)

    def value_of(self, quantity: Decimal) -> Decimal:
        """Return the price of a quantity in yuan and cents."""
        return (quantity * self.unit_price).quantize(CENT, rounding=ROUND_HALF_UP)


class Delivery(models.Model):
    """What came on a day, counted by somebody who neither asked, signed nor bought. Insert-only."""

    APPEND_ONLY = True
    SHOWN_WITH = "order"

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("order")
    )
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    received_on = models.DateField(_("received on"), default=timezone.localdate)
    counted_at = models.DateTimeField(_("counted at"), default=timezone.now)
    note_photo = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("photo of the delivery note"),
    )
    faults = models.CharField(_("faults"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            # who received what
            models.Index(fields=["received_by", "counted_at"], name="finance_delivery_receiver"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.received_on}"

    @property
    def day(self) -> date:
        """The day on which it came."""
        return self.received_on


class DeliveryLine(models.Model):
    """How many of a line came, and how many of these were faulty and went back. Insert-only."""

    APPEND_ONLY = True
    SHOWN_WITH = "delivery"

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="lines", verbose_name=_("delivery"))
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("line of the order")
    )
    counted = models.DecimalField(_("counted"), max_digits=10, decimal_places=2)
    faulty = models.DecimalField(_("of these faulty"), max_digits=10, decimal_places=2, default=ZERO)

    class Meta:
        verbose_name = _("line of a delivery")
        verbose_name_plural = _("lines of deliveries")
        constraints = [
            models.UniqueConstraint(fields=["delivery", "order_line"], name="finance_deliveryline_once"),
            models.CheckConstraint(
                condition=Q(counted__gt=0, faulty__gte=0, faulty__lte=F("counted")),
                name="finance_deliveryline_figures",
                violation_error_message=_("No more can be faulty than came."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted} − {self.faulty}"

    @property
    def accepted(self) -> Decimal:
        """What came and was in order."""
        return self.counted - self.faulty
