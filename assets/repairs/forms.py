"""What people type about repairs; every `save()` calls the action."""

from abc import abstractmethod
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from assets.repairs import actions
from assets.repairs.models import RepairRequest, RepairSettings
from houqin.accounts.models import User
from houqin.files.fields import MultiPhotoField
from houqin.schools.models import Place
from houqin.schools.people import people_with
from houqin.web.forms import ActingForm, ActingModelForm, KeyedForm
from houqin.web.widgets import TypeAheadField

PHOTOS_AT_ONCE = 6
# What the column of a line's amount holds.
MOST_YUAN = Decimal(10) ** 10


class FaultFields(forms.Form):
    """What every report asks: which kind, what is wrong, a photo, is it dangerous."""

    kind = forms.ChoiceField(
        label=_("What kind of thing is broken?"),
        choices=RepairRequest.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Tap what is broken.")},
    )
    description = forms.CharField(
        label=_("What is wrong?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("One sentence is enough, for example: the lock of the back door is broken.")},
    )
    photos = MultiPhotoField(label=_("Photos"), required=False, most=PHOTOS_AT_ONCE)
    is_dangerous = forms.BooleanField(label=_("Danger, come at once"), required=False)


class ReportHereForm(KeyedForm, FaultFields):
    """The form behind a QR code: the place is known, no account is needed."""

    guest_name = forms.CharField(label=_("Your name"), max_length=30, required=False)
    guest_phone = forms.RegexField(
        r"^\+?[0-9][0-9 -]{4,18}[0-9]$",
        label=_("Phone"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"invalid": _("Write the number in digits, for example 13800001234.")},
    )

    def fault(self) -> dict[str, Any]:
        """Return what `actions.report` takes."""
        names = ("kind", "description", "photos", "is_dangerous", "guest_name", "guest_phone")
        return {name: self.cleaned_data[name] for name in names}


class ReportForm(KeyedForm, FaultFields, ActingForm):
    """The form of the staff: they choose the place."""

    place = TypeAheadField(
        Place.objects.none(),
        url=reverse_lazy("schools:places:options"),
        label=_("Where?"),
        error_messages={"required": _("Choose the place.")},
    )
    field_order = ["place", "kind", "description", "photos", "is_dangerous"]

    def __init__(self, *args: Any, via: str = RepairRequest.Via.PAGE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.via = via
        place: Any = self.fields["place"]
        place.queryset = Place.objects.visible_to(self.by).open().at(self.school).select_related("school")

    def save(self) -> RepairRequest:
        """Report it."""
        data = self.cleaned_data
        names = ("place", "kind", "description", "photos", "is_dangerous")
        return actions.report(by=self.by, via=self.via, **{name: data[name] for name in names})


class StepForm(ActingForm):
    """A step with a repair that needs some words first."""

    def __init__(self, *args: Any, repair: RepairRequest, **kwargs: Any) -> None:
        self.repair = repair
        super().__init__(*args, **kwargs)

    @abstractmethod
    def save(self) -> RepairRequest:
        """Take the step."""


class MaintainerField(forms.ModelChoiceField):
    """A maintainer, with how many repairs are in those hands already."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name and the number of open repairs."""
        return ngettext("%(name)s (%(n)d open repair)", "%(name)s (%(n)d open repairs)", obj.in_hand) % {
            "name": obj.display_name,
            "n": obj.in_hand,
        }


def _with_jobs_in_hand(people: QuerySet[User]) -> QuerySet[User]:
    """Annotate `in_hand`, and let those with least to do come first."""
    jobs = RepairRequest.objects.in_hands_of(OuterRef("pk"))
    count = jobs.order_by().values("assigned_to").annotate(n=Count("pk")).values("n")
    return people.annotate(in_hand=Coalesce(Subquery(count), 0)).order_by("in_hand", "name_pinyin")


class AssignForm(StepForm):
    """Who repairs it, and what it may cost."""

    to = MaintainerField(
        label=_("Maintainer"),
        queryset=User.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose who repairs it.")},
    )
    note = forms.CharField(label=_("Words for the maintainer"), max_length=300, required=False)
    estimated_cost = forms.DecimalField(
        label=_("Estimated cost, yuan"), min_value=Decimal(0), max_digits=12, decimal_places=2, required=False
    )
    is_structural = forms.BooleanField(
        label=_("Structural work"),
        required=False,
        help_text=_("Walls, roof, stairs, foundations: the upper office approves it whatever it costs."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settings = RepairSettings.of(self.repair.school)
        to: Any = self.fields["to"]
        to.queryset = _with_jobs_in_hand(people_with("assets.work_repair", self.repair.school))
        self.fields["estimated_cost"].help_text = _("Above %(sum)s yuan the upper office approves it first.") % {
            "sum": settings.approval_above
        }
        self.fields["to"].initial = self.repair.assigned_to_id
        self.fields["estimated_cost"].initial = self.repair.estimated_cost
        self.fields["is_structural"].initial = self.repair.is_structural

    def save(self) -> RepairRequest:
        """Assign or transfer it."""
        return actions.assign(self.repair, by=self.by, **self.cleaned_data)


class ReasonForm(StepForm):
    """A step that needs its reason."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class RefuseForm(ReasonForm):
    """Why the report is not accepted."""

    def save(self) -> RepairRequest:
        """Refuse it."""
        return actions.refuse(self.repair, by=self.by, reason=self.cleaned_data["reason"])


class HoldForm(ReasonForm):
    """Why the repair has to wait."""

    def save(self) -> RepairRequest:
        """Put it on hold."""
        return actions.hold(self.repair, by=self.by, reason=self.cleaned_data["reason"])


class ReopenForm(ReasonForm):
    """What is still wrong."""

    def save(self) -> RepairRequest:
        """Reopen it."""
        return actions.reopen(self.repair, by=self.by, reason=self.cleaned_data["reason"])


class ExplainForm(ReasonForm):
    """Why it could not wait for the approval."""

    def save(self) -> RepairRequest:
        """Write the reason."""
        return actions.explain_emergency(self.repair, by=self.by, reason=self.cleaned_data["reason"])


class EmergencyForm(StepForm):
    """Make it safe at once; the reason may follow within one working day."""

    reason = forms.CharField(
        label=_("Why it cannot wait"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("You can write it later, within one working day."),
    )

    def save(self) -> RepairRequest:
        """Begin."""
        return actions.start_emergency(self.repair, by=self.by, reason=self.cleaned_data["reason"])


class AskApprovalForm(StepForm):
    """What it may cost and why."""

    estimated_cost = forms.DecimalField(
        label=_("Estimated cost, yuan"), min_value=Decimal(0), max_digits=12, decimal_places=2, required=False
    )
    is_structural = forms.BooleanField(label=_("Structural work"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["estimated_cost"].initial = self.repair.estimated_cost
        self.fields["is_structural"].initial = self.repair.is_structural

    def save(self) -> RepairRequest:
        """Ask."""
        return actions.ask_approval(self.repair, by=self.by, **self.cleaned_data)


class MergeForm(StepForm):
    """Which report says the same."""

    number = forms.CharField(label=_("Number of the other report"), max_length=20)

    into: RepairRequest

    def clean_number(self) -> str:
        """Find the other report among those that the person sees at this school."""
        number = self.cleaned_data["number"].strip().upper()
        others = RepairRequest.objects.visible_to(self.by).filter(school=self.repair.school, number=number)
        into = others.first()
        if into is None:
            raise forms.ValidationError(_("There is no report of this number at this school."), code="unknown_number")
        self.into = into
        return number

    def save(self) -> RepairRequest:
        """Merge."""
        return actions.merge(self.repair, by=self.by, into=self.into)


class PartForm(forms.Form):
    """One line of material; an empty line is ignored."""

    name = forms.CharField(label=_("Material"), max_length=60, required=False)
    source = forms.CharField(label=_("Where from"), max_length=60, required=False)
    quantity = forms.DecimalField(
        label=_("Quantity"), min_value=Decimal("0.01"), max_digits=10, decimal_places=2, required=False
    )
    unit = forms.CharField(label=_("Unit"), max_length=10, required=False)
    unit_price = forms.DecimalField(
        label=_("Unit price"), min_value=Decimal(0), max_digits=10, decimal_places=2, required=False
    )

    def clean(self) -> dict[str, Any]:
        """A line that says anything needs a name and a quantity."""
        data: dict[str, Any] = super().clean() or {}
        if any(data.get(name) for name in ("name", "source", "quantity", "unit", "unit_price")):
            if not data.get("name"):
                self.add_error("name", _("Which material?"))
            if not data.get("quantity") and "quantity" not in self.errors:
                self.add_error("quantity", _("How many?"))
        if (data.get("quantity") or 0) * (data.get("unit_price") or 0) >= MOST_YUAN:
            self.add_error("unit_price", _("This is too much for one line. Check quantity and price."))
        return data

    def part(self) -> actions.Part | None:
        """Return the line as the action takes it; None for an empty one."""
        data = self.cleaned_data
        if not data.get("name"):
            return None
        return actions.Part(
            name=data["name"],
            quantity=data["quantity"],
            unit=data["unit"],
            unit_price=data["unit_price"] or Decimal("0.00"),
            source=data["source"],
        )


PartFormSet = forms.formset_factory(PartForm, extra=2, max_num=30, absolute_max=30)


class FinishForm(StepForm):
    """What was done, with what, in how long; a photo of after."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=RepairRequest.Outcome.choices, initial=RepairRequest.Outcome.REPAIRED
    )
    note = forms.CharField(
        label=_("What was done"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    photos = MultiPhotoField(label=_("Photos of after"), required=False, most=PHOTOS_AT_ONCE)
    labour_minutes = forms.IntegerField(
        label=_("Labour, minutes"), min_value=0, max_value=100_000, required=False, initial=30
    )
    labour_cost = forms.DecimalField(
        label=_("Labour cost, yuan"), min_value=Decimal(0), max_digits=10, decimal_places=2, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The page draws photos and material below the other fields.
        self.helper.layout = Layout("outcome", "note", "labour_minutes", "labour_cost")
        self.parts = PartFormSet(self.data if self.is_bound else None, prefix="parts")

    def is_valid(self) -> bool:
        """Check the lines of material, too."""
        lines_valid = self.parts.is_valid()
        return super().is_valid() and lines_valid

    def save(self) -> RepairRequest:
        """Finish it."""
        data = self.cleaned_data
        return actions.finish(
            self.repair,
            by=self.by,
            outcome=data["outcome"],
            note=data["note"],
            photos=data["photos"],
            labour_minutes=data["labour_minutes"] or 0,
            labour_cost=data["labour_cost"] or Decimal("0.00"),
            parts=[part for line in self.parts if (part := line.part()) is not None],
        )


class VerdictForm(forms.Form):
    """The reporter's verdict: stars and words, both optional."""

    rating = forms.TypedChoiceField(
        label=_("How was the repair?"),
        choices=[(n, str(n)) for n in range(5, 0, -1)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(label=_("Words, if you like"), max_length=200, required=False)


class NotYetForm(forms.Form):
    """What is still wrong, in the words of a guest."""

    reason = forms.CharField(
        label=_("What is still wrong?"), max_length=300, error_messages={"required": _("Say what is still wrong.")}
    )


class RateForm(StepForm, VerdictForm):
    """The verdict of a reporter who has an account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rating"].required = True
        self.fields["rating"].error_messages["required"] = _("Tap one to five stars.")

    def save(self) -> RepairRequest:
        """Rate it."""
        return actions.rate(self.repair, by=self.by, **self.cleaned_data)


class PhotosForm(forms.Form):
    """More photos."""

    photos = MultiPhotoField(label=_("Photos"), most=PHOTOS_AT_ONCE)


class SettingsForm(ActingModelForm):
    """What the school decides about its repairs."""

    class Meta:
        model = RepairSettings
        fields = ["approval_above", "danger_hours", "normal_days", "confirm_after_days", "keep_guests_days"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.by.has_perm("assets.approve_repair", self.instance):
            self.fields["approval_above"].disabled = True
            self.fields["approval_above"].help_text = _("The upper office decides this sum.")

    def save(self, commit: bool = True) -> RepairSettings:
        """Save them."""
        return actions.change_settings(self.instance, by=self.by)
