"""Ask for approval, sign, take back, void, stand in for somebody."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from houqin.accounts.models import User
from houqin.approvals import routes, subjects
from houqin.approvals.models import Approval, ApprovalStep, Decision, Delegation, Signature, Tier
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.notices.actions import notify_all
from houqin.schools.models import Membership, School
from houqin.schools.permissions import require
from houqin.web.trail import record_action

State = Approval.State


@transaction.atomic
def request(kind: str, subject: Any, *, by: User, school: School, title: str, amount: Decimal | None) -> Approval:
    """Ask for the signatures that the tiers of the school name for this amount.

    Whoever asks signs nothing: where only that person holds the post, the next office up signs. Raises
    Refused "nobody_can_sign" when no office is left, "already_waiting" when it waits already.
    """
    definition = subjects.get(kind)
    # Its row, as it is saved: what two ask for at once waits once, and what is signed is what is kept.
    subject = definition.lock(subject.pk)
    if waiting_for(kind, subject) is not None:
        raise Refused(_("This is already waiting for signatures."), code="already_waiting")
    extra = definition.extra_signers(subject) if definition.extra_signers else ()
    steps = routes.steps_for(kind, school=school, amount=amount, requester=by, extra=extra)
    content = definition.content(subject)
    first = steps[0]
    approval = Approval.objects.create(
        kind=kind,
        subject_id=subject.pk,
        school=school,
        title=title[:200],
        amount=amount,
        content=subjects.canonical(content),
        content_hash=subjects.content_hash(content),
        requested_by=by,
        current_position=first.position,
        current_role=first.role,
        current_school=first.school,
    )
    ApprovalStep.objects.bulk_create([step.of(approval) for step in steps])
    record_action("approvals.request", by=by, record=approval)
    _tell_signers(approval)
    return approval


def _locked(approval: Approval) -> Approval:
    return (
        Approval.objects.select_for_update(of=("self",))
        .select_related("school", "requested_by", "current_school")
        .get(pk=approval.pk)
    )


@transaction.atomic
def sign(approval: Approval, *, by: User, decision: str, comment: str = "") -> Approval:
    """Sign the current step: approve, return for change, or reject.

    The subject is locked first and its content compared with what was asked for: a changed content voids
    every signature, so it raises Refused "content_changed" (see void_changed). Raises WrongState when it
    waits no longer, NotAllowed "own_request", "signed_already" or "not_your_turn", Refused "comment_missing".
    """
    approval, subject = _lock_with_subject(approval)
    if approval.state != State.WAITING:
        raise WrongState(
            _("This is no longer waiting for signatures: %(state)s."), params={"state": approval.get_state_display()}
        )
    holder = routes.holder_for(approval, by)
    if decision != Decision.APPROVE and not comment.strip():
        raise Refused(_("Say why, so that the requester understands."), code="comment_missing", field="comment")
    definition = subjects.get(approval.kind)
    if subjects.content_hash(definition.content(subject)) != approval.content_hash:
        raise Refused(
            _("The content was changed after it was asked for. It has to be asked for anew."), code="content_changed"
        )
    step = _current_step(approval)
    Signature.objects.create(
        approval=approval,
        step=step,
        signer=by,
        on_behalf_of=holder if holder.pk != by.pk else None,
        decision=decision,
        comment=comment.strip(),
        content_hash=approval.content_hash,
    )
    record_action(f"approvals.{decision}", by=by, record=approval)
    if decision == Decision.APPROVE:
        _advance(approval, subject, by, comment.strip())
    else:
        _close(approval, State.RETURNED if decision == Decision.RETURN else State.REJECTED)
        ended = definition.returned if decision == Decision.RETURN else definition.rejected
        ended(subject, by, comment.strip())
    return approval


def _lock_with_subject(approval: Approval) -> tuple[Approval, Any]:
    """Lock the subject before its approval, the order in which the subject's own actions take both."""
    subject = subjects.get(approval.kind).lock(approval.subject_id)
    return _locked(approval), subject


def _current_step(approval: Approval) -> ApprovalStep:
    return next(step for step in approval.steps.all() if step.position == approval.current_position)


def _advance(approval: Approval, subject: Any, by: User, comment: str) -> None:
    """Go to the next step when this one has all its signatures; after the last one the subject is approved."""
    step = _current_step(approval)
    if approval.signatures.filter(step=step, decision=Decision.APPROVE).count() < step.signatures:
        _tell_signers(approval)
        return
    following = approval.steps.filter(position__gt=step.position).order_by("position").first()
    if following is None:
        _close(approval, State.APPROVED)
        subjects.get(approval.kind).approved(subject, by, comment)
        return
    approval.current_position, approval.current_role = following.position, following.role
    approval.current_school = following.school
    approval.save(update_fields=["current_position", "current_role", "current_school"])
    _tell_signers(approval)


def _close(approval: Approval, state: str) -> None:
    approval.state, approval.closed_at = state, timezone.now()
    approval.current_position, approval.current_role, approval.current_school = None, "", None
    approval.save(update_fields=["state", "closed_at", "current_position", "current_role", "current_school"])


def _tell_signers(approval: Approval) -> None:
    people = routes.signers_of(approval)
    notify_all(
        people,
        cause=f"approval:{approval.pk}:{approval.current_position}",
        moment=timezone.now(),
        title=_("Something waits for your signature"),
        body=approval.title
        if approval.amount is None
        else format_lazy("{}　¥{:,.2f}", approval.title, approval.amount),
        url=approval.get_absolute_url(),
        school=approval.school,
    )


def waiting_for(kind: str, subject: Any) -> Approval | None:
    """Return the approval of a subject that still waits, if any."""
    return Approval.objects.filter(kind=kind, subject_id=subject.pk, state=State.WAITING).first()


def void(kind: str, subject: Any, *, by: User | None) -> None:
    """End a waiting approval because the content of its subject was changed; nothing happens when none waits."""
    _end(kind, subject, by=by, state=State.VOIDED, code="approvals.void")


def withdraw(kind: str, subject: Any, *, by: User) -> None:
    """End a waiting approval because its subject was withdrawn."""
    _end(kind, subject, by=by, state=State.WITHDRAWN, code="approvals.withdraw")


@transaction.atomic
def _end(kind: str, subject: Any, *, by: User | None, state: str, code: str) -> None:
    waiting = waiting_for(kind, subject)
    if waiting is None:
        return
    approval = _locked(waiting)
    if approval.state == State.WAITING:
        _close(approval, state)
        record_action(code, by=by, record=approval)


@transaction.atomic
def void_changed(approval: Approval, *, by: User) -> Approval:
    """End an approval whose content is no longer what was asked for, and give the subject back to its requester.

    Rooms void by themselves when they change a subject; this is for what was changed behind their back.
    Raises WrongState "content_unchanged" when nothing was changed.
    """
    approval, subject = _lock_with_subject(approval)
    definition = subjects.get(approval.kind)
    same = subjects.content_hash(definition.content(subject)) == approval.content_hash
    if approval.state != State.WAITING or same:
        raise WrongState(code="content_unchanged")
    _close(approval, State.VOIDED)
    record_action("approvals.void", by=by, record=approval)
    definition.returned(subject, by, str(_("The content was changed after it was asked for.")))
    return approval


@transaction.atomic
def delegate(*, by: User, to: User, school: School, since: date, until: date, reason: str) -> Delegation:
    """Let somebody else sign in one's place for some days.

    Raises Refused "nothing_to_delegate" without a post there, "stranger" when `to` has none,
    "long_past" for days that are over.
    """
    posts = Membership.objects.current().filter(school=school)
    if not posts.filter(user=by).exists():
        raise Refused(_("You hold no post at this school."), code="nothing_to_delegate", field="school")
    if not posts.filter(user=to).exists():
        raise Refused(_("%(name)s holds no post at this school."), code="stranger", field="to", params={"name": to})
    if until < timezone.localdate():
        raise Refused(_("These days are over."), code="long_past", field="until")
    if not reason.strip():
        raise Refused(_("Say why, for example: away on business."), code="reason_missing", field="reason")
    delegation = Delegation(giver=by, taker=to, school=school, since=since, until=until, reason=reason.strip())
    delegation.full_clean()
    delegation.save()
    record_action("approvals.delegate", by=by, record=delegation)
    notify_all(
        [to],
        cause=f"delegation:{delegation.pk}",
        title=format_lazy(_("{name} lets you sign"), name=by.display_name),
        body=f"{since} – {until}",
        url="/approvals/",
        school=school,
    )
    return delegation


@transaction.atomic
def end_delegation(delegation: Delegation, *, by: User) -> Delegation:
    """End a delegation early. Raises WrongState when it has ended."""
    delegation = Delegation.objects.select_for_update().get(pk=delegation.pk)
    if delegation.giver_id != by.pk:
        raise NotAllowed(code="not_the_giver")
    if delegation.ended_at is not None:
        raise WrongState(code="ended_already")
    delegation.ended_at = timezone.now()
    delegation.save(update_fields=["ended_at"])
    record_action("approvals.end_delegation", by=by, record=delegation)
    return delegation


@transaction.atomic
def set_tiers(kind: str, tiers: Sequence[Tier], *, by: User, school: School) -> list[Tier]:
    """Replace a school's tiers of one kind; what waits already keeps its steps.

    Raises Refused "no_tier", or "gap_at_zero" when small amounts would be signed by nobody.
    """
    require(by, "approvals.manage_tiers", school)
    School.objects.select_for_update().get(pk=school.pk)
    if not tiers:
        raise Refused(_("At least one office has to sign."), code="no_tier")
    if all(tier.from_amount > 0 for tier in tiers):
        raise Refused(_("One tier has to begin at 0, or small amounts are signed by nobody."), code="gap_at_zero")
    Tier.objects.filter(school=school, kind=kind).delete()
    for position, tier in enumerate(tiers, start=1):
        tier.school, tier.kind, tier.position = school, kind, position
        tier.full_clean(exclude=["school"])
        tier.save()
    record_action("approvals.set_tiers", by=by, school=school, detail=kind)
    return list(tiers)


@transaction.atomic
def drop_tiers(kind: str, *, by: User, school: School) -> None:
    """Let the tiers of the school above, or those that Houqin ships, hold again. Raises WrongState "no_own_tiers"."""
    require(by, "approvals.manage_tiers", school)
    School.objects.select_for_update().get(pk=school.pk)
    if not Tier.objects.filter(school=school, kind=kind).delete()[0]:
        raise WrongState(code="no_own_tiers")
    record_action("approvals.drop_tiers", by=by, school=school, detail=kind)
