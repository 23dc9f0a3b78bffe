"""Each step with a repair: a button, or a short form first."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.http import require_POST

from assets.repairs import actions, forms
from assets.repairs.models import RepairPhoto, RepairRequest
from houqin.errors import Refused
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import add_refusal

Text = str | Promise


def visible(request: Any, pk: int) -> RepairRequest:
    """Return the repair, or answer 404 to a stranger."""
    rows = RepairRequest.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("place", "school", "reporter", "assigned_to"), pk=pk)


def button(action: Callable[..., Any], *, code: str, done: Text) -> Callable[..., HttpResponse]:
    """Return the view of a step that needs no words."""

    @require_POST
    def view(request: Any, pk: int) -> HttpResponse:
        repair = visible(request, pk)
        return take_step(
            request,
            lambda: action(repair, by=request.user),
            code=code,
            record=repair,
            to=repair.get_absolute_url(),
            done=done,
        )

    return view


accept = button(actions.accept, code="assets.accept_repair", done=_("Accepted."))
start = button(actions.start, code="assets.start_repair", done=_("Begun. Take a photo when it is repaired."))
resume = button(actions.resume, code="assets.resume_repair", done=_("The repair goes on."))
danger = button(
    partial(actions.set_danger, is_dangerous=True),
    code="assets.set_repair_danger",
    done=_("Now it is marked as a danger and stands at the top."),
)
no_danger = button(
    partial(actions.set_danger, is_dangerous=False),
    code="assets.set_repair_danger",
    done=_("No danger any more; it has its ordinary time again."),
)
confirm = button(actions.confirm, code="assets.confirm_repair", done=_("Confirmed. Thank you for looking."))
withdraw = button(actions.withdraw, code="assets.withdraw_repair", done=_("Withdrawn."))
follow = button(actions.follow, code="assets.follow_repair", done=_("You follow this repair now."))


class StepPage(View):
    """A step that needs words: the form, and the action behind its `save()`."""

    form_class: ClassVar[type[forms.StepForm]]
    template_name: ClassVar[str] = "assets/repairs/step.html"
    code: ClassVar[str]
    title: ClassVar[Text]
    label: ClassVar[Text]
    done: ClassVar[Text]
    tone: ClassVar[str] = "primary"

    def get(self, request: Any, pk: int) -> HttpResponse:
        """Show the form."""
        repair = visible(request, pk)
        return self._page(repair, self.form_class(by=request.user, school=repair.school, repair=repair))

    def post(self, request: Any, pk: int) -> HttpResponse:
        """Take the step, or say beside the field why not."""
        repair = visible(request, pk)
        form = self.form_class(request.POST, request.FILES, by=request.user, school=repair.school, repair=repair)
        if form.is_valid():
            try:
                form.save()
            except Refused as refusal:
                record_action(self.code, by=request.user, record=repair, result=str(refusal.code))
                add_refusal(form, refusal)
            else:
                messages.success(request, str(self.done))
                return HttpResponseRedirect(repair.get_absolute_url())
        return self._page(repair, form, status=422)

    def _page(self, repair: RepairRequest, form: forms.StepForm, status: int = 200) -> HttpResponse:
        context = {"repair": repair, "form": form, "title": self.title, "label": self.label, "tone": self.tone}
        return render(self.request, self.template_name, context, status=status)


class Assign(StepPage):
    """Give it to a maintainer, or transfer it."""

    form_class = forms.AssignForm
    code = "assets.assign_repair"
    title = _("Assign the repair")
    label = _("Assign")
    done = _("Assigned. The maintainer was told.")


class Refuse(StepPage):
    """Do not accept the report."""

    form_class = forms.RefuseForm
    code = "assets.refuse_repair"
    title = _("Why is the report not accepted?")
    label = _("Do not accept")
    done = _("The reporter reads your reason.")
    tone = "refuse"


class Hold(StepPage):
    """Let it wait."""

    form_class = forms.HoldForm
    code = "assets.hold_repair"
    title = _("Why does the repair have to wait?")
    label = _("Put on hold")
    done = _("On hold. The reporter reads your reason.")


class Finish(StepPage):
    """Say that the work is done."""

    form_class = forms.FinishForm
    template_name = "assets/repairs/finish.html"
    code = "assets.finish_repair"
    title = _("Repaired")
    label = _("Repaired")
    done = _("Well done. The reporter checks it next.")


class Reopen(StepPage):
    """Say that it is not repaired yet."""

    form_class = forms.ReopenForm
    code = "assets.reopen_repair"
    title = _("What is still wrong?")
    label = _("Not repaired yet")
    done = _("The maintainer was told.")


class AskApproval(StepPage):
    """Ask the upper office."""

    form_class = forms.AskApprovalForm
    code = "assets.ask_repair_approval"
    title = _("Ask the upper office for approval")
    label = _("Ask for approval")
    done = _("The upper office was told.")


class Emergency(StepPage):
    """Make a danger safe before the approval."""

    form_class = forms.EmergencyForm
    code = "assets.start_emergency_repair"
    title = _("Make the danger safe now")
    label = _("Begin now")
    done = _("Begun. Write the reason within one working day.")


class Explain(StepPage):
    """Write the reason of an emergency."""

    form_class = forms.ExplainForm
    code = "assets.explain_emergency_repair"
    title = _("Why could it not wait?")
    label = _("Write the reason")
    done = _("Written.")


class Merge(StepPage):
    """Close it as a duplicate."""

    form_class = forms.MergeForm
    code = "assets.merge_repair"
    title = _("Merge with another report")
    label = _("Merge")
    done = _("Merged. The reporter follows the other report now.")


class Rate(StepPage):
    """Rate a confirmed repair."""

    form_class = forms.RateForm
    code = "assets.rate_repair"
    title = _("How was the repair?")
    label = _("Send")
    done = _("Thank you.")


@require_POST
def add_photos(request: Any, pk: int) -> HttpResponse:
    """Add photos from the record's page."""
    repair = visible(request, pk)
    form = forms.PhotosForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(repair.get_absolute_url())
    works = request.user.pk == repair.assigned_to_id and repair.started_at is not None
    moment = RepairPhoto.Moment.AFTER if works else RepairPhoto.Moment.BEFORE
    return take_step(
        request,
        lambda: actions.add_photos(repair, by=request.user, photos=form.cleaned_data["photos"], moment=moment),
        code="assets.add_repair_photo",
        record=repair,
        to=repair.get_absolute_url(),
        done=_("Photo added."),
    )
