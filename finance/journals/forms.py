"""What people say about a paper journal: what its accounts are here, or why it goes back."""

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from finance.journals import actions
from finance.journals.models import JournalBatch, JournalCounter
from finance.ledger import parallel
from finance.ledger.accounts import Accounts
from finance.ledger.actions import Line
from finance.ledger.models import Account
from houqin.web.forms import ActingForm

_CODE = re.compile(r"^\s*(\d{4,16})")
BANK, EXPENSES, GOODS = "1002", ("5001", "5101", "7201"), "02"
_MISSING = {"required": _("Choose what it is in these books.")}
SURPLUS, CASH = "3001", "1001"


class MapForm(ActingForm):
    """The year, the journal's own account, and what each counter account of the paper is in these books."""

    year = forms.IntegerField(label=_("Year of the journal"), min_value=2000, max_value=2100)
    account = forms.TypedChoiceField(label=_("The journal is that of"), coerce=int)
    opening_account = forms.TypedChoiceField(
        label=_("The opening balance stands against"),
        coerce=int,
        help_text=_("Only used where the books begin with this journal."),
    )

    def __init__(self, *args: Any, about: JournalBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = about
        accounts = Account.objects.filter(ledger=about.ledger, is_leaf=True, closed=False).select_related("ledger")
        self.accounts = {account.pk: account for account in accounts.order_by("code")}
        self.usual = Accounts(about.ledger)
        self.counters = list(about.counters.all())
        financial = self._choices(Account.Half.FINANCIAL)
        budget = [("", _("not in the budget half")), *self._choices(Account.Half.BUDGET)]
        self._set("year", about.year)
        self._choose("account", self._books(), about.account_id or self._first(CASH))
        self._choose("opening_account", financial, about.opening_account_id or self._first(SURPLUS))
        for counter in self.counters:
            proposed = counter.account_id or self._proposed(counter)
            spent = counter.budget_account_id
            if not counter.account_id and proposed:
                spent = self._proposed_budget(counter, self.accounts[proposed])
            label = _("%(counter)s, %(lines)s lines") % {"counter": counter.text, "lines": counter.lines}
            own = forms.TypedChoiceField(
                label=label, coerce=int, choices=[("", _("— choose —")), *financial], error_messages=_MISSING
            )
            other = forms.TypedChoiceField(
                label=_("and in the budget half"), coerce=int, choices=budget, required=False, empty_value=None
            )
            own.initial, other.initial = proposed, spent
            self.fields[f"account_{counter.pk}"], self.fields[f"budget_{counter.pk}"] = own, other
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control" if field is self.fields["year"] else "form-select"

    def _set(self, name: str, value: Any) -> None:
        self.fields[name].initial = value

    def _choose(self, name: str, choices: list[tuple[Any, Any]], value: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        field.initial = value

    def _choices(self, half: str) -> list[tuple[Any, Any]]:
        return [(account.pk, str(account)) for account in self.accounts.values() if account.half == half]

    def _books(self) -> list[tuple[Any, Any]]:
        return [(account.pk, str(account)) for account in self.accounts.values() if account.bound_book]

    def _below(self, code: str) -> Iterator[Account]:
        return (account for account in self.accounts.values() if account.code.startswith(code))

    def _first(self, code: str) -> int | None:
        return next((account.pk for account in self._below(code)), None)

    def _proposed(self, counter: JournalCounter) -> int | None:
        """Return the account that the paper most likely means; what comes from a bank came from the central school."""
        found = _CODE.match(counter.text)
        code = found[1] if found else ""
        if not code:
            name = counter.text.strip()
            return next((account.pk for account in self.accounts.values() if account.name == name), None)
        if code.startswith(BANK) and self._first(BANK) is None:
            return next((account.pk for account in self.accounts.values() if account.counterpart_id), None)
        if code in EXPENSES:
            return self._first(code + GOODS) or self._first(code)
        return self._first(code)

    def _proposed_budget(self, counter: JournalCounter, account: Account) -> int | None:
        """Return the account of the budget half that the usual case on the page of vouchers has; None without one."""
        # So it is with money from the central school, too: for a campus it is cash drawn, which only changes its place
        # in one office. The appropriation is budget income where it came in. It becomes that of the campus only when
        # the central school takes it out of its own books with the same payment, and no paper of the campus says so:
        # who knows it chooses 6001 here, once for all lines.
        own = self.accounts.get(self.about.account_id or self._first(CASH) or 0)
        if own is None:
            return None
        amount = abs(counter.debit + counter.credit)
        # What is given back of an expense is booked as the expense was.
        is_paid = counter.credit >= counter.debit or account.category == Account.Category.EXPENSE
        debit, credit = (account, own) if is_paid else (own, account)
        lines = [Line(debit, debit=amount), Line(credit, credit=amount)]
        case = parallel.case_for(lines) if parallel.lacks_budget_half(lines) else None
        found = self.usual.usual(parallel.budget_use(case)) if case is not None else None
        return found.pk if found is not None else None

    @property
    def about_the_book(self) -> list[BoundField]:
        """The fields about the journal itself."""
        return [self["year"], self["account"], self["opening_account"]]

    @property
    def of_counters(self) -> list[tuple[JournalCounter, BoundField, BoundField]]:
        """Each counter account with its two fields."""
        return [(counter, self[f"account_{counter.pk}"], self[f"budget_{counter.pk}"]) for counter in self.counters]

    def save(self) -> JournalBatch:
        """Submit it."""
        data = self.cleaned_data
        choices = {
            counter.pk: (
                self.accounts[data[f"account_{counter.pk}"]],
                self.accounts.get(data[f"budget_{counter.pk}"]),
            )
            for counter in self.counters
        }
        return actions.submit(
            self.about,
            year=data["year"],
            account=self.accounts[data["account"]],
            opening_account=self.accounts[data["opening_account"]],
            choices=choices,
            by=self.by,
        )


class SendBackForm(ActingForm):
    """Why a journal goes back."""

    reason = forms.CharField(label=_("What has to be changed"), max_length=300, required=False)

    def __init__(self, *args: Any, about: JournalBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = about

    def save(self) -> JournalBatch:
        """Send it back."""
        return actions.send_back(self.about, reason=self.cleaned_data["reason"], by=self.by)
