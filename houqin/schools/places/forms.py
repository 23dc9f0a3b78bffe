"""Forms for places."""

from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from houqin.schools.models import Place
from houqin.schools.places import actions
from houqin.web.forms import ActingModelForm, KeyedForm

# Rooms stand in these; a room within a room is rare and can be entered by import.
HOLDING_KINDS = (Place.Kind.BUILDING, Place.Kind.STRUCTURE, Place.Kind.GROUND)


class PlaceForm(ActingModelForm):
    """Change a place."""

    class Meta:
        model = Place
        fields = ["parent", "name", "kind", "code"]
        help_texts = {
            "name": _("Without the building: 101 classroom. The building's name is put before it."),
            "code": _("Stands on the label. Left empty, one is made of the building and the number."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        school = self.instance.school if self.instance.pk else self.school
        holding = Place.objects.visible_to(self.by).filter(school=school, kind__in=HOLDING_KINDS).open()
        if self.instance.parent_id:
            holding |= Place.objects.visible_to(self.by).filter(pk=self.instance.parent_id)
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ModelChoiceField)  # noqa: S101  for the type checker
        parent.queryset = holding.exclude(pk=self.instance.pk).order_by("name_pinyin")
        parent.empty_label = str(_("in no other place"))
        self.fields["code"].required = False
        self.helper.layout = Layout(
            *(["form_key"] if "form_key" in self.fields else []),
            "parent",
            "name",
            Row(Column("kind"), Column("code")),
        )

    def clean_code(self) -> str:
        """Write codes in capitals, as labels do."""
        code: str = self.cleaned_data["code"]
        return code.strip().upper()

    def save(self, commit: bool = True) -> Place:
        return actions.update_place(self.instance, by=self.by, **self.told)

    @property
    def told(self) -> dict[str, Any]:
        """What the actions get."""
        return {name: self.cleaned_data[name] for name in ("name", "kind", "parent", "code")}


class PlaceCreateForm(KeyedForm, PlaceForm):
    """Enter a place."""

    def save(self, commit: bool = True) -> Place:
        return actions.create_place(self.school, by=self.by, **self.told)
