"""The steps of a voucher: submit, review, send back, post, void, write off; and several posted at once."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from finance.ledger import actions, scans, states
from finance.ledger.forms import ReverseForm, SendBackForm
from finance.ledger.models import Posting, Voucher
from finance.ledger.models.scans import VoucherScan
from houqin.errors import NotAllowed, Refused
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import StepPage

# As many are posted by one tap; the list shows fifty.
MOST_AT_ONCE = 50


def _visible(request: Any, pk: int) -> Voucher:
    rows = Voucher.objects.visible_to(request.user).select_related("ledger__school", "school")
    voucher: Voucher = get_object_or_404(rows, pk=pk)
    return voucher


def _step(request: Any, pk: int, step: Any, code: str, done: Any) -> HttpResponse:
    voucher = _visible(request, pk)
    return take_step(
        request,
        lambda: step(voucher, by=request.user),
        code=f"finance.{code}",
        record=voucher,
        to=states.url_of(pk),
        done=done,
    )


@require_POST
def submit(request: Any, pk: int) -> HttpResponse:
    """Submit a draft from its page."""
    return _step(request, pk, actions.submit, "submit_voucher", _("Submitted for review."))


@require_POST
def review(request: Any, pk: int) -> HttpResponse:
    """Say that a voucher is right."""
    return _step(request, pk, actions.review, "review_voucher", _("Reviewed. It can be posted now."))


@require_POST
def review_and_post(request: Any, pk: int) -> HttpResponse:
    """Review a voucher and post it, both or neither."""

    def both(voucher: Voucher, *, by: Any) -> None:
        with transaction.atomic():
            actions.post(actions.review(voucher, by=by), by=by)

    return _step(request, pk, both, "post_voucher", _("Reviewed and posted."))


@require_POST
def post(request: Any, pk: int) -> HttpResponse:
    """Post a reviewed voucher."""
    return _step(request, pk, actions.post, "post_voucher", _("Posted. It has its number now."))


@require_POST
def void(request: Any, pk: int) -> HttpResponse:
    """Give up a voucher that is not posted."""
    return _step(request, pk, actions.void, "void_voucher", _("Voided. It never had a number, so no gap is left."))


@require_POST
def post_several(request: Any) -> HttpResponse:
    """Post the ticked vouchers in the order of their dates, all or none."""
    if not request.user.has_perm("finance.post_voucher", request.acting.school):
        raise NotAllowed(permission="finance.post_voucher")
    keys = [int(key) for key in request.POST.getlist("voucher") if key.isdecimal() and len(key) < 19]
    rows = Voucher.objects.visible_to(request.user).at(request.acting.school).filter(pk__in=keys[:MOST_AT_ONCE])
    vouchers = list(rows.select_related("ledger__school", "school").order_by("ledger", "date", "pk"))
    to = reverse("finance:ledger:vouchers") + "?chip=post"
    if not vouchers:
        messages.error(request, str(_("Tick the vouchers first.")))
        return HttpResponseRedirect(to)
    try:
        postings = actions.post_all(vouchers, by=request.user)
    except Refused as refusal:
        record_action("finance.post_voucher", by=request.user, school=request.acting.school, result=str(refusal.code))
        messages.error(request, str(_("None was posted. %(why)s")) % {"why": refusal.sentence})
    else:
        said = ngettext("%(n)s voucher posted.", "%(n)s vouchers posted.", len(postings))
        messages.success(request, said % {"n": len(postings)})
    return HttpResponseRedirect(to)


@require_POST
def detach(request: Any, pk: int, scan: int) -> HttpResponse:
    """Take a scan away from a draft."""
    found = get_object_or_404(VoucherScan, pk=scan, voucher=_visible(request, pk))
    done = _("The file is taken away.")
    return _step(request, pk, lambda _voucher, by: scans.detach(found, by=by), "detach_voucher_scan", done)


class _StepForm(StepPage):
    """A step that asks for words first."""

    model = Voucher
    context_object_name = "voucher"
    template_name = "finance/ledger/step.html"
    title: Any = ""
    button: Any = ""
    hint: Any = ""

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("ledger__school", "school")

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return {name: value for name, value in kwargs.items() if name != "instance"} | {"record": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"title": self.title, "button": self.button, "hint": self.hint}
        return super().get_context_data(**kwargs) | shown | {"back": states.url_of(self.kwargs["pk"])}

    def get_success_url(self) -> str:
        return states.url_of(self.object.pk)


class SendBack(_StepForm):
    """Give a voucher back to be changed."""

    permission = "finance.review_voucher"
    action_code = "finance.send_back_voucher"
    form_class = SendBackForm
    title = _("Send the voucher back")
    button = _("Send it back")


class Reverse(_StepForm):
    """Hand in the red voucher that writes a posted one off."""

    permission = "finance.prepare_voucher"
    action_code = "finance.draft_reversal"
    form_class = ReverseForm
    title = _("Write the voucher off")
    button = _("Submit the red voucher")
    hint = _(
        "The same voucher in red goes to the chief accountant, who reviews and posts it. The wrong one stays in the"
        " books, and both name each other."
    )

    def get_object(self, queryset: Any = None) -> Any:
        voucher = super().get_object(queryset)
        if not Posting.objects.filter(voucher=voucher).exists():
            raise NotAllowed(_("Only what is posted is written off; void the draft instead."), code="not_posted")
        return voucher
