"""What people type about suppliers, orders and deliveries; every `save()` calls the action."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.forms.boundfield import BoundField
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.register.models import AssetCategory
from finance.purchases import delivery_actions, order_actions, supplier_actions
from finance.purchases.models import Delivery, OrderLine, PurchaseLine, PurchaseOrder, PurchaseRequest, Supplier
from houqin.accounts.models import User
from houqin.files.fields import PhotoField
from houqin.schools.access import access_of
from houqin.schools.models import Membership
from houqin.web.amounts import AmountField
from houqin.web.forms import ActingForm, ActingModelForm, KeyedForm
from houqin.web.widgets import DayInput, TypeAheadField

SUPPLIER_FIELDS = ["name", "contact", "phone", "taxpayer_number", "note"]


class SupplierForm(KeyedForm, ActingModelForm):
    """A new supplier."""

    class Meta:
        model = Supplier
        fields = SUPPLIER_FIELDS

    def save(self, commit: bool = True) -> Supplier:
        """Enter it for all schools of the tree."""
        return supplier_actions.enter_supplier(self.instance, by=self.by, school=self.school)


class SupplierChangeForm(ActingModelForm):
    """What is known of a supplier, and whether one still buys there."""

    class Meta:
        model = Supplier
        fields = [*SUPPLIER_FIELDS, "is_active"]

    def save(self, commit: bool = True) -> Supplier:
        """Change it."""
        changes = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return supplier_actions.change_supplier(self.instance, changes=changes, by=self.by)


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line as the page draws it: the record and its bound fields, by what they ask."""

    record: Any
    fields: Sequence[BoundField]


def possible_buyers(purchase: PurchaseRequest, *, by: User) -> QuerySet[User]:
    """Return who may buy: neither asked nor signed (S104), with a post at the school, or above where `by` works."""
    schools = {purchase.school_id, *purchase.school.ancestor_ids} & set(access_of(by).schools)
    posts = Membership.objects.current().filter(school__in=schools, user=OuterRef("pk"))
    people = User.objects.filter(Exists(posts), is_active=True)
    return people.exclude(pk__in={purchase.requester_id, *purchase.signer_ids()}).order_by("name_pinyin", "pk")


def orderable_lines(purchase: PurchaseRequest) -> list[PurchaseLine]:
    """Return the lines that stand in no order yet."""
    ordered = OrderLine.objects.filter(line=OuterRef("pk"), is_live=True)
    return list(purchase.lines.filter(~Exists(ordered)).select_related("category").order_by("position"))


class OrderForm(KeyedForm, ActingForm):
    """From whom, who buys, until when, and which lines at which price."""

    supplier = TypeAheadField(
        Supplier.objects.none(),
        url=reverse_lazy("finance:purchases:supplier_options"),
        label=_("Supplier"),
        required=False,
        help_text=_("Type a part of the name, or its pinyin initials."),
    )
    new_supplier = forms.CharField(
        label=_("or a new supplier: its name"),
        max_length=100,
        required=False,
        help_text=_("It joins the list of suppliers; add its phone there."),
    )
    buyer = forms.ModelChoiceField(
        label=_("Buyer"),
        queryset=User.objects.none(),
        empty_label=_("Choose"),
        help_text=_("Somebody who neither asked for it nor signed it, and who will not receive it."),
        error_messages={"required": _("Choose who buys.")},
    )
    promised_on = forms.DateField(label=_("Promised for"), widget=DayInput, required=False)
    note = forms.CharField(
        label=_("Words for the supplier"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, about: PurchaseRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purchase = about
        self.orderable = orderable_lines(about)
        supplier: Any = self.fields["supplier"]
        supplier.queryset = Supplier.objects.at(about.school).active()
        self.fields["buyer"].queryset = possible_buyers(about, by=self.by)  # type: ignore[attr-defined]
        for line in self.orderable:
            self._add_line(line)
        self.helper.layout = Layout("form_key", "supplier", "new_supplier", "buyer", "promised_on", "note")

    def _add_line(self, line: PurchaseLine) -> None:
        self.fields[f"take-{line.pk}"] = forms.BooleanField(label=_("Order this"), required=False, initial=True)
        self.fields[f"price-{line.pk}"] = AmountField(
            label=_("Agreed unit price, yuan"),
            min_value=Decimal(0),
            max_digits=12,
            required=False,
            initial=line.unit_price,
        )
        if line.is_equipment and line.category_id is None:
            self.fields[f"category-{line.pk}"] = TypeAheadField(
                AssetCategory.objects.registrable(),
                url=reverse_lazy("assets:register:category_options"),
                match=AssetCategory.matching,
                label=_("Category on the register"),
                required=False,
            )

    def lines(self) -> list[TypedLine]:
        """Return the lines for the page."""
        names = ("take", "price", "category")
        return [
            TypedLine(line, [self[f"{name}-{line.pk}"] for name in names if f"{name}-{line.pk}" in self.fields])
            for line in self.orderable
        ]

    def clean(self) -> dict[str, Any]:
        """One supplier is needed, known or new."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("supplier") and data.get("new_supplier"):
            sentence = _("Choose a supplier or write a new one, not both.")
            self.add_error("new_supplier", forms.ValidationError(sentence, code="two_suppliers"))
        if not data.get("supplier") and not data.get("new_supplier") and "supplier" not in self.errors:
            self.add_error(
                "supplier", forms.ValidationError(_("Choose the supplier, or write a new one."), code="required")
            )
        return data

    def save(self) -> PurchaseOrder:
        """Order it, from a new supplier after entering that one."""
        data = self.cleaned_data
        return order_actions.order(
            self.purchase,
            by=self.by,
            supplier=data["supplier"] or self._new_supplier(data["new_supplier"].strip()),
            buyer=data["buyer"],
            promised_on=data["promised_on"],
            note=data["note"],
            lines=[
                order_actions.Wanted(
                    line,
                    line.unit_price if data[f"price-{line.pk}"] is None else data[f"price-{line.pk}"],
                    data.get(f"category-{line.pk}"),
                )
                for line in self.orderable
                if data[f"take-{line.pk}"]
            ],
        )

    def _new_supplier(self, name: str) -> Supplier:
        """Return the supplier of this very name, or enter it."""
        known = Supplier.objects.at(self.purchase.school).filter(name=name).first()
        school = self.purchase.school
        return known or supplier_actions.enter_supplier(Supplier(name=name), by=self.by, school=school)


class ReceiveForm(KeyedForm, ActingForm):
    """Count what came: each line begins with what is still to come."""

    received_on = forms.DateField(label=_("Received on"), widget=DayInput, initial=timezone.localdate)
    faults = forms.CharField(
        label=_("What is wrong with the faulty ones"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note_photo = PhotoField(label=_("Photo of the delivery note"), required=False)

    def __init__(self, *args: Any, about: PurchaseOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = about
        lines = about.lines.select_related("line").order_by("line__position")
        self.outstanding = [line for line in lines if line.outstanding > 0]
        for line in self.outstanding:
            self._add_line(line)
        self.helper.layout = Layout("form_key", "received_on", "faults")

    def _add_line(self, line: OrderLine) -> None:
        options: dict[str, Any] = {"min_value": Decimal(0), "max_digits": 10, "decimal_places": 2, "required": False}
        self.fields[f"counted-{line.pk}"] = forms.DecimalField(
            label=_("Counted"), initial=f"{line.outstanding.normalize():f}", **options
        )
        self.fields[f"faulty-{line.pk}"] = forms.DecimalField(label=_("of these faulty"), **options)

    def lines(self) -> list[TypedLine]:
        """Return the lines for the page."""
        return [TypedLine(line, [self[f"counted-{line.pk}"], self[f"faulty-{line.pk}"]]) for line in self.outstanding]

    def save(self) -> Delivery:
        """Receive it."""
        data = self.cleaned_data
        return delivery_actions.receive(
            self.order,
            by=self.by,
            received_on=data["received_on"],
            note_photo=data["note_photo"],
            faults=data["faults"],
            counts=[
                delivery_actions.Counted(
                    line, data[f"counted-{line.pk}"] or Decimal(0), data[f"faulty-{line.pk}"] or Decimal(0)
                )
                for line in self.outstanding
            ],
        )


class ReasonForm(KeyedForm, ActingForm):
    """Why an order ends before all of it came."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why, so that everybody understands.")},
    )

    def __init__(self, *args: Any, about: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = about


class CancelForm(ReasonForm):
    """Cancel an order of which nothing came."""

    def save(self) -> PurchaseOrder:
        """Cancel it."""
        return order_actions.cancel_order(self.about, by=self.by, reason=self.cleaned_data["reason"])


class CloseForm(ReasonForm):
    """Close an order whose rest does not come."""

    def save(self) -> PurchaseOrder:
        """Close it."""
        return order_actions.close_order(self.about, by=self.by, reason=self.cleaned_data["reason"])


class ClosePurchaseForm(ReasonForm):
    """Close a purchase of which nothing more is bought."""

    def save(self) -> PurchaseRequest:
        """Close it."""
        return order_actions.close_purchase(self.about, by=self.by, reason=self.cleaned_data["reason"])
