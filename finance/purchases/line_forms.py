"""The lines of a request as they are typed: one thing each, with up to three quotes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.purchases.actions import MOST_LINES, Line, QuoteGiven
from finance.purchases.models import MOST_QUOTES, MOST_YUAN, PurchaseRequest
from finance.purchases.prices import LastPrice
from houqin.web.amounts import AmountField

QUOTES = range(1, MOST_QUOTES + 1)


def _price(label: Any) -> AmountField:
    return AmountField(label=label, min_value=Decimal(0), max_digits=12, required=False)


class LineForm(forms.Form):
    """One thing to buy; an empty line is ignored."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Item"), max_length=60, required=False)
    specification = forms.CharField(label=_("Specification"), max_length=100, required=False)
    quantity = forms.DecimalField(
        label=_("Quantity"),
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    unit = forms.CharField(label=_("Unit"), max_length=10, required=False)
    unit_price = _price(_("Estimated unit price"))
    market_price = _price(_("Market price"))
    market_source = forms.CharField(label=_("Where you saw it"), max_length=100, required=False)
    over_market_reason = forms.CharField(label=_("Why it is dearer than the market"), max_length=300, required=False)
    is_equipment = forms.BooleanField(label=_("Goes into the asset register"), required=False)

    WORDS = ("name", "specification", "quantity", "unit", "unit_price", "market_price", "market_source")

    def __init__(self, *args: Any, submitting: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submitting = submitting
        # Set by the page: what one cost last time.
        self.last: LastPrice | None = None
        for n in QUOTES:
            self.fields[f"supplier_{n}"] = forms.CharField(label=_("Supplier"), max_length=60, required=False)
            self.fields[f"quote_{n}"] = _price(_("Quoted unit price"))

    def quote_fields(self) -> list[tuple[Any, Any]]:
        """Return the three pairs of supplier and price for the page."""
        return [(self[f"supplier_{n}"], self[f"quote_{n}"]) for n in QUOTES]

    @property
    def has_quotes(self) -> bool:
        """Whether the quotes stand open: some are typed, or something is wrong with them."""
        values = [field.value() for pair in self.quote_fields() for field in pair]
        return any(value not in (None, "") for value in values)

    def clean(self) -> dict[str, Any]:
        """A line that says anything needs name, quantity and unit; submitting asks for its prices as well."""
        data: dict[str, Any] = super().clean() or {}
        quotes = self._quotes(data)
        if not any(data.get(name) for name in self.WORDS) and not quotes:
            return data
        self._need(data, "name", _("What is it?"))
        self._need(data, "quantity", _("How many?"))
        self._need(data, "unit", _("Counted in what? For example: sets."))
        if data.get("is_equipment") and data.get("quantity") and data["quantity"] % 1:
            self.add_error("quantity", _("Things for the register are counted in whole numbers."))
        if (data.get("quantity") or 0) * (data.get("unit_price") or 0) >= MOST_YUAN:
            self.add_error("unit_price", _("This is too much for one line. Check quantity and price."))
        if self.submitting:
            self._clean_prices(data, quotes)
        return data

    def _need(self, data: Mapping[str, Any], name: str, sentence: Any) -> None:
        if not data.get(name) and name not in self.errors:
            self.add_error(name, forms.ValidationError(sentence, code=f"{name}_missing"))

    def _clean_prices(self, data: dict[str, Any], quotes: list[QuoteGiven]) -> None:
        """Say beside its field what the action would refuse for the whole request (S105)."""
        self._need(data, "unit_price", _("What does one cost?"))
        if not quotes:
            self._need(data, "market_price", _("What does the market ask? Or add quotes."))
            self._need(data, "market_source", _("Where did you see this price?"))
        seen = [quote.price for quote in quotes] + ([data["market_price"]] if data.get("market_price") else [])
        market = min(seen, default=None)
        price = data.get("unit_price")
        if market and price and price > market and not data.get("over_market_reason"):
            sentence = _("It is dearer than the market (%(market)s). Lower the price, or write why it has to be.")
            self.add_error(
                "over_market_reason", forms.ValidationError(sentence, code="over_market", params={"market": market})
            )

    def _quotes(self, data: Mapping[str, Any]) -> list[QuoteGiven]:
        """Return the quotes that say something; half a quote is said beside it."""
        quotes: list[QuoteGiven] = []
        for n in QUOTES:
            supplier, price = data.get(f"supplier_{n}"), data.get(f"quote_{n}")
            if supplier and price:
                if any(quote.supplier_name == supplier for quote in quotes):
                    self.add_error(f"supplier_{n}", _("Each supplier quotes once."))
                quotes.append(QuoteGiven(supplier, price))
            elif supplier and f"quote_{n}" not in self.errors:
                self.add_error(f"quote_{n}", _("What does this supplier ask?"))
            elif price and f"supplier_{n}" not in self.errors:
                self.add_error(f"supplier_{n}", _("Which supplier asks this?"))
        return quotes

    def line(self) -> Line | None:
        """Return the line as the actions take it; None for an empty one."""
        data = self.cleaned_data
        if not data.get("name"):
            return None
        return Line(
            pk=data["pk"],
            name=data["name"],
            specification=data["specification"],
            unit=data["unit"],
            quantity=data["quantity"],
            unit_price=data["unit_price"] or Decimal("0.00"),
            market_price=data["market_price"] or None,
            market_source=data["market_source"],
            over_market_reason=data["over_market_reason"],
            is_equipment=data["is_equipment"],
            quotes=self._quotes(data),
        )


class _LineFormSet(forms.BaseFormSet):
    """The lines of one request; what is wrong with all of them together is said above them."""

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "too_many_forms": _("A request has at most %(num)d lines. Write a second one."),
        "missing_management_form": _("The lines did not come through whole. Check them and send the form again."),
    }

    def clean(self) -> None:
        """Refuse what is too much for one request."""
        known = [form.cleaned_data for form in self.forms if form.is_valid()]
        amounts = [(data.get("quantity") or 0) * (data.get("unit_price") or 0) for data in known]
        if sum(amounts, Decimal(0)) >= MOST_YUAN:
            raise forms.ValidationError(
                _("This is too much for one request. Check quantities and prices."), code="total_too_large"
            )


# One form more than may be sent, so that who sends too many is told and not cut short.
LineFormSet = forms.formset_factory(
    LineForm, formset=_LineFormSet, extra=1, max_num=MOST_LINES, absolute_max=MOST_LINES + 1, validate_max=True
)

_FIELDS = ("pk", *LineForm.WORDS, "over_market_reason", "is_equipment")


def initial_lines(record: PurchaseRequest | None) -> list[dict[str, Any]]:
    """Return the lines of a request as the form shows them; none for a new one."""
    if record is None:
        return []
    lines = []
    for line in record.lines.prefetch_related("quotes"):
        values = {name: getattr(line, name) for name in _FIELDS}
        values["quantity"] = f"{line.quantity.normalize():f}"
        values["unit_price"] = line.unit_price or ""
        for n, quote in enumerate(line.quotes.all(), start=1):
            values |= {f"supplier_{n}": quote.supplier_name, f"quote_{n}": quote.price}
        lines.append(values)
    return lines


def typed_lines(data: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Return the lines as they were typed, unchecked, to be shown again."""
    count = str(data.get(f"{prefix}-TOTAL_FORMS", "0"))
    names = [*_FIELDS, *(f"{word}_{n}" for n in QUOTES for word in ("supplier", "quote"))]
    shown = min(int(count), MOST_LINES) if count.isdecimal() else 0
    return [{name: data.get(f"{prefix}-{place}-{name}", "") for name in names} for place in range(shown)]
