"""What waits for signatures: the list, the page to sign on, several at once, delegations, tiers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import TemplateView

from houqin.approvals import actions, forms, subjects, timeline
from houqin.approvals.models import Approval, ApprovalQuerySet, Decision, Delegation, Tier
from houqin.errors import NotAllowed, Refused
from houqin.schools.pages import AtOneSchool
from houqin.web import widgets
from houqin.web.paging import Sort
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import AskPermission, Chip, CreatePage, ListPage, ListState, add_refusal, any_of

LOOKS: dict[str, tuple[str, str]] = {
    Approval.State.WAITING: ("wait", "wait"),
    Approval.State.APPROVED: ("done", "done"),
    Approval.State.RETURNED: ("off", "returned"),
    Approval.State.REJECTED: ("late", "refused"),
    Approval.State.VOIDED: ("off", "returned"),
    Approval.State.WITHDRAWN: ("off", "returned"),
}
MOST_AT_ONCE = 100
# These are about the acting school; a signature, and what one asked for, is not bound to it.
AT_SCHOOL = ("waiting", "all")


def _of(method: Callable[[ApprovalQuerySet, Any], ApprovalQuerySet]) -> Callable[[QuerySet[Any], Any], QuerySet[Any]]:
    return lambda rows, user: method(rows, user)  # type: ignore[arg-type]  # rows of this model


class ApprovalList(ListPage):
    """What waits for one's signature, what one asked for or signed, and all of the school for who may read it."""

    model = Approval
    permission = "approvals.view_approvals"
    template_name = "approvals/list.html"
    is_searched = False
    sorts = {"newest": Sort("requested_at"), "oldest": Sort("requested_at", descending=False)}
    default_sort = "newest"
    default_chip = "to_sign"
    chips = [
        Chip("to_sign", _("for me to sign"), _of(ApprovalQuerySet.waiting_for)),
        Chip("mine", _("asked by me"), lambda rows, user: rows.filter(requested_by=user)),
        Chip("signed", _("signed by me"), _of(ApprovalQuerySet.signed_by)),
        Chip("waiting", _("waiting for signatures"), any_of(state=Approval.State.WAITING)),
        Chip("all", _("all"), lambda rows, _user: rows),
    ]

    def get_queryset(self) -> QuerySet[Any]:
        """Return what the person sees, wherever it was asked."""
        return Approval.objects.visible_to(self.request.user)

    @classmethod
    def state(cls, request: Any) -> ListState:
        """Begin with what one has to sign, the oldest first."""
        state = super().state(request)
        if state.chip == "to_sign" and "sort" not in request.GET:
            state.sort = "oldest"
        return state

    def shown_chips(self, state: ListState) -> Sequence[Chip]:
        request: Any = self.request
        school = request.acting.school
        reads = request.user.has_perm("approvals.view_all_approvals", school)

        def here(chip: Chip) -> Chip:
            return replace(chip, apply=lambda rows, user: chip.apply(rows, user).at(school))  # type: ignore[attr-defined]

        chips = [here(chip) if chip.value in AT_SCHOOL else chip for chip in self.chips]
        return [chip for chip in chips if reads or chip.value not in AT_SCHOOL or chip.value == state.chip]

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("school", "requested_by", "current_school")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        request: Any = self.request
        for approval in context["rows"]:
            approval.look = LOOKS[approval.state]
            approval.subject_kind = subjects.get(approval.kind)
        may_set = request.user.has_perm("approvals.manage_tiers", request.acting.school)
        return context | {
            "signing": context["state"].chip == "to_sign",
            "tier_kinds": forms.kind_choices() if may_set else [],
        }


def _visible(request: Any, pk: int) -> Approval:
    joined = ("school", "requested_by", "current_school")
    return get_object_or_404(Approval.objects.visible_to(request.user).select_related(*joined), pk=pk)


@require_GET
def detail(request: Any, pk: int) -> HttpResponse:
    """Answer at a glance what is to be decided, and take the signature with one tap."""
    return _page(request, _visible(request, pk), forms.SignForm())


def _page(request: Any, approval: Approval, form: forms.SignForm, *, status: int = 200) -> HttpResponse:
    kind = subjects.get(approval.kind)
    waiting = _waiting_in_order(request.user)
    place = waiting.index(approval.pk) if approval.pk in waiting else None
    asked_as = timeline.posts_of(approval.requested_by, approval)
    context = {
        "approval": approval,
        "kind": kind,
        "look": LOOKS[approval.state],
        "form": form,
        "may_sign": place is not None,
        "place": None if place is None else place + 1,
        "waiting_count": len(waiting),
        "before": waiting[place - 1] if place else None,
        "after": waiting[place + 1] if place is not None and place + 1 < len(waiting) else None,
        "asked_as": asked_as,
        "moments": timeline.course(approval, asked_as=asked_as, may_sign=place is not None),
        **_panel(kind, approval, request.user),
    }
    return render(request, "approvals/detail.html", context, status=status)


def _panel(kind: subjects.SubjectKind, approval: Approval, viewer: Any) -> dict[str, Any]:
    """Return what the subject's room shows of it."""
    if kind.panel is None:
        return {}
    if kind.read is not None:
        return dict(kind.panel(kind.read(approval.subject_id), viewer))
    with transaction.atomic():
        return dict(kind.panel(kind.lock(approval.subject_id), viewer))


def _waiting_in_order(user: Any) -> list[int]:
    """Return the ids of what waits for this person, the oldest first, as the phone walks through them."""
    waiting = Approval.objects.waiting_for(user).order_by("requested_at", "pk")
    return list(waiting.values_list("pk", flat=True)[:MOST_AT_ONCE])


@require_POST
def sign(request: Any, pk: int) -> HttpResponse:
    """Sign: approve, return or reject; then go to the next one that waits. A second tap changes nothing."""
    approval = _visible(request, pk)
    form = forms.SignForm(request.POST)
    if not form.is_valid():
        return _page(request, approval, form, status=422)
    decision = form.cleaned_data["decision"]
    try:
        actions.sign(approval, by=request.user, decision=decision, comment=form.cleaned_data["comment"])
    except (Refused, NotAllowed) as refusal:
        if approval.signatures.filter(signer=request.user, decision=decision).exists():
            return _to_the_next(request, approval)
        if isinstance(refusal, NotAllowed):
            raise
        record_action(f"approvals.{decision}", by=request.user, record=approval, result=str(refusal.code))
        if refusal.code == "content_changed":
            actions.void_changed(approval, by=request.user)
        add_refusal(form, refusal)
        return _page(request, _visible(request, pk), form, status=422)
    done = {
        Decision.APPROVE: _("Approved: {title}"),
        Decision.RETURN: _("Returned: {title}"),
        Decision.REJECT: _("Refused: {title}"),
    }
    messages.success(request, str(format_lazy(done[Decision(decision)], title=approval.title)))
    return _to_the_next(request, approval)


def _to_the_next(request: Any, approval: Approval) -> HttpResponse:
    """Go to what waits next, the one after `approval` before those that were skipped; at the end to the list."""
    waiting = Approval.objects.waiting_for(request.user).order_by("requested_at", "pk")
    later = Q(requested_at__gt=approval.requested_at) | Q(requested_at=approval.requested_at, pk__gt=approval.pk)
    following = waiting.filter(later).first() or waiting.first()
    return HttpResponseRedirect(following.get_absolute_url() if following else reverse("approvals:list"))


@require_POST
def sign_several(request: Any) -> HttpResponse:
    """Approve several at once from the list; what cannot be signed is said one by one."""
    ids = [int(value) for value in request.POST.getlist("approval") if value.isdecimal()][:MOST_AT_ONCE]
    signed = 0
    for approval in Approval.objects.waiting_for(request.user).filter(pk__in=ids).order_by("requested_at", "pk"):
        try:
            actions.sign(approval, by=request.user, decision=Decision.APPROVE)
            signed += 1
        except (Refused, NotAllowed) as refusal:
            record_action("approvals.approve", by=request.user, record=approval, result=str(refusal.code))
            if refusal.code == "content_changed":
                actions.void_changed(approval, by=request.user)
            messages.error(request, f"{approval.title}: {refusal.sentence}")
    if signed:
        messages.success(request, ngettext("%(n)d approved.", "%(n)d approved.", signed) % {"n": signed})
    elif not ids:
        messages.error(request, gettext("Tick what you want to approve."))
    return redirect("approvals:list")


class DelegationCreate(CreatePage):
    """Let somebody else sign in one's place; below, who stands in for whom."""

    permission = "approvals.view_approvals"
    action_code = "approvals.delegate"
    template_name = "approvals/delegations.html"
    model = Delegation
    form_class = forms.DelegationForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("instance", None)
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Delegation.objects.visible_to(self.request.user).select_related("giver", "taker", "school")
        return super().get_context_data(delegations=rows.order_by("-since", "-pk")[:50], **kwargs)

    def get_success_url(self) -> str:
        messages.success(self.request, gettext("Delegated. Both of you can sign in these days; you see who did."))
        return reverse("approvals:delegations")


@require_GET
def takers(request: Any) -> HttpResponse:
    """Answer the type-ahead of who may sign in one's place: the people of one's own schools."""
    return widgets.options(request, forms.takers(request.user), facts=lambda person: (person.staff_number,))


@require_POST
def end_delegation(request: Any, pk: int) -> HttpResponse:
    """End a delegation early."""
    delegation = get_object_or_404(Delegation.objects.visible_to(request.user), pk=pk)
    return take_step(
        request,
        lambda: actions.end_delegation(delegation, by=request.user),
        code="approvals.end_delegation",
        record=delegation,
        to=reverse("approvals:delegations"),
        done=_("Ended. You sign yourself again."),
    )


class Tiers(AtOneSchool, AskPermission, TemplateView):
    """Who must sign one kind of subject at the acting school, from which amount on."""

    permission = "approvals.manage_tiers"
    template_name = "approvals/tiers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        kind, school = self.kwargs["kind"], request.acting.school
        if kind not in dict(forms.kind_choices()):
            raise Http404
        holding = Tier.objects.holding_at(school, kind)
        owner = holding[0].school_id if holding else None
        kwargs.setdefault("lines", forms.tier_lines(holding))
        kwargs.setdefault("refusal", None)
        return super().get_context_data(
            kinds=forms.kind_choices(), school=school, is_own=owner == school.pk, is_shipped=owner is None, **kwargs
        )

    def post(self, request: Any, kind: str) -> HttpResponse:
        """Save the lines, or let those of the school above hold again."""
        context = self.get_context_data(kind=kind)
        if "drop" in request.POST:
            return take_step(
                request,
                lambda: actions.drop_tiers(kind, by=request.user, school=context["school"]),
                code="approvals.drop_tiers",
                record=context["school"],
                to=request.path,
                done=_("Now the lines of the school above hold again."),
            )
        lines = forms.tier_lines([], request.POST)
        refusal = None
        if lines.is_valid():
            try:
                actions.set_tiers(kind, lines.tiers(), by=request.user, school=context["school"])
            except Refused as error:
                refusal = error
                record_action("approvals.set_tiers", by=request.user, record=context["school"], result=str(error.code))
            else:
                messages.success(request, gettext("Saved. What waits already keeps its signatures."))
                return redirect("approvals:tiers", kind)
        return self.render_to_response(context | {"lines": lines, "refusal": refusal}, status=422)
