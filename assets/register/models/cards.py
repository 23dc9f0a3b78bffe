"""The asset card (固定资产卡片): what a thing is, what it cost, where it is and who keeps it."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assets.register.depreciation import Depreciation, straight_line
from assets.register.models.categories import MAX_YEARS, AssetCategory
from houqin.schools.models import Place, School
from houqin.schools.models.places import new_token
from houqin.schools.querysets import SchoolQuerySet
from houqin.web import search


class AssetCardQuerySet(SchoolQuerySet):
    """Asset cards of schools."""

    def on_register(self) -> "AssetCardQuerySet":
        """Keep the cards that are not disposed of."""
        return self.exclude(use_status=AssetCard.UseStatus.DISPOSED)

    def unplaced(self) -> "AssetCardQuerySet":
        """Keep what is on the register and stands at no place that is known here."""
        return self.on_register().filter(place__isnull=True)

    def within(self, place: int | str) -> "AssetCardQuerySet":
        """Keep what stands at the place of this id, or in a room of it, or in a corner of such a room."""
        return self.filter(Q(place=place) | Q(place__parent=place) | Q(place__parent__parent=place))


@pghistory.track(exclude=["search_text", "search_pieces"])
class AssetCard(models.Model):
    """A thing that moves alone, or a lot of like things bought together (`quantity` above one)."""

    VIEW_PERMISSION = "assets.view_register"

    class AcquisitionWay(models.TextChoices):
        PURCHASE = "purchase", _("bought new")
        SELF_BUILT = "self_built", _("built by the school")
        TRANSFER = "transfer", _("allotted")
        DONATION = "donation", _("donated")
        EXCHANGE = "exchange", _("exchanged")
        SURPLUS = "surplus", _("found in a stocktake")
        OTHER = "other", _("other")

    class ProcurementForm(models.TextChoices):
        GOVERNMENT = "government", _("central government procurement")
        DEPARTMENT = "department", _("central procurement of the department")
        DISPERSED = "dispersed", _("dispersed procurement")

    class ValueType(models.TextChoices):
        ORIGINAL = "original", _("original cost")
        ESTIMATED = "estimated", _("estimated value")
        REPLACEMENT = "replacement", _("replacement cost")
        APPRAISED = "appraised", _("appraised value")
        NOMINAL = "nominal", _("nominal amount")

    class FundSource(models.TextChoices):
        FISCAL = "fiscal", _("fiscal funds")
        NON_FISCAL = "non_fiscal", _("non-fiscal funds")

    class UseStatus(models.TextChoices):
        IN_USE = "in_use", _("in use")
        IDLE = "idle", _("idle")
        AWAITING_REPAIR = "awaiting_repair", _("awaiting repair")
        AWAITING_SCRAP = "awaiting_scrap", _("awaiting scrap")
        RENTED_OUT = "rented_out", _("rented or lent out")
        DISPOSED = "disposed", _("disposed of")

    class Purpose(models.TextChoices):
        TEACHING = "teaching", _("teaching")
        ADMINISTRATION = "administration", _("administration")
        LOGISTICS = "logistics", _("logistics")
        OTHER = "other", _("other")

    # basic
    # No index of its own: several that are wider begin with it.
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="asset_cards", verbose_name=_("school"), db_index=False
    )
    number = models.CharField(_("asset number"), max_length=40, blank=True)
    category = models.ForeignKey(
        AssetCategory, on_delete=models.PROTECT, related_name="cards", verbose_name=_("asset category")
    )
    name = models.CharField(_("asset name"), max_length=60)
    specification = models.CharField(_("specification"), max_length=100, blank=True)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    model = models.CharField(_("model"), max_length=60, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=60, blank=True)
    unit = models.CharField(_("unit"), max_length=10)
    quantity = models.PositiveIntegerField(_("quantity"), default=1, validators=[MinValueValidator(1)])
    acquisition_way = models.CharField(
        _("way of acquisition"), max_length=10, choices=AcquisitionWay.choices, default=AcquisitionWay.PURCHASE
    )
    acquired_on = models.DateField(_("acquisition date"))
    procurement_form = models.CharField(_("procurement"), max_length=10, choices=ProcurementForm.choices, blank=True)
    supplier = models.CharField(_("supplier"), max_length=100, blank=True)
    invoice_number = models.CharField(_("invoice number"), max_length=40, blank=True)
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)
    old_code = models.CharField(_("old code"), max_length=40, blank=True)
    extra = models.JSONField(_("more facts"), default=dict, blank=True)
    # financial
    value_type = models.CharField(
        _("type of value"), max_length=12, choices=ValueType.choices, default=ValueType.ORIGINAL
    )
    unit_price = models.DecimalField(
        _("unit price"), max_digits=14, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    original_cost = models.DecimalField(_("original cost"), max_digits=16, decimal_places=2)
    fund_source = models.CharField(_("fund source"), max_length=10, choices=FundSource.choices, blank=True)
    booked_on = models.DateField(_("booked on"), null=True, blank=True)
    voucher_number = models.CharField(_("voucher number"), max_length=40, blank=True)
    useful_life_years = models.PositiveSmallIntegerField(
        _("useful life in years"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_YEARS)],
        help_text=_("Empty: not depreciated."),
    )
    # use
    use_status = models.CharField(
        _("use status"), max_length=16, choices=UseStatus.choices, default=UseStatus.IN_USE, editable=False
    )
    department = models.CharField(_("department"), max_length=40, blank=True)
    used_by = models.CharField(_("user of the thing"), max_length=40, blank=True)
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="kept_assets",
        verbose_name=_("keeper"),
    )
    # As a list on paper named them, until the person or the place is known here.
    keeper_text = models.CharField(_("keeper as written"), max_length=40, blank=True)
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, null=True, blank=True, related_name="asset_cards", verbose_name=_("place")
    )
    place_text = models.CharField(_("place as written"), max_length=100, blank=True)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices, blank=True)
    put_in_use_on = models.DateField(_("put in use on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    photo = models.ForeignKey(
        "files.StoredFile",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("photo"),
    )
    split_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        editable=False,
        verbose_name=_("split from"),
    )
    token = models.CharField(_("QR token"), max_length=24, unique=True, default=new_token, editable=False)
    name_pinyin = models.CharField(max_length=400, blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    search_pieces = search.search_pieces_field()

    objects: ClassVar[AssetCardQuerySet] = AssetCardQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("asset card")
        verbose_name_plural = _("asset cards")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "number"],
                name="assets_assetcard_number",
                violation_error_message=_("Another card of this school has this asset number."),
            ),
            models.CheckConstraint(condition=~Q(number=""), name="assets_assetcard_number_given"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1),
                name="assets_assetcard_quantity",
                violation_error_message=_("The quantity is at least 1."),
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gt=0),
                name="assets_assetcard_price",
                violation_error_message=_("The price must be above zero; a value nobody knows is 1 yuan, nominal."),
            ),
            models.CheckConstraint(
                condition=Q(original_cost=F("quantity") * F("unit_price")),
                name="assets_assetcard_cost",
                violation_error_message=_("The original cost is quantity times unit price."),
            ),
            models.CheckConstraint(
                condition=~Q(value_type="nominal") | Q(unit_price=Decimal(1)),
                name="assets_assetcard_nominal",
                violation_error_message=_("The nominal amount is 1 yuan."),
            ),
            models.CheckConstraint(
                condition=~Q(value_type="nominal") | Q(useful_life_years__isnull=True),
                name="assets_assetcard_nominal_life",
                violation_error_message=_("A thing at nominal amount is not depreciated."),
            ),
            models.CheckConstraint(
                condition=Q(useful_life_years__isnull=True) | Q(useful_life_years__range=(1, MAX_YEARS)),
                name="assets_assetcard_years",
                violation_error_message=_("The useful life is between 1 and 100 years."),
            ),
            models.CheckConstraint(
                condition=Q(warranty_until__isnull=True) | Q(warranty_until__gte=F("acquired_on")),
                name="assets_assetcard_warranty",
                violation_error_message=_("The warranty ends before the acquisition date."),
            ),
            models.CheckConstraint(
                condition=Q(
                    use_status__in=["in_use", "idle", "awaiting_repair", "awaiting_scrap", "rented_out", "disposed"]
                ),
                name="assets_assetcard_status",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=True) | Q(place_text=""),
                name="assets_assetcard_one_place",
                violation_error_message=_("A card names its place once."),
            ),
            models.CheckConstraint(
                condition=Q(keeper__isnull=True) | Q(keeper_text=""),
                name="assets_assetcard_one_keeper",
                violation_error_message=_("A card names its keeper once."),
            ),
        ]
        indexes = [
            # list by date, number, name and cost: of one school, and of all for central roles
            models.Index(fields=["school", "acquired_on", "id"], name="assets_card_school_date"),
            models.Index(fields=["acquired_on", "id"], name="assets_card_date"),
            models.Index(fields=["school", "number", "id"], name="assets_card_school_number"),
            models.Index(fields=["number", "id"], name="assets_card_number"),
            models.Index(fields=["school", "name_pinyin", "id"], name="assets_card_school_name"),
            models.Index(fields=["name_pinyin", "id"], name="assets_card_name"),
            models.Index(fields=["school", "original_cost", "id"], name="assets_card_school_cost"),
            models.Index(fields=["original_cost", "id"], name="assets_card_cost"),
            # chips that count a state
            models.Index(fields=["school", "use_status"], name="assets_card_status"),
            # the chip of cards without a known place; actions.match_places
            models.Index(fields=["school", "id"], name="assets_card_unplaced", condition=Q(place__isnull=True)),
            # the search box
            GinIndex(fields=["school", "search_pieces"], name="assets_card_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.original_cost = self.quantity * self.unit_price
        self.name_pinyin = search.pinyin(self.name)[:400]
        self.write_search()
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "original_cost", "name_pinyin", "search_text"}
        super().save(*args, **kwargs)

    def write_search(self) -> None:
        """Write what the search box finds; the place's and the keeper's names are part of it."""
        self.search_text = search.search_text(
            self.number,
            self.old_code,
            self.name,
            self.specification,
            self.brand,
            self.model,
            self.serial_number,
            self.place_shown,
            self.keeper_shown,
            self.used_by,
            phonetic=(self.name, self.place_shown, self.keeper_shown),
        )

    def get_absolute_url(self) -> str:
        return reverse("assets:register:detail", args=[self.pk])

    @property
    def is_lot(self) -> bool:
        """Whether the card stands for several like things."""
        return self.quantity > 1

    @property
    def place_shown(self) -> str:
        """Where it is: the place's full name, or what the paper said."""
        return str(self.place) if self.place else self.place_text

    @property
    def keeper_shown(self) -> str:
        """Who keeps it: the person's name, or what the paper said."""
        return str(self.keeper) if self.keeper else self.keeper_text

    @property
    def added_on(self) -> date:
        """The day of addition, whose month is the first of depreciation: booked, else acquired."""
        return self.booked_on or self.acquired_on

    def depreciation(self, on: date) -> Depreciation | None:
        """Return the figures on the day `on`; None for what is not depreciated."""
        if self.useful_life_years is None:
            return None
        return straight_line(self.original_cost, years=self.useful_life_years, added_on=self.added_on, on=on)
