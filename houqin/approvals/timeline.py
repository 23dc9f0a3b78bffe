"""Who asked, who signed, and where it hangs: the course of an approval in words, oldest first."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from houqin.accounts.models import User
from houqin.approvals import routes
from houqin.approvals.models import Approval, ApprovalStep, Decision, Signature
from houqin.schools.models import Membership
from houqin.schools.roles import Role
from houqin.web.listing import listed
from houqin.web.moments import moment
from houqin.web.record_page import Moment

GLYPHS = {Decision.APPROVE: "done", Decision.RETURN: "returned", Decision.REJECT: "refused"}
Post = tuple[str, int]


def posts_of(person: User, approval: Approval) -> str:
    """Return what a person is at the approval's school today. One query."""
    roles = Membership.objects.current().filter(user=person, school=approval.school).values_list("role", flat=True)
    return listed(Role(role).label for role in sorted(set(roles)))


def course(approval: Approval, *, asked_as: str, may_sign: bool) -> list[Moment]:
    """Return who asked, who signed what, who is to sign now and after that. At most seven queries."""
    moments = [
        Moment(_("asked for it"), who=str(approval.requested_by), facts=[asked_as, moment(approval.requested_at)])
    ]
    signatures = list(approval.signatures.select_related("signer", "on_behalf_of", "step").order_by("signed_at", "pk"))
    moments += [_signed(signature) for signature in signatures]
    if approval.state == Approval.State.WAITING:
        steps = list(approval.steps.select_related("school").order_by("position"))
        ahead = [step for step in steps if step.position > (approval.current_position or 0)]
        given = sum(signature.step.position == approval.current_position for signature in signatures)
        moments += [
            _now(approval, step, given, may_sign) for step in steps if step.position == approval.current_position
        ]
        names = _names({(step.role, step.school_id) for step in ahead}, approval)
        moments += [_ahead(step, names.get((step.role, step.school_id), [])) for step in ahead]
    elif approval.state in (Approval.State.VOIDED, Approval.State.WITHDRAWN) and approval.closed_at:
        words = approval.get_state_display()
        moments.append(Moment(words, facts=[moment(approval.closed_at)], tone="now", glyph="returned"))
    return moments


def _signed(signature: Signature) -> Moment:
    facts = [signature.step.get_role_display(), moment(signature.signed_at)]
    if signature.on_behalf_of:
        facts.append(_("in place of %(name)s") % {"name": signature.on_behalf_of})
    return Moment(
        signature.get_decision_display(),
        who=str(signature.signer),
        facts=facts,
        said=signature.comment,
        tone="ok" if signature.decision == Decision.APPROVE else "now",
        glyph=GLYPHS[Decision(signature.decision)],
    )


def _now(approval: Approval, step: ApprovalStep, given: int, may_sign: bool) -> Moment:
    people = routes.signers_of(approval)
    what: Any
    if may_sign:
        what = _("waits for you")
    elif people:
        what = format_lazy(gettext_lazy("waits for {names}"), names=listed(people))
    else:
        what = _("nobody can sign at this moment: the post is empty")
    counted = _("%(given)s of %(all)s signatures") % {"given": given, "all": step.signatures}
    facts = [str(step.school), step.get_role_display(), step.reason, counted if step.signatures > 1 else ""]
    return Moment(what, facts=facts, tone="now", glyph="doing" if people else "late")


def _ahead(step: ApprovalStep, names: list[str]) -> Moment:
    who: Any = listed(names) or step.get_role_display()
    return Moment(who, facts=[str(step.school), step.get_role_display(), step.reason], tone="next", glyph="draft")


def _names(posts: Iterable[Post], approval: Approval) -> dict[Post, list[str]]:
    """Return who holds each post today, without who asked. One query, none for no posts."""
    wanted = Q(pk__in=[])
    for role, school in posts:
        wanted |= Q(role=role, school=school)
    names: dict[Post, list[str]] = {}
    held = Membership.objects.current().filter(wanted, user__is_active=True).exclude(user=approval.requested_by_id)
    for membership in held.select_related("user").order_by("user__name_pinyin"):
        names.setdefault((membership.role, membership.school_id), []).append(str(membership.user))
    return names
