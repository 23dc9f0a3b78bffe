"""What people type about assets; every `save()` calls the action."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.register import actions
from assets.register.extras import ExtraFact, facts_for
from assets.register.models import AssetCard, AssetCategory, AssetThreshold, CategoryLife
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.files.actions import store_photo
from houqin.files.fields import PhotoField
from houqin.schools.models import Place, School
from houqin.schools.people import people_with
from houqin.web.forms import ActingForm, ActingModelForm, KeyedForm
from houqin.web.widgets import DayInput, TypeAheadField

# What may stay open: shown as an empty line instead of dashes.
OPTIONAL_CHOICES = {
    "procurement_form": AssetCard.ProcurementForm,
    "fund_source": AssetCard.FundSource,
    "purpose": AssetCard.Purpose,
}


def _row(*names: str) -> Div:
    """Put fields side by side where there is room."""
    return Div(*(Div(name, css_class="col-sm") for name in names), css_class="row")


def _category_field() -> TypeAheadField:
    return TypeAheadField(
        AssetCategory.objects.registrable(),
        url=reverse_lazy("assets:register:category_options"),
        match=AssetCategory.matching,
        label=_("Asset category"),
        help_text=_("Type a word, pinyin initials or a code."),
        error_messages={"required": _("Choose the category.")},
    )


def _place_field() -> TypeAheadField:
    return TypeAheadField(
        Place.objects.none(), url=reverse_lazy("schools:places:options"), label=_("Place"), required=False
    )


def _keeper_field() -> TypeAheadField:
    return TypeAheadField(
        User.objects.none(), url=reverse_lazy("assets:register:keeper_options"), label=_("Keeper"), required=False
    )


class CardFields(ActingModelForm):
    """What the forms of a card share: the places and people of its school."""

    class Meta:
        model = AssetCard
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.school = self.instance.school
        place, keeper = self.fields.get("place"), self.fields.get("keeper")
        if isinstance(place, TypeAheadField):
            places = Place.objects.visible_to(self.by).filter(school=self.school)
            # Where the thing stands already, it may stay.
            place.queryset = places.filter(Q(is_active=True) | Q(pk=self.instance.place_id))
        if isinstance(keeper, TypeAheadField):
            people = people_with("schools.view_school", self.school, include_central=True)
            keeper.queryset = people | User.objects.filter(pk=self.instance.keeper_id)


class RegisterForm(KeyedForm, CardFields):
    """The fewest facts that make a card; the rest can be added on its page."""

    category = _category_field()
    place = _place_field()
    keeper = _keeper_field()
    # Apart from the model's own field, which must not be empty: the action fills it.
    number = forms.CharField(
        label=_("Asset number"), max_length=40, required=False, help_text=_("Leave it empty for the next number.")
    )
    photo = PhotoField(label=_("Photo"), required=False)

    class Meta:
        model = AssetCard
        fields = [
            "category",
            "name",
            "specification",
            "quantity",
            "unit",
            "unit_price",
            "acquired_on",
            "acquisition_way",
            "place",
            "keeper",
            "note",
        ]
        widgets = {
            "acquired_on": DayInput(),
            "note": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "quantity": _("A thing that moves alone has a card of its own; like things bought together are one lot."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].required = False
        self.fields["unit"].help_text = _("Empty: the unit of the category.")
        self.fields["acquired_on"].initial = timezone.localdate
        self.helper.layout = Layout(
            "form_key",
            "category",
            _row("name", "specification"),
            _row("quantity", "unit", "unit_price"),
            _row("acquired_on", "acquisition_way"),
            _row("place", "keeper"),
            "photo",
            _row("number"),
            "note",
        )

    def save(self, commit: bool = True) -> AssetCard:
        """Register the card."""
        card: AssetCard = self.instance
        card.school = self.school
        card.number = self.cleaned_data["number"]
        card.unit = card.unit or card.category.unit or "件"
        photo = self.cleaned_data["photo"]
        if photo is not None:
            card.photo = store_photo(photo, school=self.school, by=self.by, field="photo")
        return actions.register_asset(card, by=self.by)


class ChangeForm(CardFields):
    """Everything that a card says, except where it is and how it is used."""

    category = _category_field()
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("Needed when quantity, price, type of value, life or the dates in the books change."),
    )

    BASIC = (
        ("category",),
        ("name", "specification"),
        ("brand", "model", "serial_number"),
        ("quantity", "unit"),
        ("acquired_on", "acquisition_way", "procurement_form"),
        ("supplier", "invoice_number", "warranty_until"),
        ("number", "old_code"),
    )
    FINANCIAL = (
        ("value_type", "unit_price"),
        ("fund_source", "booked_on", "voucher_number"),
        ("useful_life_years",),
    )
    USE = (("purpose", "put_in_use_on"), ("note",))

    class Meta:
        model = AssetCard
        fields = [
            "category",
            "name",
            "specification",
            "brand",
            "model",
            "serial_number",
            "quantity",
            "unit",
            "acquired_on",
            "acquisition_way",
            "procurement_form",
            "supplier",
            "invoice_number",
            "warranty_until",
            "number",
            "old_code",
            "value_type",
            "unit_price",
            "fund_source",
            "booked_on",
            "voucher_number",
            "useful_life_years",
            "purpose",
            "put_in_use_on",
            "note",
        ]
        widgets = {
            "acquired_on": DayInput(),
            "warranty_until": DayInput(),
            "booked_on": DayInput(),
            "put_in_use_on": DayInput(),
            "note": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].required = True
        for name, choices in OPTIONAL_CHOICES.items():
            field = self.fields[name]
            if isinstance(field, forms.TypedChoiceField):
                field.choices = [("", ""), *choices.choices]
        facts = facts_for(self.instance.category)
        for fact in facts:
            self.fields[fact.name] = _extra_field(fact, self.instance.extra.get(fact.name, ""))
        self.extra_names = [fact.name for fact in facts]
        self.helper.layout = Layout(
            Fieldset(_("Basic facts"), *_rows(self.BASIC), *self.extra_names),
            Fieldset(_("In the books"), *_rows(self.FINANCIAL), "reason"),
            Fieldset(_("Use"), *_rows(self.USE)),
        )

    def save(self, commit: bool = True) -> AssetCard:
        """Change what was changed."""
        changes = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        extra = dict(self.instance.extra)
        for name in self.extra_names:
            value = self.cleaned_data[name]
            extra[name] = value.isoformat() if hasattr(value, "isoformat") else str(value or "")
        changes["extra"] = {name: value for name, value in extra.items() if value}
        return actions.change_asset(self.instance, changes=changes, by=self.by, reason=self.cleaned_data["reason"])


def _rows(rows: Iterable[tuple[str, ...]]) -> list[Any]:
    return [_row(*names) for names in rows]


def _extra_field(fact: ExtraFact, value: str) -> forms.Field:
    """Return the form field of one more fact."""
    label = str(fact.label)
    if fact.kind == "date":
        return forms.DateField(label=label, required=False, widget=DayInput(), initial=value)
    if fact.kind == "number":
        return forms.DecimalField(label=label, required=False, min_value=Decimal(0), max_digits=12, initial=value)
    return forms.CharField(label=label, required=False, max_length=100, initial=value)


class MoveForm(CardFields):
    """Where it stands now and who keeps it."""

    place = _place_field()
    keeper = _keeper_field()

    class Meta:
        model = AssetCard
        fields = ["place", "keeper", "department", "used_by"]

    def save(self, commit: bool = True) -> AssetCard:
        """Move it."""
        return actions.move_asset(self.instance, by=self.by, **self.cleaned_data)


class UseStatusForm(CardFields):
    """How it is used now."""

    status = forms.ChoiceField(
        label=_("Use status"),
        choices=[choice for choice in AssetCard.UseStatus.choices if choice[0] != AssetCard.UseStatus.DISPOSED],
    )
    note = forms.CharField(label=_("Why"), max_length=200, required=False)

    class Meta:
        model = AssetCard
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].initial = self.instance.use_status

    def save(self, commit: bool = True) -> AssetCard:
        """Set it."""
        data = self.cleaned_data
        return actions.set_use_status(self.instance, status=data["status"], by=self.by, note=data["note"])


class SplitForm(KeyedForm, CardFields):
    """How many of a lot become a card of their own."""

    part = forms.IntegerField(label=_("How many get a card of their own"), min_value=1)

    class Meta:
        model = AssetCard
        fields: list[str] = []

    def save(self, commit: bool = True) -> AssetCard:
        """Split the lot and return the new card."""
        try:
            return actions.split_lot(self.instance, quantity=self.cleaned_data["part"], by=self.by)
        except Refused as refusal:
            refusal.field = "part" if refusal.field == "quantity" else refusal.field
            raise


class PhotoForm(CardFields):
    """A picture of the thing."""

    photo = PhotoField(label=_("Photo"))

    class Meta:
        model = AssetCard
        fields: list[str] = []

    def save(self, commit: bool = True) -> AssetCard:
        """Keep the photo and show it on the card."""
        school = self.instance.school
        stored = store_photo(self.cleaned_data["photo"], school=school, by=self.by, field="photo")
        return actions.set_photo(self.instance, photo=stored, by=self.by)


class LifeForm(ActingForm):
    """The school's own useful life of one category."""

    years = forms.IntegerField(
        label=_("Useful life in years"),
        min_value=1,
        max_value=100,
        required=False,
        help_text=_("Empty: back to the table. Cards that exist keep the life they have."),
    )

    def __init__(self, *args: Any, category: AssetCategory, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.category = category
        own = CategoryLife.objects.filter(school=self.school, category=category).first()
        self.fields["years"].initial = own.years if own else None

    def save(self) -> CategoryLife | None:
        """Set it."""
        return actions.set_category_life(
            self.category, school=self.school, years=self.cleaned_data["years"], by=self.by
        )


class ThresholdForm(KeyedForm, ActingModelForm):
    """From which unit price a thing is a fixed asset here, since a day."""

    class Meta:
        model = AssetThreshold
        fields = ["kind", "valid_from", "amount"]
        widgets = {"valid_from": DayInput()}

    def save(self, commit: bool = True) -> AssetThreshold:
        """Set it."""
        school: School = self.school
        return actions.set_threshold(
            school=school, by=self.by, **{name: self.cleaned_data[name] for name in self.Meta.fields}
        )
