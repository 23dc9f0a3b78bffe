"""The lines of a voucher as they are typed, in one table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.ledger.accounts import Accounts, label
from finance.ledger.actions import Line
from finance.ledger.models import ZERO, Account, VoucherLine
from houqin.errors import Refused
from houqin.web.amounts import AmountField, plain

LINES = "lines"
MOST_LINES = 200
# A new voucher begins with as many empty lines.
EMPTY_LINES = 4
NAMES = ("summary", "account", "debit", "credit")
# Instead of a summary: the one of the line above, as accounting programs have it.
AS_ABOVE = ("//", "..", "、、", "。。")


class LineForm(forms.Form):
    """One line; an empty one is ignored."""

    summary = forms.CharField(label=pgettext_lazy("voucher", "summary"), max_length=100, required=False)
    account = forms.CharField(label=_("account"), max_length=250, required=False)
    debit = AmountField(label=_("debit"), required=False)
    credit = AmountField(label=_("credit"), required=False)

    def __init__(self, *args: Any, accounts: Accounts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts
        self.found: Account | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it; a summary alone says nothing."""
        data = self.cleaned_data
        return not (data.get("account") or data.get("debit") or data.get("credit") or self.errors)

    def clean(self) -> dict[str, Any]:
        """Find the account; ask for it and for an amount on one side."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("summary") in AS_ABOVE:
            data["summary"] = ""
        if data.get("account"):
            try:
                self.found = self.accounts.find(data["account"])
            except Refused as refusal:
                self.add_error("account", refusal)
        if self.is_empty:
            return data
        if not data.get("account") and "account" not in self.errors:
            self.add_error("account", forms.ValidationError(_("Which account?"), code="account_missing"))
        if bool(data.get("debit")) == bool(data.get("credit")) and not {"debit", "credit"} & set(self.errors):
            sentence = _("Write an amount on one side of each line.")
            self.add_error("debit", forms.ValidationError(sentence, code="amount_missing"))
        return data

    def line(self) -> Line | None:
        """Return the line as the actions take it; None for an empty one."""
        data = self.cleaned_data
        if self.found is None:
            return None
        return Line(self.found, data.get("debit") or ZERO, data.get("credit") or ZERO, data.get("summary", ""))


LineFormSet = forms.formset_factory(LineForm, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES)


def initial_lines(lines: Iterable[VoucherLine]) -> list[dict[str, Any]]:
    """Return lines as the form shows them."""
    return [
        {
            "summary": line.summary,
            "account": label(line.account),
            "debit": line.debit or "",
            "credit": line.credit or "",
        }
        for line in lines
    ]


def typed_lines(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines as they were typed, unchecked, to be shown again."""
    count = str(data.get(f"{LINES}-TOTAL_FORMS", "0"))
    shown = min(int(count), MOST_LINES) if count.isdecimal() and len(count) < 6 else 0
    return [{name: data.get(f"{LINES}-{place}-{name}", "") for name in NAMES} for place in range(shown)]


@dataclass(slots=True)
class HalfSum:
    """The sums of one half of a voucher."""

    half: str
    label: Any
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    lines: int = 0

    @property
    def difference(self) -> Decimal:
        """Debit less credit: zero when it balances."""
        return self.debit - self.credit


def half_sums(lines: Iterable[tuple[str, Decimal, Decimal]]) -> list[HalfSum]:
    """Return the sums of both halves, of (half, debit, credit)."""
    sums = {str(half): HalfSum(str(half), name) for half, name in Account.Half.choices}
    for half, debit, credit in lines:
        one = sums[half]
        one.debit, one.credit, one.lines = one.debit + debit, one.credit + credit, one.lines + 1
    return list(sums.values())


def shown_sums(forms_: Iterable[LineForm], accounts: Accounts) -> list[HalfSum]:
    """Return the sums of what stands in the fields, right or not: a line without an account counts as financial."""
    rows = []
    for form in forms_:
        debit, credit = amount(form["debit"].value()), amount(form["credit"].value())
        if debit or credit:
            code = str(form["account"].value() or "").split(" ")[0]
            found = form.found if form.found is not None else accounts.by_code.get(code)
            rows.append((found.half if found else str(Account.Half.FINANCIAL), debit, credit))
    return half_sums(rows)


def amount(text: Any) -> Decimal:
    """Return what was typed as an amount, zero when it is none."""
    try:
        value = Decimal(plain(text) or "0")
    except InvalidOperation:
        return ZERO
    fits = value.is_finite() and abs(value) < Decimal(10) ** 12
    return value.quantize(Decimal("0.01")) if fits else ZERO
