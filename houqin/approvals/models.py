"""Who must sign what, who signed what content, and who may not sign twice.

A subject (a purchase, a dear repair) asks for approval; its steps are written down as the tiers stand at
that moment, and each signature is bound to a hash of the content that was signed. Signatures and steps are
insert-only, and a trigger holds the rules even against a plain INSERT.
"""

from datetime import date, datetime
from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.approvals import subjects
from houqin.schools.access import access_of
from houqin.schools.models import Membership, School
from houqin.schools.querysets import SchoolQuerySet
from houqin.schools.roles import Role
from houqin.web.counts import Where


class TierQuerySet(SchoolQuerySet):
    """Tiers of schools."""

    def holding_at(self, school: School, kind: str) -> list["Tier"]:
        """Return the tiers of `kind` at `school`: its own, else the nearest school's above, else the kind's defaults.

        One query; defaults are not saved and have no school.
        """
        own: dict[int, list[Tier]] = {}
        for tier in self.filter(kind=kind, school_id__in=[school.pk, *school.ancestor_ids]).order_by("position"):
            own.setdefault(tier.school_id, []).append(tier)
        for owner in (school.pk, *reversed(school.ancestor_ids)):
            if owner in own:
                return own[owner]
        return [
            Tier(
                kind=kind,
                position=position,
                role=default.role,
                at_central=default.at_central,
                from_amount=default.from_amount,
                signatures=default.signatures,
            )
            for position, default in enumerate(subjects.get(kind).default_tiers, start=1)
        ]


@pghistory.track()
class Tier(models.Model):
    """A tier: from an amount on, so many people of this role must sign, in the order of the positions.

    Those of a school hold for the schools below it as well, until these have tiers of their own.
    """

    VIEW_PERMISSION = "approvals.view_all_approvals"

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+", verbose_name=_("school"))
    kind = models.CharField(_("kind of subject"), max_length=40)
    position = models.PositiveSmallIntegerField(_("order"))
    from_amount = models.DecimalField(
        _("from this amount on"), max_digits=14, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    at_central = models.BooleanField(_("signed at the central school"), default=False)
    signatures = models.PositiveSmallIntegerField(_("how many people"), default=1, validators=[MinValueValidator(1)])

    objects: ClassVar[TierQuerySet] = TierQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("approval tier")
        verbose_name_plural = _("approval tiers")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "position"],
                name="approvals_tier_position",
                violation_error_message=_("This place in the order is taken."),
            ),
            models.CheckConstraint(condition=Q(signatures__gte=1, from_amount__gte=0), name="approvals_tier_figures"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="approvals_tier_role"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.position} {self.get_role_display()}"


class Decision(models.TextChoices):
    """What a person says who signs."""

    APPROVE = "approve", _("approved")
    RETURN = "return", _("returned for change")
    REJECT = "reject", _("rejected")


class ApprovalQuerySet(SchoolQuerySet):
    """Approvals."""

    def visible_to(self, user: Any) -> Self:
        """Keep those of schools whose approvals `user` reads, and those one asked for, signed or is to sign."""
        schools = access_of(user).schools_with("approvals.view_all_approvals")
        return self.filter(
            Q(school_id__in=schools)
            | Q(requested_by=user)
            | self._signed(user)
            | _to_sign(user.pk, timezone.localdate())
        )

    def waiting_for(self, user: Any) -> Self:
        """Keep those whose current step `user` may sign today, oneself or for somebody who is away."""
        return self.filter(_to_sign(user.pk, timezone.localdate()))

    def signed_by(self, user: Any) -> Self:
        """Keep those that `user` has signed, or that somebody signed in the place of `user`."""
        return self.filter(self._signed(user))

    @staticmethod
    def _signed(user: Any) -> Q:
        return Q(pk__in=Signature.objects.of(user.pk).values("approval"))


def _to_sign(person: Any, today: Any) -> Q:
    """Return the condition that the current step asks for a post that a person (key) holds or stands in for today.

    Whoever asked for it or has a part in an earlier signature signs no more, neither oneself nor through others.
    It asks the posts within the query: the frame counts this on every page.
    """
    posts = Membership.objects.current(today).filter(school=OuterRef("current_school"), role=OuterRef("current_role"))
    lent = Delegation.objects.holding(today).filter(taker=person, giver=OuterRef("user"), school=OuterRef("school"))
    signed = Signature.objects.of(OuterRef("user")).filter(approval=OuterRef(OuterRef("pk")))
    away = posts.filter(Exists(lent), ~Exists(signed)).exclude(user=OuterRef("requested_by"))
    part = Signature.objects.of(person).filter(approval=OuterRef("pk"))
    may = Q(Exists(posts.filter(user=person))) | Q(Exists(away))
    return Q(state=Approval.State.WAITING) & may & ~Q(requested_by=person) & ~Q(Exists(part))


def _to_sign_on_a_page(approvals: Any, person: Any, now: Any) -> Any:
    if isinstance(now, datetime):
        return approvals.waiting_for(person)
    return approvals.filter(_to_sign(person, TruncDate(ExpressionWrapper(now, models.DateTimeField()))))


# The same for the badge of every page, whose SQL is written once a process.
TO_SIGN = Where(_to_sign_on_a_page)


class Approval(models.Model):
    """One asking for approval of one content of a subject; a changed content needs a new one."""

    VIEW_PERMISSION = "approvals.view_all_approvals"

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for signatures")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned for change")
        REJECTED = "rejected", _("rejected")
        VOIDED = "voided", _("void, the content was changed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    kind = models.CharField(_("kind of subject"), max_length=40)
    subject_id = models.BigIntegerField(_("subject"))
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    title = models.CharField(_("subject"), max_length=200)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True)
    # Canonical text of what is signed, so that it can be shown and hashed again years later.
    content = models.TextField(_("content"))
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    requested_at = models.DateTimeField(_("asked at"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    # The post that signs next, repeated from the steps so that a list needs no step.
    current_position = models.PositiveSmallIntegerField(null=True, editable=False)
    current_role = models.CharField(max_length=20, blank=True, default="", editable=False)
    current_school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("school that signs"),
    )

    objects: ClassVar[ApprovalQuerySet] = ApprovalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"],
                condition=Q(state="waiting"),
                name="approvals_approval_one_waiting",
                violation_error_message=_("This is already waiting for signatures."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "approved", "returned", "rejected", "voided", "withdrawn"]),
                name="approvals_approval_state",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", closed_at__isnull=True, current_school__isnull=False)
                | (~Q(state="waiting") & Q(closed_at__isnull=False, current_school__isnull=True)),
                name="approvals_approval_closed",
            ),
        ]
        indexes = [
            # what waits for a post
            models.Index(
                fields=["current_school", "current_role", "requested_at", "id"],
                name="approvals_waiting",
                condition=Q(state="waiting"),
            ),
            # the list of one school and of all
            models.Index(fields=["school", "requested_at", "id"], name="approvals_by_school"),
            models.Index(fields=["requested_at", "id"], name="approvals_by_time"),
            models.Index(fields=["requested_by", "requested_at", "id"], name="approvals_by_requester"),
            # all approvals of one subject
            models.Index(fields=["kind", "subject_id", "id"], name="approvals_by_subject"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("approvals:detail", args=[self.pk])

    @property
    def waits_at(self) -> str:
        """The office that signs next, empty when none does; `current_school` has to be joined."""
        if self.current_school is None:
            return ""
        return f"{self.current_school} {Role(self.current_role).label}"


class ApprovalStep(models.Model):
    """A step of one approval, as the tiers stood when it was asked for. Insert-only."""

    APPEND_ONLY = True

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField(_("order"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    signatures = models.PositiveSmallIntegerField(_("how many people"))
    # Why another office signs than the tier says, or why it signs at all.
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    SHOWN_WITH = "approval"

    class Meta:
        verbose_name = _("step of an approval")
        constraints = [
            models.UniqueConstraint(fields=["approval", "position"], name="approvals_step_position"),
            models.CheckConstraint(condition=Q(signatures__gte=1), name="approvals_step_signatures"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="approvals_step_role"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.get_role_display()}"


class SignatureQuerySet(models.QuerySet["Signature"]):
    """Signatures."""

    def of(self, person: Any) -> Self:
        """Keep those in which the person with this id has a part: who signed, or for whom somebody signed."""
        return self.filter(Q(signer=person) | Q(on_behalf_of=person))


class Signature(models.Model):
    """What one person said to one content. Insert-only; a trigger asks whether this person may, and may now."""

    APPEND_ONLY = True

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="signatures")
    step = models.ForeignKey(ApprovalStep, on_delete=models.PROTECT, related_name="+")
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("signed by")
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("in place of")
    )
    decision = models.CharField(_("decision"), max_length=7, choices=Decision.choices)
    comment = models.CharField(_("comment"), max_length=300, blank=True, default="")
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    signed_at = models.DateTimeField(_("signed at"), default=timezone.now)

    objects: ClassVar[SignatureQuerySet] = SignatureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("signature")
        constraints = [
            models.UniqueConstraint(
                fields=["approval", "signer"],
                name="approvals_signature_once",
                violation_error_message=_("Nobody signs the same thing twice."),
            ),
            models.CheckConstraint(condition=Q(decision__in=Decision.values), name="approvals_signature_decision"),
            models.CheckConstraint(
                condition=Q(decision="approve") | ~Q(comment=""),
                name="approvals_signature_comment",
                violation_error_message=_("Say why, so that the requester understands."),
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of__isnull=True) | ~Q(on_behalf_of=F("signer")),
                name="approvals_signature_not_for_oneself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signer_id} {self.decision}"


class DelegationQuerySet(SchoolQuerySet):
    """Delegations."""

    def visible_to(self, user: Any) -> Self:
        """Keep one's own, and those of schools whose approvals one reads."""
        schools = access_of(user).schools_with("approvals.view_all_approvals")
        return self.filter(Q(giver=user) | Q(taker=user) | Q(school_id__in=schools))

    def holding(self, day: date) -> Self:
        """Keep those that hold on `day`."""
        return self.filter(since__lte=day, until__gte=day, ended_at__isnull=True)


@pghistory.track()
class Delegation(models.Model):
    """For some days somebody else signs in one's place, for all posts that one holds at a school."""

    VIEW_PERMISSION = "approvals.view_all_approvals"

    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who is away")
    )
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who signs instead")
    )
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    since = models.DateField(_("first day"))
    until = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=100)
    ended_at = models.DateTimeField(_("ended early at"), null=True, editable=False)

    objects: ClassVar[DelegationQuerySet] = DelegationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="approvals_delegation_dates",
                violation_error_message=_("The last day is before the first day."),
            ),
            models.CheckConstraint(
                condition=~Q(giver=F("taker")),
                name="approvals_delegation_to_another",
                violation_error_message=_("Choose somebody else."),
            ),
        ]
        indexes = [
            # whom a person stands in for today
            models.Index(fields=["taker", "since", "until"], name="approvals_delegation_taker"),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.taker}"
