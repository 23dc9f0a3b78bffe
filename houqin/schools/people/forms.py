"""Forms for people and their posts."""

from typing import Any

from crispy_forms.layout import Column, Field, Layout, Row
from django import forms
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.accounts.models import User, phone_digits
from houqin.schools.models import Membership, School
from houqin.schools.pages import schools_to_act_for
from houqin.schools.people import actions, leaving
from houqin.schools.people.visible import colleagues
from houqin.schools.roles import LEADING_ROLES, Role
from houqin.web.forms import ActingForm, ActingModelForm, KeyedForm
from houqin.web.widgets import DayInput, TypeAheadField


def roles_to_give(by: Any, school: School | None) -> list[tuple[str, Any]]:
    """Return the roles that `by` may give at `school`, leading ones only to those who appoint leaders."""
    leads = by.has_perm("schools.appoint_leaders", school)
    return [(role.value, role.label) for role in Role if leads or role not in LEADING_ROLES]


class PersonForm(ActingModelForm):
    """Change a person."""

    class Meta:
        model = User
        fields = ["display_name", "phone", "staff_number", "email", "username"]
        help_texts = {
            "phone": _("One can log in with it."),
            "staff_number": _("One can log in with it."),
            "email": _("For notices and for a forgotten password."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(
            "display_name",
            Row(Column("phone"), Column("staff_number")),
            "email",
            "username",
        )

    def clean_phone(self) -> str:
        """Compare and keep numbers without spaces and dashes."""
        return phone_digits(self.cleaned_data["phone"])

    def save(self, commit: bool = True) -> User:
        return actions.update_person(self.instance, by=self.by, **self.told)

    @property
    def told(self) -> dict[str, Any]:
        """What the actions get."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class PersonCreateForm(KeyedForm, PersonForm):
    """Enter a person with a first post."""

    role = forms.ChoiceField(label=_("Role"))
    since = forms.DateField(label=_("Since"), initial=timezone.localdate, widget=DayInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)  # noqa: S101  for the type checker
        role.choices = roles_to_give(self.by, self.school)
        self.fields["username"].required = False
        self.fields["username"].help_text = _("Left empty, it is made of the name's pinyin.")
        self.helper.layout = Layout(
            "form_key",
            "display_name",
            Row(Column("role"), Column("since")),
            Row(Column("phone"), Column("staff_number")),
            Row(Column("email"), Column("username")),
        )

    def save(self, commit: bool = True) -> User:
        post = {name: self.cleaned_data[name] for name in ("role", "since")}
        return actions.create_person(self.school, by=self.by, **self.told, **post)


class PostForm(KeyedForm, ActingModelForm):
    """Give a person a post."""

    class Meta:
        model = Membership
        fields = ["school", "role", "since", "until"]
        widgets = {"since": DayInput, "until": DayInput}
        help_texts = {"until": _("Empty while the end is not known.")}

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        schools = schools_to_act_for(self.by, "schools.manage_people")
        school = self.fields["school"]
        role = self.fields["role"]
        assert isinstance(school, forms.ModelChoiceField)  # noqa: S101  for the type checker
        assert isinstance(role, forms.ChoiceField)  # noqa: S101  for the type checker
        school.queryset = School.objects.filter(pk__in=[one.pk for one in schools]).order_by("name_pinyin")
        school.initial = self.school or (schools[0] if schools else None)
        role.choices = roles_to_give(self.by, None)
        self.helper.layout = Layout(
            "form_key", Row(Column("school"), Column("role")), Row(Column("since"), Column("until"))
        )

    def save(self, commit: bool = True) -> Membership:
        return actions.give_post(
            self.person, by=self.by, **{name: self.cleaned_data[name] for name in self.Meta.fields}
        )


class EndPostForm(ActingModelForm):
    """Say the last day of a post."""

    class Meta:
        model = Membership
        fields = ["until"]
        labels = {"until": _("Last day")}
        widgets = {"until": DayInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].required = True
        if not self.instance.until:
            self.initial["until"] = timezone.localdate()

    def save(self, commit: bool = True) -> Membership:
        post = Membership.objects.select_related("school").get(pk=self.instance.pk)
        return actions.end_post(post, until=self.cleaned_data["until"], by=self.by)


class LeaveForm(ActingForm):
    """Say when a person left and who takes over what is open."""

    to = TypeAheadField(
        User.objects.none(),
        url=reverse_lazy("schools:people:options"),
        label=_("Who takes it over"),
        required=False,
    )
    last_day = forms.DateField(label=_("Last day"), initial=timezone.localdate, widget=DayInput)

    def __init__(self, *args: Any, person: User, something_open: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)  # noqa: S101  for the type checker
        to.queryset = colleagues(self.by, self.school).exclude(pk=person.pk)
        if not something_open:
            del self.fields["to"]
        self.helper.layout = Layout(*(["to"] if something_open else []), Field("last_day"))

    def save(self) -> User:
        """Let the person leave."""
        return leaving.leave(
            self.person, last_day=self.cleaned_data["last_day"], to=self.cleaned_data.get("to"), by=self.by
        )
