"""What people type about rounds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assets.rounds import actions
from assets.rounds.models import RepairRound, RoundCount
from houqin.errors import Refused
from houqin.schools.models import Place
from houqin.web.forms import ActingForm, KeyedForm

FIGURES = {"counted": _("counted"), "broken": _("broken"), "repaired": _("repaired")}


class RoundForm(KeyedForm, ActingForm):
    """The name of a new round."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("For example: doors, windows and desks before the autumn term.")
    )

    def save(self) -> RepairRound:
        """Open it at the acting school. Raises Refused "choose_school" while all schools are looked at."""
        if self.school is None:
            raise Refused(_("Choose one school first."), code="choose_school")
        return actions.open_round(self.school, by=self.by, name=self.cleaned_data["name"])


class CountForm(ActingForm):
    """The figures of one place: for each kind of thing counted, broken, repaired."""

    def __init__(self, *args: Any, repair_round: RepairRound, place: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.repair_round, self.place = repair_round, place
        known = {count.thing: count for count in repair_round.counts.filter(place=place)}
        for thing in RoundCount.Thing:
            for figure, label in FIGURES.items():
                self.fields[f"{thing}_{figure}"] = forms.IntegerField(
                    label=label,
                    min_value=0,
                    max_value=100_000,
                    required=False,
                    initial=getattr(known.get(thing), figure, None),
                    widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
                )

    def lines(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return label and fields of each kind of thing, for the table."""
        return [(str(thing.label), [self[f"{thing}_{figure}"] for figure in FIGURES]) for thing in RoundCount.Thing]

    def save(self) -> list[RoundCount]:
        """Write the figures of the things that have any."""
        data = self.cleaned_data
        figures = {}
        for thing in RoundCount.Thing:
            numbers = {figure: data.get(f"{thing}_{figure}") for figure in FIGURES}
            if any(number is not None for number in numbers.values()):
                figures[str(thing)] = actions.Figures(**{name: number or 0 for name, number in numbers.items()})
        return actions.count_place(self.repair_round, by=self.by, place=self.place, figures=figures)
