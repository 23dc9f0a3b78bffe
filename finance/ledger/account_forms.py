"""What people type about accounts; every `save()` calls the action."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.ledger import actions
from finance.ledger.actions.chart import STEP
from finance.ledger.models import Account
from houqin.web.forms import ActingForm, KeyedForm


def next_code(parent: Account) -> str:
    """Return the next free code below an account; empty when ninety-nine are taken."""
    taken = set(parent.children.values_list("code", flat=True))
    codes = (f"{parent.code}{number:0{STEP}d}" for number in range(1, 10**STEP))
    return next((code for code in codes if code not in taken), "")


class AddAccountForm(KeyedForm, ActingForm):
    """An account below another one."""

    code = forms.CharField(
        label=_("account code"), max_length=16, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    name = forms.CharField(
        label=_("account name"), max_length=60, required=False, widget=forms.TextInput(attrs={"autofocus": True})
    )

    def __init__(self, *args: Any, record: Account, **kwargs: Any) -> None:
        self.record = record
        kwargs["initial"] = {"code": next_code(record)} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = format_lazy(_("{code} and two more digits."), code=record.code)

    def save(self) -> Account:
        """Add it."""
        data = self.cleaned_data
        return actions.add_account(self.record, code=data["code"], name=data["name"], by=self.by)


class RenameAccountForm(ActingForm):
    """Another name."""

    name = forms.CharField(
        label=_("account name"), max_length=60, required=False, widget=forms.TextInput(attrs={"autofocus": True})
    )

    def __init__(self, *args: Any, record: Account, **kwargs: Any) -> None:
        self.record = record
        kwargs["initial"] = {"name": record.name} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def save(self) -> Account:
        """Rename it."""
        return actions.rename_account(self.record, name=self.cleaned_data["name"], by=self.by)
