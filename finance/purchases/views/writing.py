"""Write a request, line by line, and take it on its way."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from finance.purchases import actions, states
from finance.purchases.forms import REMOVE, SAVE, SUBMIT, AttachForm, PurchaseForm
from finance.purchases.idle import IdleThing, idle_like
from finance.purchases.models import PurchaseRequest
from finance.purchases.prices import LastPrice, last_prices
from houqin.errors import NotAllowed, Refused
from houqin.schools.pages import AtOneSchool
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import CreatePage, UpdatePage

NAME_LENGTH = 60


class _Writing:
    """What writing a new request and changing one share: the buttons for lines, the hints beside them."""

    object: Any
    request: Any

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        do = request.POST.get("do", SAVE)
        if do in (SAVE, SUBMIT):
            return super().post(request, *args, **kwargs)  # type: ignore[misc]
        # One line more or less: nothing is checked yet and nothing is lost.
        self.object = self.record_of()
        given = self.own_kwargs() | {"by": request.user, "school": request.acting.school}
        form = PurchaseForm.retyped(request.POST, do=do, **given)
        return self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]

    def record_of(self) -> PurchaseRequest | None:
        """Return the request that is changed; None for a new one."""
        return None

    def own_kwargs(self) -> dict[str, Any]:
        """Return what the form needs besides person and school."""
        return {"record": self.object}

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        kwargs.pop("instance", None)
        return kwargs | self.own_kwargs() | {"submitting": self.request.POST.get("do") == SUBMIT}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        form: PurchaseForm = context["form"]
        school = form.record.school if form.record else form.school
        prices = last_prices(school, form.names)
        for line in form.lines.forms:
            line.last = prices.get(str(line["name"].value() or "").strip())
        idle = idle_like(form.names, school=school, user=form.by) if form.names else []
        return context | {"kinds": states.KIND_TILES, "idle": idle, "remove": REMOVE}

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())


class PurchaseCreate(AtOneSchool, _Writing, CreatePage):
    """Ask for something to be bought."""

    permission = "finance.request_purchase"
    action_code = "finance.create_purchase"
    template_name = "finance/purchases/form.html"
    form_class = PurchaseForm
    object = None


class _OwnUpdate(UpdatePage):
    """A form about one's own request, while nobody signs it."""

    model = PurchaseRequest
    permission = "finance.request_purchase"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("school", "requester")

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        purchase: PurchaseRequest = super().get_object(queryset)
        if purchase.requester_id != self.request.user.pk:
            raise NotAllowed(_("Only the person who asked for it can do this."), code="not_requester")
        return purchase

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        purchase = self.get_object()
        if not purchase.is_editable:
            messages.error(
                request, gettext("Take it back first; what waits for signatures or is signed stays as it is.")
            )
            return HttpResponseRedirect(purchase.get_absolute_url())
        return super().get(request, *args, **kwargs)


class PurchaseUpdate(_Writing, _OwnUpdate):
    """Change one's request while nobody signs it."""

    action_code = "finance.change_purchase"
    template_name = "finance/purchases/form.html"
    form_class = PurchaseForm
    object: Any

    def record_of(self) -> PurchaseRequest:
        record: PurchaseRequest = self.get_object()
        return record


def _visible(request: Any, pk: int) -> PurchaseRequest:
    return get_object_or_404(
        PurchaseRequest.objects.visible_to(request.user).select_related("school", "requester", "budget_line"), pk=pk
    )


@require_POST
def submit(request: Any, pk: int) -> HttpResponse:
    """Submit a request from its page."""
    purchase = _visible(request, pk)
    return take_step(
        request,
        lambda: actions.submit(purchase, by=request.user),
        code="finance.submit_purchase",
        record=purchase,
        to=purchase.get_absolute_url(),
        done=_("Submitted. Who signs was told."),
    )


@require_POST
def withdraw(request: Any, pk: int) -> HttpResponse:
    """Take a request back."""
    purchase = _visible(request, pk)
    return take_step(
        request,
        lambda: actions.withdraw(purchase, by=request.user),
        code="finance.withdraw_purchase",
        record=purchase,
        to=purchase.get_absolute_url(),
        done=_("Withdrawn. You can change it and submit it again."),
    )


@require_POST
def copy(request: Any, pk: int) -> HttpResponse:
    """Write a new request like this one, then let the person complete it."""
    purchase = _visible(request, pk)
    try:
        copied = actions.copy(purchase, by=request.user)
    except Refused as refusal:
        record_action("finance.create_purchase", by=request.user, record=purchase, result=str(refusal.code))
        messages.error(request, refusal.sentence)
        return HttpResponseRedirect(purchase.get_absolute_url())
    messages.success(request, gettext("Copied. Write when it is needed and what the market asks now."))
    return HttpResponseRedirect(reverse("finance:purchases:update", args=[copied.pk]))


class Attach(_OwnUpdate):
    """Add a photo or a PDF to one's request."""

    action_code = "finance.attach_purchase_file"
    template_name = "finance/purchases/attach.html"
    form_class = AttachForm
    context_object_name = "purchase"

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return {name: value for name, value in kwargs.items() if name != "instance"} | {"record": self.object}

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())


@require_safe
def hints(request: Any) -> HttpResponse:
    """Say beside a line what lies idle of the like and what one cost last time; htmx asks while one types."""
    school = request.acting.school
    asked = [value for name, value in request.GET.items() if name.endswith("name")]
    name = asked[0].strip()[:NAME_LENGTH] if asked else ""
    idle: list[IdleThing] = []
    last: LastPrice | None = None
    if school is not None and name:
        idle = idle_like([name], school=school, user=request.user)
        last = last_prices(school, [name]).get(name)
    return render(request, "finance/purchases/_hints.html", {"idle": idle, "last": last})
