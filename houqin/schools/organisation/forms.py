"""Forms for schools."""

from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from houqin.schools.models import School
from houqin.schools.organisation import actions
from houqin.schools.pages import schools_to_act_for
from houqin.web.forms import ActingModelForm, KeyedForm


class SchoolForm(ActingModelForm):
    """Change a school."""

    class Meta:
        model = School
        fields = ["name", "short_name", "code", "office_phone", "has_kitchen"]
        help_texts = {"office_phone": _("Shown to those who report by QR code, for what cannot wait.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(
            *[name for name in ("form_key", "parent") if name in self.fields],
            "name",
            Row(Column("short_name"), Column("code")),
            "office_phone",
            "has_kitchen",
        )

    def save(self, commit: bool = True) -> School:
        return actions.update_school(self.instance, by=self.by, **self.told)

    @property
    def told(self) -> dict[str, Any]:
        """What the actions get."""
        return {name: self.cleaned_data[name] for name in SchoolForm.Meta.fields}


class CampusForm(KeyedForm, SchoolForm):
    """Enter a campus."""

    parent = forms.ModelChoiceField(School.objects.none(), label=_("Central school"), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schools = schools_to_act_for(self.by, "schools.manage_schools")
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ModelChoiceField)  # noqa: S101  for the type checker
        parent.queryset = School.objects.filter(pk__in=[school.pk for school in schools], is_active=True)

    def save(self, commit: bool = True) -> School:
        return actions.create_campus(self.cleaned_data["parent"], by=self.by, **self.told)
