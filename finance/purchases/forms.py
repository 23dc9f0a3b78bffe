"""What people type about purchases; every `save()` calls the action."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.budgets.models import BudgetLine
from finance.purchases import actions
from finance.purchases.actions import MOST_LINES
from finance.purchases.line_forms import LineFormSet, initial_lines, typed_lines
from finance.purchases.models import PurchaseRequest, PurchaseSettings, Quote
from houqin.web.forms import ActingForm, ActingModelForm, KeyedForm
from houqin.web.templatetags.houqin import money
from houqin.web.widgets import DayInput

SAVE, SUBMIT, ADD, REMOVE = "save", "submit", "add", "remove-"
LINES = "lines"


class BudgetLineField(forms.ModelChoiceField):
    """A budget line; what is left of it is said to those who may read the budget."""

    shows_left = False

    def label_from_instance(self, obj: Any) -> str:
        """Return year, item, what tells it apart, source."""
        words = f"{obj.year} {obj.title} · {obj.get_source_display()}"
        return f"{words} · {_('left %(sum)s') % {'sum': money(obj.left)}}" if self.shows_left else words


class PurchaseForm(KeyedForm, ActingForm):
    """A purchase request with its lines. `submitting` asks for everything that a signature needs."""

    title = forms.CharField(
        label=_("What is bought"),
        max_length=80,
        error_messages={"required": _("A few words are enough, for example: new desks for grade five.")},
    )
    kind = forms.ChoiceField(
        label=_("Which kind?"),
        choices=PurchaseRequest.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Tap the kind.")},
    )
    purpose = forms.CharField(
        label=_("What for, and why now"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who signs reads this first."),
    )
    needed_on = forms.DateField(label=_("Needed by"), widget=DayInput, required=False)
    emergency_reason = forms.CharField(
        label=_("Why it is urgent"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only when the notice is too short; who signs sees it in red."),
    )
    budget_line = BudgetLineField(
        label=_("Budget line"), queryset=BudgetLine.objects.none(), required=False, empty_label=_("Choose")
    )
    idle_reason = forms.CharField(
        label=_("Why the idle ones do not serve"),
        max_length=200,
        required=False,
        help_text=_("For example: too low for grade five."),
    )

    OWN = ("kind", "title", "purpose", "needed_on", "emergency_reason", "budget_line", "idle_reason")

    def __init__(
        self, *args: Any, record: PurchaseRequest | None = None, submitting: bool = False, **kwargs: Any
    ) -> None:
        if record is not None:
            own = {name: getattr(record, name) for name in self.OWN} | {"budget_line": record.budget_line_id}
            kwargs["initial"] = own | (kwargs.get("initial") or {})
        lines = kwargs.pop("lines", None)
        super().__init__(*args, **kwargs)
        self.record = record
        self.submitting = submitting
        self.saved: PurchaseRequest | None = None
        school = record.school if record else self.school
        self.lead_days = PurchaseSettings.of(school).lead_days if school else 7
        self._offer_money(school)
        self.fields["needed_on"].help_text = format_lazy(
            _("At least {days} days from the day on which you submit it; sooner only with a reason."),
            days=self.lead_days,
        )
        form_kwargs = {"submitting": submitting}
        if self.is_bound:
            self.lines = LineFormSet(self.data, prefix=LINES, form_kwargs=form_kwargs)
        else:
            given = lines if lines is not None else initial_lines(record)
            self.lines = LineFormSet(initial=given, prefix=LINES, form_kwargs=form_kwargs)
            self.lines.extra = 0 if given else 1

    def _offer_money(self, school: Any) -> None:
        """Offer the school's open lines of this year, and of the next one as soon as there are some."""
        field: Any = self.fields["budget_line"]
        year = timezone.localdate().year
        if school is not None:
            this_year = BudgetLine.objects.open_for(school, year)
            field.queryset = this_year | BudgetLine.objects.open_for(school, year + 1)
            field.shows_left = self.by.has_perm("finance.view_budget", school)

    @classmethod
    def retyped(cls, data: Mapping[str, Any], *, do: str, **kwargs: Any) -> "PurchaseForm":
        """Return the form as it was typed, with one line more or less, and say nothing about errors yet."""
        lines = typed_lines(data, LINES)
        if do == ADD and len(lines) < MOST_LINES:
            lines.append({})
        elif do.removeprefix(REMOVE).isdecimal():
            lines = [line for place, line in enumerate(lines) if place != int(do.removeprefix(REMOVE))]
        initial = {name: data.get(name, "") for name in (*cls.OWN, "form_key")}
        return cls(initial=initial, lines=lines or [{}], **kwargs)

    def is_valid(self) -> bool:
        """Check the lines, too."""
        lines_valid = self.lines.is_valid()
        return super().is_valid() and lines_valid

    def clean(self) -> dict[str, Any]:
        """Ask for what a signature needs when it is submitted; a draft may lack it."""
        data: dict[str, Any] = super().clean() or {}
        if not self.submitting:
            return data
        for name, sentence in {
            "purpose": _("Say what it is for: who signs decides by it."),
            "needed_on": _("Say by which day it is needed."),
            "budget_line": _("Choose the budget line that pays it."),
        }.items():
            if name in data and not data[name]:
                self.add_error(name, forms.ValidationError(sentence, code=f"{name}_missing"))
        return data

    @property
    def may_add(self) -> bool:
        """Whether one more line fits."""
        return len(self.lines.forms) < MOST_LINES

    @property
    def names(self) -> list[str]:
        """The names of the things as they are typed, for the hints beside them."""
        values = [form["name"].value() for form in self.lines]
        return [str(value).strip() for value in values if value]

    def save(self) -> PurchaseRequest:
        """Write the draft, and submit it when that was the button."""
        own = {name: self.cleaned_data[name] for name in self.OWN}
        lines = self.given_lines()
        if self.record is None:
            request = actions.create(self.school, by=self.by, lines=lines, **own)
        else:
            request = actions.change(self.record, by=self.by, lines=lines, **own)
        return actions.submit(request, by=self.by) if self.submitting else request

    def given_lines(self) -> Sequence[actions.Line]:
        """Return the lines that say something."""
        return [line for form in self.lines if (line := form.line()) is not None]


class AttachForm(KeyedForm, ActingForm):
    """A photo or a PDF, for one of the quotes or for the whole request."""

    file = forms.FileField(
        label=_("Photo or PDF"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/*,application/pdf"}),
        error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")},
    )
    quote = forms.ModelChoiceField(
        label=_("Belongs to"), queryset=Quote.objects.none(), required=False, empty_label=_("the whole request")
    )

    def __init__(self, *args: Any, record: PurchaseRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        quote: Any = self.fields["quote"]
        quote.queryset = Quote.objects.filter(line__request=record).select_related("line")
        quote.label_from_instance = lambda one: f"{one.line.name} · {one.supplier_name}"

    def save(self) -> PurchaseRequest:
        """Add it."""
        data = self.cleaned_data
        return actions.attach(self.record, data["file"], by=self.by, quote=data["quote"])


class SettingsForm(ActingModelForm):
    """What holds for the purchases of a school."""

    class Meta:
        model = PurchaseSettings
        fields = ["lead_days"]

    def save(self, commit: bool = True) -> PurchaseSettings:
        """Save them."""
        return actions.change_settings(self.instance, by=self.by)
