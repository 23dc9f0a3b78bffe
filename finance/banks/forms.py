"""What is typed about bank accounts; every `save()` calls the action."""

import unicodedata
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.banks import actions
from finance.banks.models import BankAccount
from finance.ledger.charts import BANK
from finance.ledger.models import Account
from houqin.web.forms import ActingModelForm, KeyedForm
from houqin.web.widgets import DayInput


class NumberField(forms.CharField):
    """An account number as it stands on paper: in groups, with full-width digits, with hyphens."""

    def to_python(self, value: Any) -> str:
        typed = unicodedata.normalize("NFKC", super().to_python(value) or "")
        return "".join(character for character in typed if not character.isspace() and character != "-")


class BankAccountForm(ActingModelForm):
    """The approval of a bank account and what the bank calls it."""

    number = NumberField(label=_("account number"), widget=forms.TextInput(attrs={"inputmode": "numeric"}))

    class Meta:
        model = BankAccount
        fields: tuple[str, ...] = ("purpose", "bank", "number", "approval", "approved_on")
        widgets = {"approved_on": DayInput}
        help_texts = {"approval": _("Who allowed it and under which number")}

    def save(self, commit: bool = True) -> BankAccount:
        return actions.change(self.instance, **self.cleaned_data, by=self.by)


class RegisterForm(KeyedForm, BankAccountForm):
    """A bank account that is registered, with the account of the books that it stands for."""

    account = forms.ModelChoiceField(
        queryset=Account.objects.none(), label=_("account in the books"), empty_label=_("— choose —")
    )

    class Meta(BankAccountForm.Meta):
        fields: tuple[str, ...] = ("account", *BankAccountForm.Meta.fields)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["account"]
        leaves = Account.objects.filter(ledger__school=self.school, is_leaf=True, code__startswith=BANK)
        field.queryset = leaves.exclude(bank_accounts__closed_on=None, bank_accounts__isnull=False).select_related(
            "ledger__school"
        )
        if not field.queryset:
            field.help_text = _("All of them have a bank account. Add one below bank deposits to the chart first.")

    def save(self, commit: bool = True) -> BankAccount:
        values = {name: value for name, value in self.cleaned_data.items() if name != "form_key"}
        return actions.register(values.pop("account"), **values, by=self.by)


class CloseForm(ActingModelForm):
    """When and why a bank account was closed."""

    closed_on = forms.DateField(label=_("closed on"), widget=DayInput, initial=timezone.localdate)
    closed_reason = forms.CharField(label=_("why it was closed"), max_length=200)

    class Meta:
        model = BankAccount
        fields = ("closed_on", "closed_reason")

    def save(self, commit: bool = True) -> BankAccount:
        values = self.cleaned_data
        return actions.close(self.instance, closed_on=values["closed_on"], reason=values["closed_reason"], by=self.by)
