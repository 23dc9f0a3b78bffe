"""The purchase request (采购申请单): who asks for what, why, until when, out of which budget line; and its course."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.budgets.models import BudgetLine
from houqin.approvals.models import Approval, Decision, Signature
from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet, of_schools
from houqin.web import search

ZERO = Decimal("0.00")
SUBJECT_KIND = "purchase"
# From this amount on the central school signs as well; a school may have tiers of its own.
CENTRAL_FROM = Decimal(10_000)


class State(models.TextChoices):
    """Where a purchase is on its way; only actions assign it."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("waiting for approval")
    APPROVED = "approved", _("approved, to be ordered")
    RETURNED = "returned", _("returned for change")
    REJECTED = "rejected", _("not approved")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ORDERED = "ordered", _("ordered, on its way")
    DELIVERED = "delivered", _("delivered")
    CLOSED = "closed", _("closed")


# The requester may still write in it.
EDITABLE = (State.DRAFT, State.RETURNED, State.WITHDRAWN)
# Approved at least once and not taken back: its prices count as paid, its money is spoken for or spent.
BOUGHT = (State.APPROVED, State.ORDERED, State.DELIVERED, State.CLOSED)
# Submitted, so everything that a signature needs is there.
DECIDED = (State.SUBMITTED, State.REJECTED, *BOUGHT)


class PurchaseRequestQuerySet(SchoolQuerySet):
    """Purchase requests."""

    def visible_to(self, user: Any) -> Self:
        """Keep those of schools whose purchases `user` may see, and one's own."""
        schools = access_of(user).schools_with("finance.view_purchases")
        reached = access_of(user).schools
        if schools and schools == reached.keys():
            return self.filter(of_schools(schools))
        return self.filter(Q(school_id__in=schools) | Q(school_id__in=reached, requester=user))

    def open_to(self, user: Any) -> Self:
        """Keep what is visible, and what `user` has signed or may sign: who stands in must read it, too."""
        approvals = Approval.objects.filter(kind=SUBJECT_KIND)
        asked = approvals.filter(
            Q(pk__in=Approval.objects.waiting_for(user).values("pk"))
            | Q(pk__in=Signature.objects.filter(signer=user).values("approval"))
        )
        return self.filter(
            Q(pk__in=type(self)(self.model).visible_to(user).values("pk")) | Q(pk__in=asked.values("subject_id"))
        )

    def waiting(self) -> Self:
        """Keep those that wait for signatures."""
        return self.filter(state=State.SUBMITTED)


@pghistory.track(exclude=["search_text", "search_pieces"])
class PurchaseRequest(models.Model):
    """A request to buy something (S101, S102), with its lines; what happens to it stands in its steps."""

    VIEW_PERMISSION = "finance.view_purchases"

    class Kind(models.TextChoices):
        OFFICE = "office", _("office supplies")
        PUPILS = "pupils", _("pupils' supplies")
        TEACHING = "teaching", _("teaching material")
        REPAIR = "repair", _("repair material")
        EQUIPMENT = "equipment", _("furniture and equipment")

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    number = models.CharField(_("number"), max_length=20)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    title = models.CharField(_("what is bought"), max_length=80)
    purpose = models.CharField(_("what for"), max_length=500, blank=True, default="")
    needed_on = models.DateField(_("needed by"), null=True, blank=True)
    emergency_reason = models.CharField(_("why it is urgent"), max_length=300, blank=True, default="")
    # Why the idle things of the register do not serve (S106).
    idle_reason = models.CharField(_("why the idle ones do not serve"), max_length=200, blank=True, default="")
    budget_line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("budget line")
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    copied_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("copied from")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    # The sum of the lines, written with them.
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2, default=ZERO)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    # What was found when it was submitted; changing it takes both back until it is submitted again.
    lead_days = models.PositiveSmallIntegerField(_("days of notice that the school asks for"), default=7)
    is_emergency = models.BooleanField(_("with less notice than the school asks for"), default=False)
    is_over_market = models.BooleanField(_("dearer than the market"), default=False)
    # Drafts without a day come last: sorting needs a field that is never empty.
    needed_key = models.GeneratedField(
        expression=Coalesce("needed_on", models.Value(date(9999, 12, 31))),
        output_field=models.DateField(),
        db_persist=True,
    )
    search_text = models.TextField(blank=True, editable=False)
    search_pieces = search.search_pieces_field()

    objects: ClassVar[PurchaseRequestQuerySet] = PurchaseRequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("purchase request")
        verbose_name_plural = _("purchase requests")
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="finance_purchaserequest_number"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="finance_purchaserequest_state"),
            models.CheckConstraint(
                condition=Q(kind__in=["office", "pupils", "teaching", "repair", "equipment"]),
                name="finance_purchaserequest_kind",
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="finance_purchaserequest_total"),
            # Nobody signs what does not say how much, why, until when and out of which money.
            models.CheckConstraint(
                condition=~Q(state__in=[str(state) for state in DECIDED])
                | (
                    Q(budget_line__isnull=False, needed_on__isnull=False, submitted_at__isnull=False, total__gt=0)
                    & ~Q(purpose="")
                ),
                name="finance_purchaserequest_complete",
                violation_error_message=_("Budget line, purpose, day and price are needed before it is submitted."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[str(state) for state in BOUGHT]) | Q(approved_at__isnull=False),
                name="finance_purchaserequest_approved_at",
            ),
            models.CheckConstraint(
                condition=Q(is_emergency=False) | ~Q(emergency_reason=""),
                name="finance_purchaserequest_emergency",
                violation_error_message=_("Say why it is urgent."),
            ),
        ]
        indexes = [
            # the list of one school and of all, whole and by state
            models.Index(fields=["school", "created_at", "id"], name="finance_purchase_list"),
            models.Index(fields=["created_at", "id"], name="finance_purchase_list_all"),
            models.Index(fields=["school", "state", "created_at", "id"], name="finance_purchase_state"),
            models.Index(fields=["state", "created_at", "id"], name="finance_purchase_state_all"),
            # the same by the day on which it is needed
            models.Index(fields=["school", "needed_key", "id"], name="finance_purchase_needed"),
            models.Index(fields=["needed_key", "id"], name="finance_purchase_needed_all"),
            # one's own
            models.Index(fields=["requester", "created_at", "id"], name="finance_purchase_requester"),
            # the few that the offices count (S102, S105)
            models.Index(
                fields=["school", "created_at"], name="finance_purchase_emergency", condition=Q(is_emergency=True)
            ),
            models.Index(
                fields=["school", "created_at"], name="finance_purchase_over", condition=Q(is_over_market=True)
            ),
            GinIndex(fields=["search_pieces"], name="finance_purchase_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("finance:purchases:detail", args=[self.pk])

    def write_search(self) -> None:
        """Write what the search box finds: number, title, purpose, lines, requester. One query for the lines."""
        names = list(self.lines.order_by("position").values_list("name", "specification")) if self.pk else []
        words = [word for pair in names for word in pair if word]
        self.search_text = search.search_text(
            self.number,
            self.title,
            self.purpose,
            *words,
            self.requester.display_name,
            phonetic=(self.title, *(name for name, _specification in names), self.requester.display_name),
        )

    @property
    def is_editable(self) -> bool:
        """Whether the requester may still write in it."""
        return self.state in EDITABLE

    @property
    def notice_days(self) -> int | None:
        """Days between submission (today while it can still be changed) and the day on which it is needed."""
        if self.needed_on is None:
            return None
        since = timezone.localdate(None if self.is_editable else self.submitted_at)
        return (self.needed_on - since).days

    def signer_ids(self) -> set[int]:
        """Return who signed it, ever: none of them may buy or receive it (S104). One query."""
        signatures = Signature.objects.filter(approval__kind=SUBJECT_KIND, approval__subject_id=self.pk)
        return set(signatures.values_list("signer_id", flat=True))

    def approver_ids(self) -> set[int]:
        """Return who said yes to it. One query."""
        signatures = Signature.objects.filter(
            approval__kind=SUBJECT_KIND, approval__subject_id=self.pk, decision=Decision.APPROVE
        )
        return set(signatures.values_list("signer_id", flat=True))


class PurchaseStep(models.Model):
    """One thing that happened to a purchase; insert-only, so that times can be trusted."""

    APPEND_ONLY = True

    class Verb(models.TextChoices):
        CREATE = "create", _("wrote the request")
        COPY = "copy", _("copied an earlier request")
        CHANGE = "change", _("changed the request")
        ATTACH = "attach", _("added a file")
        SUBMIT = "submit", _("submitted it")
        RESUBMIT = "resubmit", _("submitted it again")
        WITHDRAW = "withdraw", _("withdrew it")
        APPROVE = "approve", _("approved it, the money is reserved")
        RETURN = "return", _("returned it")
        REJECT = "reject", _("did not approve it")
        ORDER = "order", _("ordered it")
        RECEIVE = "receive", _("received a delivery")
        CANCEL_ORDER = "cancel_order", _("cancelled the order")
        CLOSE = "close", _("closed it")

    request = models.ForeignKey(
        PurchaseRequest, on_delete=models.PROTECT, related_name="steps", verbose_name=_("purchase request")
    )
    verb = models.CharField(_("step"), max_length=15, choices=Verb.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    note = models.CharField(_("words"), max_length=500, blank=True, default="")
    from_state = models.CharField(max_length=10, blank=True, default="")
    to_state = models.CharField(max_length=10, choices=State.choices)

    class Meta:
        verbose_name = _("step of a purchase")
        indexes = [
            # the course of events on the record's page
            models.Index(fields=["request", "at", "id"], name="finance_purchasestep_request"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_verb_display()}"


@pghistory.track()
class PurchaseSettings(models.Model):
    """What holds for the purchases of a school; the week of notice is the rule of the central school (S102)."""

    VIEW_PERMISSION = "finance.view_purchases"

    school = models.OneToOneField(School, on_delete=models.CASCADE, related_name="+", verbose_name=_("school"))
    lead_days = models.PositiveSmallIntegerField(
        _("days between submitting and needing"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("purchase settings")
        constraints = [
            models.CheckConstraint(condition=Q(lead_days__range=(1, 90)), name="finance_purchasesettings_lead"),
        ]

    def __str__(self) -> str:
        return str(self.school)

    @classmethod
    def of(cls, school: School) -> "PurchaseSettings":
        """Return the school's settings, or the defaults when it has changed nothing."""
        return cls.objects.filter(school=school).first() or cls(school=school)
