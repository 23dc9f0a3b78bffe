"""What people type about approvals."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.accounts.models import User
from houqin.approvals import actions, subjects
from houqin.approvals.models import Decision, Delegation, Tier
from houqin.schools.access import access_of
from houqin.schools.models import Membership, School
from houqin.schools.roles import Role
from houqin.web.forms import ActingForm, KeyedForm
from houqin.web.widgets import DayInput, TypeAheadField

EMPTY_TIERS = 2


class SignForm(forms.Form):
    """What one decides, and why."""

    decision = forms.ChoiceField(choices=Decision.choices)
    comment = forms.CharField(label=_("Comment"), max_length=300, required=False)


def takers(user: Any) -> QuerySet[User]:
    """Return who may sign in the place of `user`: the other people of the schools where that one holds a post."""
    here = Membership.objects.current().filter(school__in=access_of(user).own_roles, user=OuterRef("pk"))
    return User.objects.filter(Exists(here), is_active=True).exclude(pk=user.pk).order_by("name_pinyin", "pk")


class DelegationForm(KeyedForm, ActingForm):
    """Who signs in one's place, where, from when until when, and why."""

    school = forms.ModelChoiceField(label=_("School"), queryset=School.objects.none(), empty_label=None)
    to = TypeAheadField(
        User.objects.none(),
        url=reverse_lazy("approvals:takers"),
        label=_("Who signs instead"),
        error_messages={"required": _("Choose who signs in your place.")},
    )
    since = forms.DateField(label=_("First day"), widget=DayInput, initial=timezone.localdate)
    until = forms.DateField(label=_("Last day"), widget=DayInput)
    reason = forms.CharField(label=_("Reason"), max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        acting = kwargs.get("school")
        super().__init__(*args, **kwargs)
        own = access_of(self.by).own_roles
        where: Any = self.fields["school"]
        where.queryset = School.objects.filter(pk__in=own)
        where.initial = acting.pk if acting is not None and acting.pk in own else next(iter(own), None)
        to: Any = self.fields["to"]
        to.queryset = takers(self.by)

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("The last day is before the first day."))
        return data

    def save(self) -> Delegation:
        """Delegate."""
        data = self.cleaned_data
        return actions.delegate(
            by=self.by,
            to=data["to"],
            school=data["school"],
            since=data["since"],
            until=data["until"],
            reason=data["reason"],
        )


class TierForm(forms.Form):
    """One tier; an empty line is ignored."""

    role = forms.ChoiceField(
        label=_("Post that signs"),
        choices=[("", "—"), *Role.choices],
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    from_amount = forms.DecimalField(
        label=_("From this amount on, yuan"),
        min_value=0,
        max_digits=14,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    signatures = forms.IntegerField(
        label=_("How many people"),
        min_value=1,
        max_value=9,
        required=False,
        initial=1,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    at_central = forms.BooleanField(
        label=_("of the central school"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def tier(self) -> Tier | None:
        """Return the tier, not saved; None for an empty line."""
        data = self.cleaned_data
        if not data.get("role"):
            return None
        return Tier(
            role=data["role"],
            at_central=data["at_central"],
            from_amount=data["from_amount"] or 0,
            signatures=data["signatures"] or 1,
        )


class TierLines(forms.BaseFormSet):
    """The lines of the page of tiers."""

    def tiers(self) -> list[Tier]:
        """Return the tiers of the filled lines, from top to bottom."""
        return [tier for line in self.forms if (tier := line.tier()) is not None]


_TierFormSet = forms.formset_factory(
    TierForm, formset=TierLines, extra=EMPTY_TIERS, max_num=9, absolute_max=12, validate_max=True
)


def tier_lines(holding: Sequence[Tier], data: Any = None) -> TierLines:
    """Return the lines to change `holding`, or those that were typed."""
    initial = [
        {
            "role": tier.role,
            "at_central": tier.at_central,
            "from_amount": tier.from_amount,
            "signatures": tier.signatures,
        }
        for tier in holding
    ]
    lines: Any = _TierFormSet(data, initial=initial, prefix="tiers")
    return lines


def kind_choices() -> list[tuple[str, Any]]:
    """Return the kinds of subjects that can be approved."""
    return [(kind.name, kind.title) for kind in subjects.kinds()]
