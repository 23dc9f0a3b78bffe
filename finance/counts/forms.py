"""What is typed about a cash count: pieces of each note and coin, what is not posted yet, why it differs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
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

# As many as an amount below actions.MOST_AMOUNT has, with its two places.
MOST_DIGITS = 12
PROPOSED = ("received_unposted", "paid_unposted")
WRONG_PIECES = _("Write the number of pieces: a whole number from 0 to 100000.")
WRONG_AMOUNT = {
    "min_value": _("Write an amount of zero or more."),
    "max_digits": _("This amount is too large."),
    "max_whole_digits": _("This amount is too large."),
}


def _amount_field(label: Any) -> AmountField:
    return AmountField(
        label=label, min_value=ZERO, max_digits=MOST_DIGITS, required=False, error_messages=dict(WRONG_AMOUNT)
    )


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
    received_unposted = _amount_field(_("taken in, not posted yet"))
    paid_unposted = _amount_field(_("paid out, not posted yet"))
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
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), WRONG_PIECES),
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

    def compare_again(self) -> None:
        """Let the page that is shown again say up to where it shows the book, and that it moved on where it did.

        What was not posted yet may be posted now: both amounts are proposed anew then, and that is said.
        """
        seen, now = self.add_prefix("seen"), str(self.head.position)
        if not self.is_bound or self.data.get(seen) == now:
            return
        if not self.has_error(NON_FIELD_ERRORS, "book_moved"):
            self.add_error(None, forms.ValidationError(actions.MOVED, code="book_moved"))
        again = _("What is not posted yet was looked up anew; check both amounts.")
        self.add_error(None, forms.ValidationError(again, code="proposed_anew"))
        data: Any = self.data
        self.data = data = data.copy()
        data[seen] = now
        for name in PROPOSED:
            data[self.add_prefix(name)] = str(self._begin()[name])
            self.errors.pop(name, None)

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
