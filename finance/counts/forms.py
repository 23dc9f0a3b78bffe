"""What is typed about a cash count: pieces of each note and coin, what is not posted yet, why it differs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from finance.counts import actions
from finance.counts.denominations import Denomination, shipped
from finance.counts.facts import unposted
from finance.counts.models import ZERO, CashCount
from finance.ledger.models import Account
from houqin.web.amounts import AmountField
from houqin.web.forms import ActingForm, KeyedForm
from houqin.web.widgets import DayInput


@dataclass(frozen=True, slots=True)
class Row:
    """A note or coin with its field, and what the pieces typed there are worth."""

    denomination: Denomination
    field: forms.BoundField
    amount: Decimal


class CashCountForm(KeyedForm, ActingForm):
    """A count of one account. `seen` holds the line up to which the page showed the book."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    counted_on = forms.DateField(label=_("counted on"), widget=DayInput({"class": "form-control"}))
    received_unposted = AmountField(label=_("taken in, not posted yet"), min_value=ZERO, required=False)
    paid_unposted = AmountField(label=_("paid out, not posted yet"), min_value=ZERO, required=False)
    reason = forms.CharField(
        label=_("why it differs"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, account: Account, replaces: CashCount | None = None, **kwargs: Any) -> None:
        self.account, self.replaces, self.head = account, replaces, account.head
        kwargs["initial"] = self._begin() | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        for one in shipped():
            self.fields[_name(one)] = forms.IntegerField(
                label=one.name,
                min_value=0,
                max_value=actions.MOST_PIECES,
                required=False,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "data-fen": one.fen}),
            )

    @cached_property
    def proposed(self) -> Any:
        """What the vouchers that are not posted yet say. Two queries."""
        return unposted(self.account)

    def _begin(self) -> dict[str, Any]:
        begin = {
            "seen": self.head.position,
            "counted_on": timezone.localdate(),
            "received_unposted": self.proposed.received,
            "paid_unposted": self.proposed.paid,
        }
        if self.replaces is not None:
            begin["reason"] = self.replaces.reason
            begin |= {f"pieces_{int(line.value * 100)}": line.pieces for line in self.replaces.lines.all()}
        return begin

    def seen_now(self) -> None:
        """Let the page that is shown again say up to where it shows the book."""
        if self.is_bound:
            data: Any = self.data
            self.data = data = data.copy()
            data[self.add_prefix("seen")] = str(self.head.position)

    @property
    def rows(self) -> list[Row]:
        """The notes and coins, the largest first."""
        return [Row(one, self[_name(one)], one.value * self._pieces(one)) for one in shipped()]

    @property
    def counted(self) -> Decimal:
        """The sum of what stands in the fields, right or not."""
        return sum((row.amount for row in self.rows), ZERO)

    @property
    def due(self) -> Decimal:
        """What should be there, as far as the fields are amounts."""
        return self.head.balance + self._amount("received_unposted") - self._amount("paid_unposted")

    @property
    def difference(self) -> Decimal:
        """Counted less due."""
        return self.counted - self.due

    def _pieces(self, one: Denomination) -> int:
        try:
            number = self.fields[_name(one)].clean(self[_name(one)].value())
        except forms.ValidationError:
            return 0
        return number or 0

    def _amount(self, name: str) -> Decimal:
        try:
            return self.fields[name].clean(self[name].value()) or ZERO
        except forms.ValidationError:
            return ZERO

    def save(self) -> CashCount:
        """Note it."""
        data = self.cleaned_data
        return actions.count(
            self.account,
            pieces={one.value: data[_name(one)] or 0 for one in shipped()},
            on=data["counted_on"],
            received_unposted=data["received_unposted"] or ZERO,
            paid_unposted=data["paid_unposted"] or ZERO,
            reason=data["reason"],
            seen=data["seen"],
            replaces=self.replaces,
            by=self.by,
        )


def _name(one: Denomination) -> str:
    return f"pieces_{one.fen}"


class GiveBackForm(ActingForm):
    """Why a count is to be made anew."""

    reason = forms.CharField(
        label=_("What is wrong with it?"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )

    def __init__(self, *args: Any, record: CashCount, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record

    def save(self) -> CashCount:
        """Give it back."""
        return actions.give_back(self.record, reason=self.cleaned_data["reason"], by=self.by)
