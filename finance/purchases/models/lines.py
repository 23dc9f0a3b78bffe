"""What is asked for, line by line, with the quotes and files that speak for its price."""

from decimal import Decimal
from typing import Any

import pghistory
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.register.models import AssetCategory
from finance.purchases.models.requests import ZERO, PurchaseRequest
from houqin.files.models import StoredFile

CENT = Decimal("0.01")
MOST_QUOTES = 3
# What the columns of amounts hold.
MOST_YUAN = Decimal(10) ** 12


@pghistory.track()
class PurchaseLine(models.Model):
    """One thing to buy: how many, at which price, and what the market asks for it."""

    request = models.ForeignKey(
        PurchaseRequest, on_delete=models.CASCADE, related_name="lines", verbose_name=_("purchase request")
    )
    position = models.PositiveSmallIntegerField(_("place in the list"))
    name = models.CharField(_("item"), max_length=60)
    specification = models.CharField(_("specification"), max_length=100, blank=True, default="")
    unit = models.CharField(_("unit"), max_length=10)
    quantity = models.DecimalField(_("quantity"), max_digits=10, decimal_places=2, validators=[MinValueValidator(CENT)])
    unit_price = models.DecimalField(
        _("estimated unit price"), max_digits=12, decimal_places=2, default=ZERO, validators=[MinValueValidator(ZERO)]
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, editable=False)
    market_price = models.DecimalField(
        _("market price"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(CENT)]
    )
    market_source = models.CharField(_("where this price is seen"), max_length=100, blank=True, default="")
    # The price to compare with: the lowest of quotes and market price; written with the quotes.
    reference_price = models.DecimalField(
        _("price to compare with"), max_digits=12, decimal_places=2, null=True, editable=False
    )
    over_market_reason = models.CharField(_("why it is dearer"), max_length=300, blank=True, default="")
    # The last price paid for the same thing at this school when it was submitted, so that signers see what was signed.
    last_price = models.DecimalField(_("last own price"), max_digits=12, decimal_places=2, null=True, editable=False)
    last_bought_on = models.DateField(_("last bought on"), null=True, editable=False)
    is_equipment = models.BooleanField(_("goes into the register"), default=False)
    category = models.ForeignKey(
        AssetCategory,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asset category"),
    )

    class Meta:
        verbose_name = _("line of a purchase")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "position"],
                name="finance_purchaseline_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="finance_purchaseline_quantity",
                violation_error_message=_("The quantity must be above zero."),
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0) & (Q(market_price__isnull=True) | Q(market_price__gt=0)),
                name="finance_purchaseline_price",
                violation_error_message=_("Amounts cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(amount=Round(F("quantity") * F("unit_price"), precision=2)),
                name="finance_purchaseline_amount",
                violation_error_message=_("The amount is quantity times unit price."),
            ),
            # The register counts whole things.
            models.CheckConstraint(
                condition=Q(is_equipment=False) | Q(quantity=Round(F("quantity"), precision=0)),
                name="finance_purchaseline_whole",
                violation_error_message=_("Things for the register are counted in whole numbers."),
            ),
        ]
        indexes = [
            # the last own price of the same thing
            models.Index(fields=["name", "request"], name="finance_purchaseline_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.amount = (self.quantity * self.unit_price).quantize(CENT, rounding="ROUND_HALF_UP")
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "amount"}
        super().save(*args, **kwargs)

    @property
    def is_over_market(self) -> bool:
        """Whether it costs more than the market asks (S105)."""
        return self.reference_price is not None and self.unit_price > self.reference_price

    @property
    def market_difference(self) -> Decimal | None:
        """How much dearer than the market one piece is; negative when it is cheaper."""
        return None if self.reference_price is None else self.unit_price - self.reference_price

    @property
    def last_difference(self) -> Decimal | None:
        """How much dearer than last time one piece is; negative when it is cheaper."""
        return None if self.last_price is None else self.unit_price - self.last_price


@pghistory.track()
class Quote(models.Model):
    """What one supplier asks for one line; up to three."""

    line = models.ForeignKey(
        PurchaseLine, on_delete=models.CASCADE, related_name="quotes", verbose_name=_("line of a purchase")
    )
    position = models.PositiveSmallIntegerField(_("place in the list"))
    supplier_name = models.CharField(_("supplier"), max_length=60)
    price = models.DecimalField(
        _("quoted unit price"), max_digits=12, decimal_places=2, validators=[MinValueValidator(CENT)]
    )
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("quote as a file")
    )

    class Meta:
        verbose_name = _("quote")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["line", "position"], name="finance_quote_position"),
            models.UniqueConstraint(
                fields=["line", "supplier_name"],
                name="finance_quote_supplier",
                violation_error_message=_("Each supplier quotes once."),
            ),
            models.CheckConstraint(
                condition=Q(position__range=(1, MOST_QUOTES)),
                name="finance_quote_three",
                violation_error_message=_("At most three quotes are compared."),
            ),
            models.CheckConstraint(condition=Q(price__gt=0), name="finance_quote_price"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_name} {self.price}"


class PurchaseFile(models.Model):
    """A photo or a document that belongs to the request as a whole: what is broken, an offer, a plan."""

    request = models.ForeignKey(
        PurchaseRequest, on_delete=models.CASCADE, related_name="files", verbose_name=_("purchase request")
    )
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))
    added_at = models.DateTimeField(_("added at"), default=timezone.now)

    class Meta:
        verbose_name = _("file of a purchase")
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.file_id}"
