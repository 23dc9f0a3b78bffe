"""Forms of the calendar."""

from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused
from houqin.schools.days import actions
from houqin.schools.days.plan_text import read_plan
from houqin.schools.models import SchoolDay, Term
from houqin.schools.models.calendar import DayKind
from houqin.web.forms import ActingForm, ActingModelForm, KeyedForm
from houqin.web.widgets import DayInput

SHOWN_ERRORS = 20


class TermForm(ActingModelForm):
    """Change a term."""

    class Meta:
        model = Term
        fields = ["name", "starts_on", "ends_on"]
        widgets = {"starts_on": DayInput, "ends_on": DayInput}
        help_texts = {"name": _("As people write it: 2026-2027 school year, first term.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(
            *(["form_key"] if "form_key" in self.fields else []),
            "name",
            Row(Column("starts_on"), Column("ends_on")),
        )

    def save(self, commit: bool = True) -> Term:
        return actions.change_term(self.instance, by=self.by, **self.told)

    @property
    def told(self) -> dict[str, Any]:
        """What the actions get."""
        return {name: self.cleaned_data[name] for name in TermForm.Meta.fields}


class TermCreateForm(KeyedForm, TermForm):
    """Enter a term."""

    def save(self, commit: bool = True) -> Term:
        return actions.add_term(self.school, by=self.by, **self.told)


class OwnDaysForm(KeyedForm, ActingForm):
    """Enter days on which the school goes its own way."""

    kind = forms.ChoiceField(
        label=_("The school is"),
        choices=[(DayKind.OFF.value, _("off")), (DayKind.WORK.value, _("on, although it would be off"))],
        widget=forms.RadioSelect,
        initial=DayKind.OFF.value,
    )
    first = forms.DateField(label=_("First day"), initial=timezone.localdate, widget=DayInput)
    last = forms.DateField(label=_("Last day"), required=False, widget=DayInput, help_text=_("Empty for a single day."))
    name = forms.CharField(
        label=_("Reason"), max_length=40, help_text=_("For example: sports day, heavy rain, make-up lessons.")
    )

    def __init__(self, *args: Any, instance: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("form_key", "kind", Row(Column("first"), Column("last")), "name")

    def save(self) -> SchoolDay:
        """Enter the days; return the first."""
        told = self.cleaned_data
        days = actions.add_own_days(
            self.school,
            first=told["first"],
            last=told["last"] or told["first"],
            kind=told["kind"],
            name=told["name"],
            by=self.by,
        )
        return days[0]


class PlanForm(KeyedForm, ActingForm):
    """Paste the national plan of a year."""

    year = forms.IntegerField(label=_("Year"), min_value=2004, max_value=2099)
    text = forms.CharField(
        label=_("The plan"),
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_(
            "Paste the numbered paragraphs of the official notice, or write a line for each day or span: "
            "2027-01-01 to 2027-01-03 with the holiday's name; for a make-up workday add the word work."
        ),
    )

    def __init__(self, *args: Any, instance: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("form_key", "year", "text")

    def clean(self) -> dict[str, Any]:
        """Read the text; what is wrong is said line by line."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if "year" in told and "text" in told:
            told["days"], errors = read_plan(told["text"].replace("到", "至").replace(" to ", " 至 "), told["year"])
            for error in errors[:SHOWN_ERRORS]:
                self.add_error(
                    "text",
                    Refused(
                        _("Line %(line)s: %(what)s"),
                        code=error.code,
                        params={"line": error.line, "what": error.message},
                    ),
                )
        return told

    def save(self) -> int:
        """Store the plan; return its year."""
        year: int = self.cleaned_data["year"]
        actions.enter_plan(year, self.cleaned_data["days"], by=self.by)
        return year
