"""Which offices sign, in which order, and who can sign for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.accounts.models import User
from houqin.approvals.models import Approval, ApprovalStep, Delegation, Signature, Tier
from houqin.approvals.subjects import ExtraSigner, Text
from houqin.errors import Refused
from houqin.schools.models import Membership, MembershipQuerySet, School
from houqin.schools.roles import Role


@dataclass(frozen=True, slots=True)
class Step:
    """A step before it is written down."""

    position: int
    role: str
    school: School
    signatures: int
    reason: Text = ""

    def of(self, approval: Approval) -> ApprovalStep:
        """Return the step of an approval, not saved."""
        return ApprovalStep(
            approval=approval,
            position=self.position,
            role=self.role,
            school=self.school,
            signatures=self.signatures,
            reason=str(self.reason)[:200],
        )


def steps_for(
    kind: str, *, school: School, amount: Decimal | None, requester: User, extra: Sequence[ExtraSigner] = ()
) -> list[Step]:
    """Return the steps for this amount. Raises Refused "nobody_can_sign" when a step finds no signer."""
    wanted: list[tuple[str, School, int, Text]] = []
    for tier in Tier.objects.holding_at(school, kind):
        if (amount or Decimal(0)) >= tier.from_amount:
            _add(wanted, tier.role, _office(school, tier.at_central), tier.signatures, "")
    for signer in extra:
        _add(wanted, signer.role, _office(school, signer.at_central), 1, signer.reason)
    steps: list[tuple[str, School, int, Text]] = []
    for role, at_school, count, reason in wanted:
        _add(steps, *_able(role, at_school, count, reason, requester))
    if not steps:
        raise Refused(_("Nobody is named who could sign this. Ask the central school."), code="nobody_can_sign")
    return [Step(n, *step) for n, step in enumerate(steps, start=1)]


def _add(steps: list[tuple[str, School, int, Text]], role: str, school: School, count: int, reason: Text) -> None:
    """Add a step unless the same post signs already; then keep the larger number of people."""
    for place, (known_role, known_school, known_count, known_reason) in enumerate(steps):
        if (known_role, known_school.pk) == (role, school.pk):
            steps[place] = (role, school, max(count, known_count), known_reason or reason)
            return
    steps.append((role, school, count, reason))


def _office(school: School, at_central: bool) -> School:
    """Return the school where the post is held: the school itself, or the top of its tree."""
    if at_central and school.ancestor_ids:
        return School.objects.get(pk=school.ancestor_ids[0])
    return school


def _able(role: str, school: School, count: int, reason: Text, requester: User) -> tuple[str, School, int, Text]:
    """Return the post as it can sign: the next office up where too few hold it besides the requester."""
    if _holders(role, school).exclude(user=requester).values("user").distinct().count() >= count:
        return role, school, count, reason
    above = School.objects.filter(pk=school.parent_id).first() if school.parent_id else None
    office = above or school
    if (role, school.pk) != (Role.CENTRAL_OFFICER, office.pk):
        able = _holders(Role.CENTRAL_OFFICER, office).exclude(user=requester).exists()
        if able:
            why = _("nobody else holds the post, so the next office up signs")
            return Role.CENTRAL_OFFICER, office, 1, reason or why
    raise Refused(
        _("Too few people can sign as %(role)s at %(school)s. Give the post to somebody first."),
        code="nobody_can_sign",
        params={"role": Role(role).label, "school": school},
    )


def _holders(role: str, school: School) -> MembershipQuerySet:
    return Membership.objects.current().filter(role=role, school=school, user__is_active=True)


def signers_of(approval: Approval) -> list[User]:
    """Return who may sign the current step today: the holders of the post, and who stands in for them."""
    if approval.state != Approval.State.WAITING:
        return []
    holders = Membership.objects.current().filter(role=approval.current_role, school=approval.current_school)
    givers = Delegation.objects.holding(timezone.localdate()).filter(
        school=approval.current_school, giver__in=holders.values("user")
    )
    people = User.objects.filter(is_active=True).filter(
        pk__in=holders.values_list("user_id", flat=True).union(givers.values_list("taker_id", flat=True))
    )
    signed = Signature.objects.filter(approval=approval).values("signer")
    return list(people.exclude(pk=approval.requested_by_id).exclude(pk__in=signed))
