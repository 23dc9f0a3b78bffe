"""What waits for signatures: the list, the page to sign on, several at once, delegations, tiers."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from houqin.approvals import actions, forms, routes, subjects
from houqin.approvals.models import Approval, Decision, Delegation, Signature
from houqin.errors import NotAllowed, Refused
from houqin.schools.permissions import require
from houqin.web.paging import Sort
from houqin.web.record_page import Moment
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import Chip, CreatePage, ListPage

LOOKS = {
    Approval.State.WAITING: ("wait", "wait"),
    Approval.State.APPROVED: ("done", "done"),
    Approval.State.RETURNED: ("off", "returned"),
    Approval.State.REJECTED: ("late", "refused"),
    Approval.State.VOIDED: ("off", "returned"),
    Approval.State.WITHDRAWN: ("off", "returned"),
}


def _signed_by(rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
    return rows.filter(pk__in=Signature.objects.filter(signer=user).values("approval"))


class ApprovalList(ListPage):
    """What waits for one's signature, what one has signed or asked for, and all at the school for who may read it."""

    model = Approval
    permission = "approvals.view_approvals"
    template_name = "approvals/list.html"
    is_searched = False
    sorts = {"newest": Sort("requested_at")}
    default_sort = "newest"
    default_chip = "to_sign"
    chips = [
        Chip("to_sign", _("to sign"), lambda rows, user: rows.waiting_for(user)),  # type: ignore[attr-defined]
        Chip("waiting", _("waiting"), lambda rows, _user: rows.filter(state=Approval.State.WAITING)),
        Chip("mine", _("asked by me"), lambda rows, user: rows.filter(requested_by=user)),
        Chip("signed", _("signed by me"), _signed_by),
    ]

    def get_queryset(self) -> QuerySet[Any]:
        """Return what the person sees, wherever it was asked: a signature is not bound to the acting school."""
        return Approval.objects.visible_to(self.request.user)

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("school", "requested_by", "current_school")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for approval in context["rows"]:
            approval.look = LOOKS[approval.state]
            approval.subject_kind = subjects.get(approval.kind)
        return context | {"signing": context["state"].chip == "to_sign"}


def _visible(request: Any, pk: int) -> Approval:
    joined = ("school", "requested_by", "current_school")
    return get_object_or_404(Approval.objects.visible_to(request.user).select_related(*joined), pk=pk)


@require_GET
def detail(request: Any, pk: int) -> HttpResponse:
    """Answer at a glance what is to be decided, and take the signature with one tap."""
    return _page(request, _visible(request, pk))


def _page(request: Any, approval: Approval, *, status: int = 200, refusal: Refused | None = None) -> HttpResponse:
    kind = subjects.get(approval.kind)
    waiting = list(
        Approval.objects.waiting_for(request.user).order_by("requested_at", "pk").values_list("pk", flat=True)[:100]
    )
    place = waiting.index(approval.pk) if approval.pk in waiting else None
    with_subject = kind.panel(approval, request.user) if kind.panel else {}
    context = {
        "approval": approval,
        "kind": kind,
        "look": LOOKS[approval.state],
        "may_sign": place is not None,
        "place": None if place is None else place + 1,
        "waiting_count": len(waiting),
        "newer": waiting[place - 1] if place else None,
        "older": waiting[place + 1] if place is not None and place + 1 < len(waiting) else None,
        "moments": _course(approval),
        "comment": request.POST.get("comment", ""),
        "refusal": refusal,
        **with_subject,
    }
    return render(request, "approvals/detail.html", context, status=status)


def _course(approval: Approval) -> list[Moment]:
    """Return who asked, who signed, and who is still to sign, oldest first."""
    from houqin.web.moments import moment

    course = [Moment(_("asked for approval"), who=str(approval.requested_by), facts=[moment(approval.requested_at)])]
    signatures = list(approval.signatures.select_related("signer", "on_behalf_of", "step").order_by("signed_at", "pk"))
    for signature in signatures:
        facts = [moment(signature.signed_at), signature.step.get_role_display()]
        if signature.on_behalf_of:
            facts.append(_t("in place of %(name)s") % {"name": signature.on_behalf_of})
        glyph = "done" if signature.decision == Decision.APPROVE else "refused"
        course.append(
            Moment(
                signature.get_decision_display(),
                who=str(signature.signer),
                facts=facts,
                said=signature.comment,
                glyph=glyph,
            )
        )
    if approval.state != Approval.State.WAITING:
        return course
    signed = {signature.step_id for signature in signatures}
    for step in approval.steps.select_related("school").order_by("position"):
        if step.pk in signed and step.position != approval.current_position:
            continue
        now = step.position == approval.current_position
        names = "、".join(str(person) for person in routes.signers_of(approval)) if now else ""
        facts = [fact for fact in (str(step.school), names, step.reason) if fact]
        course.append(
            Moment(
                step.get_role_display(), facts=facts, tone="now" if now else "next", glyph="wait" if now else "draft"
            )
        )
    return course


@require_POST
def sign(request: Any, pk: int) -> HttpResponse:
    """Sign: approve, return or reject; then go to the next one that waits."""
    approval = _visible(request, pk)
    decision = request.POST.get("decision", "")
    if decision not in Decision.values:
        raise Http404
    try:
        actions.sign(approval, by=request.user, decision=decision, comment=request.POST.get("comment", "")[:300])
    except Refused as refusal:
        record_action(f"approvals.{decision}", by=request.user, record=approval, result=str(refusal.code))
        if refusal.code == "content_changed":
            actions.void_changed(approval, by=request.user)
        approval.refresh_from_db()
        return _page(request, approval, status=422, refusal=refusal)
    messages.success(request, str(Decision(decision).label))
    following = Approval.objects.waiting_for(request.user).order_by("requested_at", "pk").first()
    return HttpResponseRedirect(following.get_absolute_url() if following else reverse("approvals:list"))


@require_POST
def sign_several(request: Any) -> HttpResponse:
    """Approve several at once from the list; what cannot be signed is said one by one."""
    ids = [int(value) for value in request.POST.getlist("approval") if value.isdigit()][:100]
    signed = 0
    for approval in Approval.objects.waiting_for(request.user).filter(pk__in=ids).order_by("requested_at"):
        try:
            actions.sign(approval, by=request.user, decision=Decision.APPROVE)
            signed += 1
        except (Refused, NotAllowed) as refusal:
            record_action("approvals.approve", by=request.user, record=approval, result=str(refusal.code))
            messages.error(request, f"{approval.title}: {refusal.sentence}")
    if signed:
        messages.success(request, ngettext("%(n)d approved.", "%(n)d approved.", signed) % {"n": signed})
    elif not ids:
        messages.error(request, _t("Tick what you want to approve."))
    return redirect("approvals:list")


class DelegationCreate(CreatePage):
    """Let somebody else sign in one's place; below, what is delegated to and by whom."""

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
        return reverse("approvals:delegations")


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
        done=_("Ended."),
    )


def tiers(request: Any, kind: str) -> HttpResponse:
    """Change who must sign for one kind of subject at the acting school."""
    school = request.acting.school
    if school is None:
        raise NotAllowed(_("Choose one school first."), code="choose_school")
    require(request.user, "approvals.manage_tiers", school)
    if kind not in dict(forms.kind_choices()):
        raise Http404
    lines = forms.tier_lines(kind, school, request.POST or None)
    refusal = None
    if request.method == "POST" and lines.is_valid():
        try:
            chosen = [tier for line in lines if (tier := line.tier()) is not None]
            actions.set_tiers(kind, chosen, by=request.user, school=school)
        except Refused as error:
            refusal = error
        else:
            messages.success(request, _t("Saved. What waits already keeps its signatures."))
            return redirect("approvals:tiers", kind)
    context = {"kind": kind, "kinds": forms.kind_choices(), "lines": lines, "school": school, "refusal": refusal}
    return render(request, "approvals/tiers.html", context, status=422 if request.method == "POST" else 200)
