"""What is typed of a reconciliation; every `save()` calls the action."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from finance.banks.models import BankAccount
from finance.ledger.line_forms import amount
from finance.ledger.models import ZERO, Entry, VoucherKind
from finance.reconciliations import actions
from finance.reconciliations.actions import TypedItem, text_of
from finance.reconciliations.facts import due, from_before, previous, standing
from finance.reconciliations.models import OF_THE_BANK, OURS, BankReconciliation, ItemKind, ReconciliationItem
from houqin.web.amounts import AmountField
from houqin.web.forms import ActingForm, KeyedForm
from houqin.web.widgets import DayInput

ITEMS, EARLIER = "items", "earlier"
NAMES = ("kind", "date", "text", "amount")
# Lines that are shown empty, each time; entries of the month, and those found by search.
EMPTY_LINES, MOST_ENTRIES, MOST_FOUND = 3, 200, 50
MOST_LINES = 200
SAVE, SUBMIT, CHECK, FIND = "save", "submit", "check", "find"


class BeginForm(KeyedForm, ActingForm):
    """Which bank account, which month, and what the bank says was in it at the end."""

    bank_account = forms.ModelChoiceField(
        queryset=BankAccount.objects.none(), label=_("bank account"), empty_label=None
    )
    month = forms.ChoiceField(label=_("month"))
    statement = AmountField(
        label=_("balance of the bank's statement"), help_text=_("At the end of the month, as the bank wrote it.")
    )

    def __init__(self, *args: Any, asked: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dues = [one for one in due(self.by, self.school) if one.fresh]
        asked_for = [one for one in self.dues if str(one.bank_account.pk) == asked]
        first = next(iter(asked_for or self.dues), None)
        banks, month = self.fields["bank_account"], self.fields["month"]
        # What was begun meanwhile is refused in words by the action; the same form sent twice gets the same answer.
        keys = None if self.is_bound else [one.bank_account.pk for one in self.dues]
        rows = BankAccount.objects.visible_to(self.by).at(self.school).select_related("account__ledger__school")
        banks.queryset = rows if keys is None else rows.filter(pk__in=keys)  # type: ignore[attr-defined]
        # The oldest first: what is open at its end is proposed for the month after.
        months = {each.fresh[0] for each in self.dues} | self._sent()
        month.choices = [(one.isoformat(), f"{one:%Y-%m}") for one in sorted(months)]  # type: ignore[attr-defined]
        if first is not None:
            begin = {"bank_account": first.bank_account.pk, "month": first.fresh[0].isoformat()}
            self.initial = {**begin, **self.initial}

    def _sent(self) -> set[Date]:
        """Return the month that was sent, if it is a day at all."""
        try:
            day = parse_date(self.data.get("month", ""))
        except ValueError:
            day = None
        return {day} if day is not None else set()

    def save(self) -> BankReconciliation:
        data = self.cleaned_data
        ends_on = Date.fromisoformat(data["month"])
        return actions.begin(data["bank_account"], ends_on=ends_on, statement=data["statement"], by=self.by)


class ItemForm(forms.Form):
    """Something that the bank has and our books do not; an empty line is ignored."""

    too_late: tuple[Any, str] = (_("This is after the end of the month."), "date_after_month")

    kind = forms.ChoiceField(label=_("kind of item"), choices=[(kind.value, kind.label) for kind in OF_THE_BANK])
    date = forms.DateField(label=_("date"), widget=DayInput, required=False)
    text = forms.CharField(label=_("what it is"), max_length=150, required=False)
    amount = AmountField(label=_("amount"), required=False)

    def __init__(self, *args: Any, until: Date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.until = until

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not any(self[name].value() for name in ("date", "text", "amount"))

    def clean(self) -> dict[str, Any]:
        """Ask for day, words and an amount above zero."""
        data: dict[str, Any] = super().clean() or {}
        if self.is_empty:
            return data
        for name, sentence in (("date", _("On which day?")), ("text", _("Write what it is."))):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, forms.ValidationError(sentence, code=f"{name}_missing"))
        if data.get("date") and data["date"] > self.until:
            self.add_error("date", forms.ValidationError(*self.too_late))
        if "amount" not in self.errors and (data.get("amount") or ZERO) <= 0:
            self.add_error("amount", forms.ValidationError(_("Write an amount above zero."), code="amount_wrong"))
        return data


class EarlierItemForm(ItemForm):
    """Something of ours that the bank has not seen, and that was booked before these books were opened."""

    too_late = (_("This is not before the day on which the books were opened."), "not_before_opening")
    kind = forms.ChoiceField(label=_("kind of item"), choices=[(kind.value, kind.label) for kind in OURS])


_LINES: dict[str, Any] = {"extra": 0, "max_num": MOST_LINES, "absolute_max": MOST_LINES}
FORM_SETS = {
    ITEMS: forms.formset_factory(ItemForm, **_LINES),
    EARLIER: forms.formset_factory(EarlierItemForm, **_LINES),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of the journal to be ticked when the bank does not have it yet."""

    pk: int
    date: Date
    text: str
    kind: str
    amount: Decimal
    ticked: bool
    is_earlier: bool

    @property
    def received(self) -> Decimal | None:
        """The amount, if it was received."""
        return self.amount if self.kind == ItemKind.WE_RECEIVED else None

    @property
    def paid(self) -> Decimal | None:
        """The amount, if it was paid."""
        return self.amount if self.kind == ItemKind.WE_PAID else None


class WriteForm(ActingForm):
    """The bank's balance and everything that one side has and the other has not yet."""

    statement = AmountField(label=_("balance of the bank's statement"))
    scan = forms.FileField(
        label=_("the bank's statement"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
        error_messages={"empty": _("The file is empty.")},
    )

    # Set once the entries were searched.
    found_nothing = False

    def __init__(
        self,
        *args: Any,
        record: BankReconciliation,
        do: str = SAVE,
        typed: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Fill it from the record, from what is posted, or from `typed`: shown again without a word about errors."""
        super().__init__(*args, **kwargs)
        self.record, self.do = record, do
        self.position, self.book = standing(record.bank_account.account_id, record.ends_on)
        self.opened_on = record.ledger.opened_on
        if self.is_bound:
            self.items = self._lines(ITEMS, data=self.data)
            self.earlier = self._lines(EARLIER, data=self.data) if f"{EARLIER}-TOTAL_FORMS" in self.data else None
            self.ticked, self.asked = _keys(self.data), _asked(self.data)
            return
        if typed is not None:
            self.initial = {"statement": typed.get("statement", "")}
            bank, ours, self.ticked, self.asked = (
                _typed(typed, ITEMS), _typed(typed, EARLIER), _keys(typed), _asked(typed)
            )  # fmt: skip
        else:
            self.initial = {"statement": record.statement}
            kept = list(record.items.all())
            bank, ours = (
                [_values(one) for one in kept if one.entry_id is None and one.kind in kinds]
                for kinds in (OF_THE_BANK, OURS)
            )
            self.ticked, self.asked = {one.entry_id for one in kept if one.entry_id is not None}, ""
        self.items = self._lines(ITEMS, initial=[*bank, *[{}] * EMPTY_LINES])
        free: list[dict[str, Any]] = [{}] * (EMPTY_LINES if self.is_first else len(self.carried) - len(ours))
        self.earlier = self._lines(EARLIER, initial=[*ours, *free]) if ours or free else None

    def _lines(self, prefix: str, **given: Any) -> Any:
        until = self.record.ends_on if prefix == ITEMS else self.opened_on - timedelta(days=1)
        return FORM_SETS[prefix](prefix=prefix, form_kwargs={"until": until}, **given)

    @cached_property
    def is_first(self) -> bool:
        """Whether it is the first of its journal, where items from before the books were opened are written."""
        return self._before is None

    @cached_property
    def carried(self) -> list[ReconciliationItem]:
        """What the month before has of ours from before the books, maybe written since this one was begun."""
        return list(from_before(self._before)) if self._before is not None else []

    @cached_property
    def _before(self) -> BankReconciliation | None:
        return previous(self.record.bank_account.account_id, self.record.ends_on)

    @property
    def lines(self) -> list[Any]:
        """What was typed: the bank's lines, and those from before the books were opened."""
        return [*self.items, *(self.earlier or [])]

    @property
    def wrong_lines(self) -> int:
        """How many mistakes are in the lines."""
        return sum(len(line.errors) for line in self.lines)

    @property
    def has_earlier(self) -> bool:
        """Whether anything stands in the lines from before the books were opened."""
        return any(not line.is_empty for line in self.earlier or [])

    def is_valid(self) -> bool:
        """Check the lines, too."""
        checked = [lines.is_valid() for lines in (self.items, self.earlier) if lines is not None]
        return super().is_valid() and all(checked)

    @cached_property
    def choices(self) -> list[Choice]:
        """The entries to tick: those ticked, those of the month, and what was searched for, the oldest first."""
        one = self.record
        upto = Entry.objects.filter(account=one.bank_account.account_id, date__lte=one.ends_on)
        upto = upto.exclude(posting__kind=VoucherKind.OPENING)
        month = upto.filter(date__gte=one.ends_on.replace(day=1)).order_by("-position")[:MOST_ENTRIES]
        keys = {entry.pk: entry for entry in [*_with_posting(month)]}
        missing = self.ticked - set(keys)
        keys |= {entry.pk: entry for entry in _with_posting(upto.filter(pk__in=missing))} if missing else {}
        if self.asked:
            found = list(_with_posting(upto.filter(_like(self.asked)).order_by("-position")[:MOST_FOUND]))
            self.found_nothing = not found
            keys |= {entry.pk: entry for entry in found}
        return [self._choice(entry) for entry in sorted(keys.values(), key=lambda entry: entry.position)]

    def _choice(self, entry: Entry) -> Choice:
        return Choice(
            pk=entry.pk,
            date=entry.date,
            text=text_of(entry),
            kind=ItemKind.WE_RECEIVED if entry.debit > entry.credit else ItemKind.WE_PAID,
            amount=abs(entry.debit - entry.credit),
            ticked=entry.pk in self.ticked,
            is_earlier=entry.date < self.record.ends_on.replace(day=1),
        )

    @cached_property
    def shown(self) -> BankReconciliation:
        """A reconciliation of what stands in the fields, right or not, for its sums; it is never saved."""
        sums = dict.fromkeys(ItemKind.values, ZERO)
        for line in self.lines:
            kind, first = line["kind"].value(), line.fields["kind"].choices[0][0]
            sums[kind if kind in ItemKind.values else first] += amount(line["amount"].value())
        for choice in self.choices:
            sums[choice.kind] += choice.amount if choice.ticked else ZERO
        return BankReconciliation(book=self.book, statement=amount(self["statement"].value()), **sums)

    def save(self) -> BankReconciliation:
        """Write the draft; submit it when that was the button."""
        data = self.cleaned_data
        one = actions.write(
            self.record,
            statement=data["statement"],
            bank_items=_items(self.items),
            earlier=_items(self.earlier or []),
            entries=self.ticked,
            scan=data.get("scan"),
            by=self.by,
        )
        return actions.submit(one, by=self.by) if self.do == SUBMIT else one


class SendBackForm(ActingForm):
    """Why a reconciliation goes back."""

    reason = forms.CharField(
        label=_("What has to be changed?"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )

    def __init__(self, *args: Any, record: BankReconciliation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record

    def save(self) -> BankReconciliation:
        """Send it back."""
        return actions.send_back(self.record, reason=self.cleaned_data["reason"], by=self.by)


def _keys(data: Any) -> set[int]:
    """Return the keys of the ticked entries; what is no key is no entry and so refused later."""
    return {int(key) if key.isdecimal() and len(key) < 19 else 0 for key in data.getlist("entry")}


def _values(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in NAMES}


def _items(lines: Iterable[Any]) -> list[TypedItem]:
    """Return what stands in checked lines."""
    filled = [line.cleaned_data for line in lines if not line.is_empty]
    return [TypedItem(**{name: line[name] for name in NAMES}) for line in filled]


def _typed(data: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Return the lines as they were typed, unchecked; those in which nothing stands are left out."""
    count = str(data.get(f"{prefix}-TOTAL_FORMS", "0"))
    shown = min(int(count), MOST_LINES - EMPTY_LINES) if count.isdecimal() and len(count) < 6 else 0
    lines = [{name: data.get(f"{prefix}-{place}-{name}", "") for name in NAMES} for place in range(shown)]
    return [line for line in lines if any(line[name] for name in NAMES[1:])]


def _like(asked: str) -> Q:
    """Return the condition that an entry has these words, or this amount."""
    value = amount(asked)
    return Q(debit=value) | Q(credit=value) if value else Q(summary__icontains=asked)


def _asked(data: Mapping[str, Any]) -> str:
    """Return what was searched for; a database takes no zero byte."""
    return str(data.get("find", "")).replace("\0", "").strip()[:60]


def _with_posting(entries: QuerySet[Any]) -> QuerySet[Any]:
    return entries.select_related("posting")
