"""What the accountant types: a new line, another amount."""

from decimal import Decimal
from itertools import groupby
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.budgets import actions
from finance.budgets.models import CENT, ZERO, BudgetLine, ExpenditureItem
from houqin.web.amounts import AmountField
from houqin.web.forms import ActingModelForm, KeyedForm


def _row(*names: str) -> Div:
    """Put fields side by side where there is room."""
    return Div(*(Div(name, css_class="col-sm") for name in names), css_class="row")


def _items() -> list[tuple[str, Any]]:
    """Return the items by group, in the order of the chart. One query."""
    grouped = groupby(ExpenditureItem.objects.order_by("pk"), key=lambda item: item.get_group_display())
    return [("", "---------"), *((group, [(item.pk, item.name) for item in items]) for group, items in grouped)]


class LineForm(KeyedForm, ActingModelForm):
    """A new line of the acting school."""

    amount = AmountField(label=_("Amount in yuan"), min_value=CENT)
    already_spent = AmountField(
        label=_("Of it spent already"),
        min_value=Decimal(0),
        required=False,
        help_text=_("Before the line was entered here, when the year has begun."),
    )

    class Meta:
        model = BudgetLine
        fields = ["year", "item", "detail", "source", "amount"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = timezone.localdate().year
        item = self.fields["item"]
        if isinstance(item, forms.ModelChoiceField):
            item.choices = _items()
        self.helper.layout = Layout(
            "form_key", _row("year", "source"), _row("item", "detail"), _row("amount", "already_spent")
        )

    def save(self, commit: bool = True) -> BudgetLine:
        """Enter it."""
        data = self.cleaned_data
        facts = {name: data[name] for name in self.Meta.fields}
        return actions.enter_line(self.school, by=self.by, spent=data["already_spent"] or ZERO, **facts)


class AmountForm(ActingModelForm):
    """Another amount for a line, and why."""

    amount = AmountField(label=_("Amount in yuan"), min_value=Decimal(0))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("For example the number of the bureau's notice. It stays on the page of the line."),
    )

    class Meta:
        model = BudgetLine
        fields = ["amount"]

    def save(self, commit: bool = True) -> BudgetLine:
        """Change it."""
        data = self.cleaned_data
        return actions.change_amount(self.instance, amount=data["amount"], reason=data["reason"], by=self.by)
