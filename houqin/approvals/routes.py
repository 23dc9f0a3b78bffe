"""Which offices sign, in which order, and who can sign for them now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from houqin.accounts.models import User
from houqin.approvals.models import Approval, ApprovalStep, Delegation, Tier
from houqin.approvals.subjects import ExtraSigner, Text
from houqin.errors import NotAllowed, Refused
from houqin.schools.models import Membership, School
from houqin.schools.roles import Role
from houqin.web.templatetags.houqin import money


@dataclass(frozen=True, slots=True)
class Step:
    """A step before it is written down."""

    position: int
    role: str
    school: School
    signatures: int
    reason: Text = ""

    def of(self, approval: Approval) -> ApprovalStep:
        """Return the step of an approval, not saved; its reason is written in the house's language."""
        with translation.override(settings.LANGUAGE_CODE):
            reason = str(self.reason)[:200]
        return ApprovalStep(
            approval=approval,
            position=self.position,
            role=self.role,
            school=self.school,
            signatures=self.signatures,
            reason=reason,
        )


def steps_for(
    kind: str, *, school: School, amount: Decimal | None, requester: User, extra: Sequence[ExtraSigner] = ()
) -> list[Step]:
    """Return the steps for this amount, such that different people can give all their signatures.

    Raises Refused "nobody_can_sign" when no office is left for a step, or too few people for all of them.
    """
    wanted = [
        _Wanted(tier.role, _office(school, tier.at_central), tier.signatures, _because_of(tier.from_amount))
        for tier in Tier.objects.holding_at(school, kind)
        if (amount or Decimal(0)) >= tier.from_amount
    ]
    wanted += [_Wanted(signer.role, _office(school, signer.at_central), 1, signer.reason) for signer in extra]
    steps = _merged([_able(step, requester) for step in _merged(wanted)])
    if not steps:
        raise Refused(_("Nobody is named who could sign this. Ask the central school."), code="nobody_can_sign")
    steps = _by_different_people(steps, requester)
    return [Step(n, step.role, step.school, step.signatures, step.reason) for n, step in enumerate(steps, start=1)]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A post that has to sign."""

    role: str
    school: School
    signatures: int
    reason: Text = ""

    @property
    def post(self) -> tuple[str, int]:
        return self.role, self.school.pk


def _because_of(from_amount: Decimal) -> Text:
    return format_lazy(_("from {amount} on"), amount=money(from_amount)) if from_amount else ""


def _merged(steps: Sequence[_Wanted]) -> list[_Wanted]:
    """Let each post sign once, at its first place, by the larger number of people."""
    merged: dict[tuple[str, int], _Wanted] = {}
    for step in steps:
        known = merged.setdefault(step.post, step)
        count = max(step.signatures, known.signatures)
        merged[step.post] = replace(known, signatures=count, reason=known.reason or step.reason)
    return list(merged.values())


def _office(school: School, at_central: bool) -> School:
    """Return the school where the post is held: the school itself, or its central school."""
    return school.parent if at_central and school.parent is not None else school


def _able(step: _Wanted, requester: User) -> _Wanted:
    """Return the step as it can be signed: by the next office up where too few hold the post besides the requester."""
    if len(_holders(step, requester)) >= step.signatures:
        return step
    why = _("nobody else holds the post, so the next office up signs")
    for school in _above(step.school):
        upper = _Wanted(Role.CENTRAL_OFFICER, school, 1, step.reason or why)
        if upper.post != step.post and _holders(upper, requester):
            return upper
    raise Refused(
        _("Too few people can sign as %(role)s at %(school)s. Give the post to somebody first."),
        code="nobody_can_sign",
        params={"role": Role(step.role).label, "school": step.school},
    )


def _above(school: School) -> list[School]:
    """Return the schools above, the nearest first; a school on top is its own office."""
    ids = school.ancestor_ids or [school.pk]
    known = School.objects.in_bulk(ids)
    return [known[pk] for pk in reversed(ids)]


def _holders(step: _Wanted, requester: User) -> set[int]:
    posts = Membership.objects.current().filter(role=step.role, school=step.school, user__is_active=True)
    return set(posts.exclude(user=requester).values_list("user_id", flat=True))


def _by_different_people(steps: list[_Wanted], requester: User) -> list[_Wanted]:
    """Leave out the lower of two offices that one person holds, where otherwise somebody would have to sign twice."""
    holders = {step.post: _holders(step, requester) for step in steps}
    while not _can_all_sign([holders[step.post] for step in steps for _signature in range(step.signatures)]):
        both = (
            (lower, upper)
            for place, lower in enumerate(steps)
            for upper in steps[place + 1 :]
            if lower.signatures == 1 and holders[lower.post] <= holders[upper.post]
        )
        lower, upper = next(both, (None, None))
        if lower is None or upper is None:
            raise Refused(
                _("Nobody signs twice, and too few different people hold the posts that sign this."),
                code="nobody_can_sign",
            )
        why = format_lazy(_("signs as {role} as well"), role=Role(lower.role).label)
        steps = [replace(step, reason=step.reason or why) if step is upper else step for step in steps]
        steps = [step for step in steps if step is not lower]
    return steps


def _can_all_sign(signatures: Sequence[set[int]]) -> bool:
    """Say whether each signature, given who may give it, finds a person of its own (augmenting paths)."""
    signer_of: dict[int, int] = {}

    def find(place: int, tried: set[int]) -> bool:
        for person in signatures[place] - tried:
            tried.add(person)
            if person not in signer_of or find(signer_of[person], tried):
                signer_of[person] = place
                return True
        return False

    return all(find(place, set()) for place in range(len(signatures)))


def signers_of(approval: Approval) -> list[User]:
    """Return who may sign the current step today: the holders of the post, and who stands in for them."""
    if approval.state != Approval.State.WAITING:
        return []
    barred = _barred(approval)
    posts = Membership.objects.current().filter(role=approval.current_role, school=approval.current_school)
    holders = posts.exclude(user__in=barred).values("user")
    lent = Delegation.objects.holding(timezone.localdate()).filter(school=approval.current_school, giver__in=holders)
    able = User.objects.filter(Q(pk__in=holders) | Q(pk__in=lent.values("taker")), is_active=True)
    return list(able.exclude(pk__in=barred).order_by("name_pinyin", "pk"))


def holder_for(approval: Approval, by: User) -> User:
    """Return whose post `by` signs for now: one's own, or that of somebody who is away.

    Raises NotAllowed "own_request", "signed_already" or "not_your_turn".
    """
    if approval.requested_by_id == by.pk:
        raise NotAllowed(_("Nobody approves what one asked for oneself."), code="own_request")
    barred = _barred(approval)
    if by.pk in barred:
        raise NotAllowed(_("You have signed this already."), code="signed_already")
    posts = Membership.objects.current().filter(school=approval.current_school, role=approval.current_role)
    if posts.filter(user=by).exists():
        return by
    givers = Delegation.objects.holding(timezone.localdate()).filter(taker=by, school=approval.current_school)
    away = posts.filter(user__in=givers.values("giver")).exclude(user__in=barred).select_related("user")
    post = away.order_by("pk").first()
    if post is None:
        raise NotAllowed(_("It is not your turn to sign this."), code="not_your_turn")
    return post.user


def _barred(approval: Approval) -> set[int]:
    """Return who asked for it or has a part in a signature already, oneself or through somebody else."""
    people = approval.signatures.values_list("signer", "on_behalf_of")
    return {approval.requested_by_id, *(person for pair in people for person in pair if person is not None)}
