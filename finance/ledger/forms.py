"""What people type about vouchers, periods and sets of books; every `save()` calls the action."""

from collections.abc import Mapping, Sequence
from datetime import date as Date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.ledger import actions, rules, scans
from finance.ledger.accounts import Accounts, label
from finance.ledger.line_forms import (
    EMPTY_LINES,
    LINES,
    HalfSum,
    LineFormSet,
    initial_lines,
    shown_sums,
    typed_lines,
)
from finance.ledger.models import Ledger, Period, Posting, Voucher, VoucherKind
from houqin.web.forms import ActingForm, KeyedForm
from houqin.web.widgets import DayInput

SAVE, SUBMIT, CHECK, ADD, REMOVE = "save", "submit", "check", "add", "remove-"
BY_LINES = "lines"


class VoucherForm(KeyedForm, ActingForm):
    """A voucher with its lines. `do` is the button: save or submit."""

    kind = forms.ChoiceField(label=_("kind of voucher"))
    date = forms.DateField(label=_("date"), widget=DayInput)
    attachments = forms.IntegerField(
        label=_("number of attachments"),
        min_value=0,
        max_value=rules.MOST_ATTACHMENTS,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    OWN = ("kind", "date", "attachments")

    def __init__(
        self,
        *args: Any,
        ledger: Ledger,
        record: Voucher | None = None,
        corrects: Posting | None = None,
        source: tuple[str, int | None] = ("", None),
        do: str = SAVE,
        lines: Sequence[dict[str, Any]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.ledger, self.record, self.source, self.do = ledger, record, source, do
        self.corrects = record.corrects if record is not None else corrects
        kwargs["initial"] = self._begin() | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = self._kinds()
        self.accounts = Accounts(ledger)
        given = {"accounts": self.accounts}
        if self.is_bound:
            self.lines = LineFormSet(self.data, prefix=LINES, form_kwargs=given)
        else:
            shown = self._lines() if lines is None else list(lines)
            blank: list[dict[str, Any]] = [{}] * max(EMPTY_LINES - len(shown), 1 if lines is None else 0)
            self.lines = LineFormSet(initial=[*shown, *blank], prefix=LINES, form_kwargs=given)

    def _begin(self) -> dict[str, Any]:
        """Return what the form shows first: the record, else today or the last day that is still open."""
        if self.record is not None:
            return {name: getattr(self.record, name) for name in self.OWN}
        general = self.ledger.voucher_kinds == Ledger.VoucherKinds.GENERAL
        return {"kind": VoucherKind.GENERAL if general else BY_LINES, "date": first_day(self.ledger)}

    def _lines(self) -> list[dict[str, Any]]:
        if self.record is None:
            return []
        return initial_lines(self.record.lines.select_related("account"))

    def _kinds(self) -> list[tuple[str, Any]]:
        """Return the kinds that these books have and that the person may write."""
        transfers = self.by.has_perm("finance.prepare_transfer", self.ledger)
        if self.ledger.voucher_kinds == Ledger.VoucherKinds.GENERAL:
            kinds = [VoucherKind.GENERAL]
        else:
            kinds = [VoucherKind.RECEIPT, VoucherKind.PAYMENT, *([VoucherKind.TRANSFER] if transfers else [])]
        begins = not self.ledger.chain_position or (self.record and self.record.kind == VoucherKind.OPENING)
        if transfers and begins:
            kinds.append(VoucherKind.OPENING)
        by_lines = [] if VoucherKind.GENERAL in kinds else [(BY_LINES, _("as its lines say"))]
        return [*by_lines, *((str(kind), kind.label) for kind in kinds)]

    @classmethod
    def retyped(cls, data: Mapping[str, Any], *, do: str, **kwargs: Any) -> "VoucherForm":
        """Return the form as it was typed, with one line more or less, and say nothing about errors yet."""
        lines = typed_lines(data)
        if do == ADD:
            lines.append({})
        else:
            lines = [line for place, line in enumerate(lines) if f"{REMOVE}{place}" != do]
        initial = {name: data.get(name, "") for name in (*cls.OWN, "form_key")}
        return cls(initial=initial, lines=lines or [{}], **kwargs)

    def is_valid(self) -> bool:
        """Check the lines, too."""
        lines_valid = self.lines.is_valid()
        valid = super().is_valid()
        return lines_valid and valid

    def clean(self) -> dict[str, Any]:
        """Ask for the first summary, and find the kind by what the lines move."""
        data: dict[str, Any] = super().clean() or {}
        filled = [form for form in self.lines if form.is_bound and (not form.is_valid() or not form.is_empty)]
        written = [form for form in filled if form.is_valid()]
        if filled and not filled[0].cleaned_data.get("summary"):
            error = forms.ValidationError(_("Write what it is for."), code="summary_missing")
            filled[0].add_error("summary", error)
            self.add_error(None, error)
        if not written and not self.lines.total_error_count():
            self.add_error(None, forms.ValidationError(_("Write at least one line."), code="lines_missing"))
        if data.get("kind") == BY_LINES:
            data["kind"] = self._kind_of(written)
        return data

    def _kind_of(self, written: Sequence[Any]) -> str:
        """Return the kind that the lines make it; refuse the one that this person does not write."""
        lines = [form.line() for form in written]
        received = any(line.account.is_money and line.debit for line in lines if line)
        paid = any(line.account.is_money and line.credit for line in lines if line)
        kind = VoucherKind.PAYMENT if paid else VoucherKind.RECEIPT if received else VoucherKind.TRANSFER
        if str(kind) not in dict(self._kinds()):
            sentence = _("It moves no money, so it is a transfer voucher: the accountant writes these.")
            self.add_error("kind", forms.ValidationError(sentence, code="no_transfers"))
        return str(kind)

    @property
    def sums(self) -> list[HalfSum]:
        """The sums of both halves as they are typed."""
        return shown_sums(self.lines, self.accounts)

    def show_accounts(self) -> None:
        """Write code and name into the fields where an account was found; for the page after a check."""
        data: Any = self.data
        self.data = data = data.copy()
        for form in self.lines:
            form.data = data
            if form.found is not None:
                data[form.add_prefix("account")] = label(form.found)

    def given_lines(self) -> list[actions.Line]:
        """Return the lines that say something."""
        return [line for form in self.lines if (line := form.line()) is not None]

    def save(self) -> Voucher:
        """Write the draft; submit it when that was the button."""
        data = self.cleaned_data
        values = {
            "lines": self.given_lines(),
            "date": data["date"],
            "attachments": data["attachments"] or 0,
            "by": self.by,
        }
        kind, key = self.source
        voucher = actions.save_draft(
            self.ledger,
            kind=data["kind"],
            voucher=self.record,
            source_kind=kind,
            source_id=key,
            corrects=self.corrects,
            **values,
        )
        return actions.submit(voucher, by=self.by) if self.do == SUBMIT else voucher


def first_day(ledger: Ledger) -> Date:
    """Return today, or the nearest day that lies in an open month of the books."""
    today = timezone.localdate()
    months = ledger.periods.filter(state=Period.State.OPEN).order_by("year", "month")
    open_months = list(months.values_list("year", "month"))
    if not open_months or (today.year, today.month) in open_months:
        return today
    before = [month for month in open_months if month < (today.year, today.month)]
    year, month = before[-1] if before else open_months[0]
    following = Date(year + month // 12, month % 12 + 1, 1)
    return Date.fromordinal(following.toordinal() - 1) if before else Date(year, month, 1)


class SendBackForm(ActingForm):
    """Why a voucher goes back."""

    reason = forms.CharField(
        label=_("What has to be changed?"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )

    def __init__(self, *args: Any, record: Voucher, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record

    def save(self) -> Voucher:
        """Send it back."""
        return actions.send_back(self.record, reason=self.cleaned_data["reason"], by=self.by)


class ReverseForm(KeyedForm, ActingForm):
    """On which day a posting is written off, and why."""

    date = forms.DateField(label=_("date"), widget=DayInput)
    reason = forms.CharField(
        label=_("Why is it written off?"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, record: Voucher, **kwargs: Any) -> None:
        self.record = record
        kwargs["initial"] = {"date": first_day(record.ledger)} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def save(self) -> Voucher:
        """Hand in the red voucher; return it."""
        data = self.cleaned_data
        return actions.draft_reversal(self.record.posting, by=self.by, date=data["date"], reason=data["reason"])


class ScanForm(ActingForm):
    """A photo or a PDF of what the voucher rests on."""

    file = forms.FileField(
        label=_("Photo or PDF"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/*,application/pdf"}),
        error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")},
    )

    def __init__(self, *args: Any, record: Voucher, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record

    def save(self) -> Voucher:
        """Keep it."""
        return scans.attach(self.record, self.cleaned_data["file"], by=self.by)


class OpenLedgerForm(KeyedForm, ActingForm):
    """The opening page of a set of books: the school's, or its canteen's, which keeps its own (财会〔2018〕20号)."""

    kind = forms.ChoiceField(label=_("whose books"))
    name = forms.CharField(label=_("name of the books"), max_length=60)
    year = forms.IntegerField(label=_("first year"), widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    month = forms.TypedChoiceField(label=_("first month"), coerce=int, choices=[(n, str(n)) for n in range(1, 13)])
    voucher_kinds = forms.ChoiceField(label=_("kinds of vouchers"), choices=Ledger.VoucherKinds.choices)
    lines_per_page = forms.IntegerField(
        label=_("lines on a page"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("Of the bound books; it stays as it is once the books are opened."),
    )

    def __init__(self, *args: Any, free: Sequence[Ledger.Kind] = (), **kwargs: Any) -> None:
        school = kwargs.get("school")
        canteen = bool(free) and free[0] == Ledger.Kind.CANTEEN
        begin = {
            "kind": free[0] if free else Ledger.Kind.MAIN,
            "name": (f"{school.name}食堂" if canteen else school.name) if school else "",
            "year": timezone.localdate().year,
            "month": 1,
            "voucher_kinds": Ledger.VoucherKinds.THREE,
            "lines_per_page": 20,
        }
        kwargs["initial"] = begin | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [(str(one), one.label) for one in free] or Ledger.Kind.choices

    def save(self) -> Ledger:
        """Open the books."""
        own = {name: self.cleaned_data[name] for name in self.base_fields if name != "form_key"}
        return actions.open_ledger(self.school, by=self.by, **own)
