"""Repair reports, and who follows them."""

from decimal import Decimal
from secrets import token_urlsafe
from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assets.register.models import AssetCard
from assets.repairs.models.states import IN_HANDS, OPEN_STATES, UNASSIGNED, UNFINISHED, State
from houqin.schools.access import access_of
from houqin.schools.models import Place, School
from houqin.schools.querysets import SchoolQuerySet, of_schools
from houqin.web import search

ZERO = Decimal("0.00")


def new_secret() -> str:
    """Return a secret for a status link: 22 characters, not to be guessed."""
    return token_urlsafe(16)


class RepairQuerySet(SchoolQuerySet):
    """Repair reports."""

    def visible_to(self, user: Any) -> Self:
        """Keep those of schools whose repairs `user` may see, and one's own: reported, assigned, followed."""
        schools = access_of(user).schools_with("assets.view_repairs")
        reached = access_of(user).schools
        if schools and schools == reached.keys():
            return self.filter(of_schools(schools))
        own = Q(reporter=user) | Q(assigned_to=user) | Q(pk__in=Follower.objects.filter(user=user).values("repair"))
        return self.filter(Q(school_id__in=schools) | (Q(school_id__in=reached) & own))

    def open(self) -> Self:
        """Keep those on which somebody still has to act."""
        return self.filter(is_open=True)

    def unassigned(self) -> Self:
        """Keep those that wait to be assigned."""
        return self.filter(is_open=True, state__in=UNASSIGNED)

    def in_hands_of(self, person: Any) -> Self:
        """Keep those that `person` has to repair."""
        return self.filter(is_open=True, state__in=IN_HANDS, assigned_to=person)

    def late(self, now: Any = None) -> Self:
        """Keep those that should have been repaired by now."""
        return self.filter(is_open=True, state__in=UNFINISHED, due_at__lt=now or timezone.now())

    def dangerous(self) -> Self:
        """Keep the open ones where somebody could get hurt."""
        return self.filter(is_open=True, is_dangerous=True)


@pghistory.track(exclude=["search_text", "search_pieces", "is_open", "attention_key", "work_key", "secret", "device"])
class RepairRequest(models.Model):
    """A report that something is broken, and the repair that follows (S32, S33)."""

    VIEW_PERMISSION = "assets.view_repairs"
    WRITTEN_KEYS = ("attention_key", "work_key", "search_text")

    class Kind(models.TextChoices):
        ELECTRIC = "electric", _("electric")
        DOOR_WINDOW = "door_window", _("door and window")
        DESK_CHAIR = "desk_chair", _("desk and chair")
        WATER = "water", _("water")
        IT = "it", _("IT")
        BUILDING = "building", _("house: walls, roof, floor")
        OTHER = "other", _("other, not sure")

    class Via(models.TextChoices):
        PAGE = "page", _("reported on the page")
        QR = "qr", _("scanned the QR code")
        BOOK = "book", _("taken over from the paper book")
        ROUND = "round", _("found in a repair round")

    class Approval(models.TextChoices):
        """Whether the upper office must agree before work begins (S125, S126).

        It repeats what the signatures say (houqin.approvals), so that lists and constraints ask one column.
        """

        NOT_NEEDED = "not_needed", _("not needed")
        WAITING = "waiting", _("not decided yet")
        GIVEN = "given", _("given")
        RETURNED = "returned", _("returned for change")
        REJECTED = "rejected", _("rejected")

    class Outcome(models.TextChoices):
        REPAIRED = "repaired", _("repaired")
        REPLACED = "replaced", _("replaced")
        MADE_SAFE = "made_safe", _("made safe for now")
        NOT_REPAIRABLE = "not_repairable", _("cannot be repaired")

    # No index of its own: several that are wider begin with it.
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"), db_index=False
    )
    number = models.CharField(_("number"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name=_("place"))
    asset = models.ForeignKey(
        AssetCard, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("asset")
    )
    description = models.CharField(_("what is wrong"), max_length=500)
    is_dangerous = models.BooleanField(_("danger"), default=False)
    via = models.CharField(_("reported how"), max_length=5, choices=Via.choices, default=Via.PAGE)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.REPORTED)

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reported by"),
    )
    # The name in the paper book, for reports that were taken over from it.
    book_reporter = models.CharField(_("reporter in the paper book"), max_length=60, blank=True, default="")
    secret = models.CharField(max_length=30, unique=True, default=new_secret, editable=False)
    device = models.CharField(max_length=64, blank=True, default="", editable=False)

    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("maintainer"),
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="duplicates",
        verbose_name=_("merged into"),
    )

    reported_at = models.DateTimeField(_("reported at"), default=timezone.now)
    responded_at = models.DateTimeField(_("responded at"), null=True, blank=True)
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    due_at = models.DateTimeField(_("to be repaired by"))
    confirm_by = models.DateTimeField(_("confirmed by itself at"), null=True, blank=True)
    confirmed_automatically = models.BooleanField(_("confirmed by itself"), default=False)
    reopened_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    hold_reason = models.CharField(_("why on hold"), max_length=200, blank=True, default="")

    is_structural = models.BooleanField(_("structural work"), default=False)
    estimated_cost = models.DecimalField(
        _("estimated cost"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(ZERO)],
    )
    approval = models.CharField(
        _("approval of the upper office"), max_length=10, choices=Approval.choices, default=Approval.NOT_NEEDED
    )
    # What the upper office agreed to: the estimate then, and whether it was structural work.
    approved_cost = models.DecimalField(_("approved up to"), max_digits=12, decimal_places=2, null=True, blank=True)
    approved_structural = models.BooleanField(_("structural work approved"), default=False)
    emergency_at = models.DateTimeField(_("made safe before approval at"), null=True, blank=True)
    emergency_reason = models.CharField(_("reason of the emergency"), max_length=300, blank=True, default="")
    emergency_reason_due = models.DateTimeField(_("reason to be written by"), null=True, blank=True)
    emergency_reason_at = models.DateTimeField(_("reason written at"), null=True, blank=True)

    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome.choices, blank=True, default="")
    labour_minutes = models.PositiveIntegerField(_("labour, minutes"), default=0)
    labour_cost = models.DecimalField(_("labour cost"), max_digits=10, decimal_places=2, default=ZERO)
    cost = models.DecimalField(_("cost"), max_digits=12, decimal_places=2, default=ZERO)
    rating = models.PositiveSmallIntegerField(
        _("rating"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    rating_comment = models.CharField(_("comment"), max_length=200, blank=True, default="")

    is_open = models.GeneratedField(
        expression=Case(
            When(state__in=[str(state) for state in OPEN_STATES], then=Value(True)),
            default=Value(False),
            output_field=models.BooleanField(),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    # Open danger first, then newest: descending order of the office's list.
    attention_key = models.CharField(max_length=40, editable=False)
    # Danger first, then place by place: ascending order of the maintainer's list.
    work_key = models.CharField(max_length=420, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    search_pieces = search.search_pieces_field()

    objects: ClassVar[RepairQuerySet] = RepairQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("repair")
        verbose_name_plural = _("repairs")
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="assets_repair_number"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="assets_repair_state"),
            models.CheckConstraint(
                condition=~Q(state__in=[State.ASSIGNED, State.WORKING, State.DONE]) | Q(assigned_to__isnull=False),
                name="assets_repair_has_maintainer",
                violation_error_message=_("Somebody must be assigned first."),
            ),
            # No work before approval (S126): an emergency may be made safe first, but not finished.
            models.CheckConstraint(
                condition=Q(approval__in=["not_needed", "given"])
                | ~Q(state__in=[State.WORKING, State.DONE, State.CONFIRMED])
                | Q(state=State.WORKING, approval="waiting", emergency_at__isnull=False),
                name="assets_repair_approved_first",
                violation_error_message=_("The upper office has not approved this repair yet."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.DONE, State.CONFIRMED]) | Q(finished_at__isnull=False),
                name="assets_repair_finished_at",
            ),
            models.CheckConstraint(
                condition=Q(state=State.MERGED, merged_into__isnull=False)
                | (~Q(state=State.MERGED) & Q(merged_into__isnull=True)),
                name="assets_repair_merged_into",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="assets_repair_not_into_itself"),
            models.CheckConstraint(
                condition=~Q(state=State.ON_HOLD) | ~Q(hold_reason=""),
                name="assets_repair_hold_reason",
                violation_error_message=_("Say why the repair has to wait."),
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="assets_repair_rating"
            ),
            models.CheckConstraint(
                condition=Q(cost__gte=0, labour_cost__gte=0)
                & (Q(estimated_cost__isnull=True) | Q(estimated_cost__gte=0)),
                name="assets_repair_costs",
                violation_error_message=_("Amounts cannot be negative."),
            ),
        ]
        indexes = [
            # the list of one school and of all, whole and by state
            models.Index(fields=["school", "attention_key", "id"], name="assets_repair_list"),
            models.Index(fields=["attention_key", "id"], name="assets_repair_list_all"),
            models.Index(fields=["school", "state", "attention_key", "id"], name="assets_repair_by_state"),
            models.Index(fields=["state", "attention_key", "id"], name="assets_repair_by_state_all"),
            # what is open, what is late
            models.Index(
                fields=["school", "attention_key", "id"], name="assets_repair_open", condition=Q(is_open=True)
            ),
            models.Index(fields=["attention_key", "id"], name="assets_repair_open_all", condition=Q(is_open=True)),
            models.Index(
                fields=["school", "due_at"],
                # so that the chips that count states among the open ones read no row
                include=["state"],
                name="assets_repair_due",
                condition=Q(is_open=True),
            ),
            # the few that somebody must not overlook, without reading the others that are open
            models.Index(
                fields=["school", "id"], name="assets_repair_danger", condition=Q(is_open=True, is_dangerous=True)
            ),
            models.Index(
                fields=["school", "id"], name="assets_repair_approval", condition=Q(is_open=True, approval="waiting")
            ),
            # home: what was repaired in these days
            models.Index(fields=["school", "finished_at"], name="assets_repair_finished"),
            # a person's own: reported, to repair
            models.Index(fields=["reporter", "attention_key", "id"], name="assets_repair_reporter"),
            models.Index(fields=["assigned_to", "work_key", "id"], name="assets_repair_maintainer"),
            # how often this place was repaired; like reports still open there
            models.Index(fields=["place", "kind", "reported_at"], include=["school"], name="assets_repair_place"),
            # tasks.confirm_due
            models.Index(fields=["confirm_by"], name="assets_repair_confirm", condition=Q(state="done")),
            GinIndex(fields=["school", "search_pieces"], name="assets_repair_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if fields is None or {"state", "place", "description", "assigned_to", "kind", "is_dangerous"} & set(fields):
            self.write_keys()
            if fields is not None:
                kwargs["update_fields"] = {*fields, *self.WRITTEN_KEYS}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("assets:repairs:detail", args=[self.pk])

    def write_keys(self) -> None:
        """Write the sort keys and the search text from the fields they repeat."""
        top = self.is_urgent
        self.attention_key = f"{int(top)}|{timezone.localtime(self.reported_at):%Y%m%d%H%M%S}"
        self.work_key = f"{int(not top)}|{self.place.name_pinyin}"
        names = [person.display_name for person in (self.reporter, self.assigned_to) if person]
        self.search_text = search.search_text(
            self.number,
            self.description,
            self.place.full_name,
            self.place.code,
            *names,
            self.book_reporter,
            phonetic=(self.description, self.place.full_name, *names, self.book_reporter),
        )

    @property
    def title(self) -> str:
        """What is wrong, cut to one line."""
        return Truncator(self.description).chars(40)

    @property
    def status_url(self) -> str:
        """The secret address where a guest follows the repair."""
        return reverse("assets:repairs:status", args=[self.secret])

    @property
    def reporter_name(self) -> str:
        """Who reported it, as lists say it."""
        if self.reporter is not None:
            return self.reporter.display_name
        return self.book_reporter or gettext("guest")

    @property
    def waits_for_assignment(self) -> bool:
        """Whether the office has to assign it."""
        return self.state in UNASSIGNED

    @property
    def is_urgent(self) -> bool:
        """Whether it is dangerous and not repaired yet."""
        return self.is_dangerous and self.state in UNFINISHED

    @property
    def is_late(self) -> bool:
        """Whether it should have been repaired by now."""
        return self.state in UNFINISHED and self.due_at < timezone.now()

    @property
    def is_being_made_safe(self) -> bool:
        """Whether an emergency is worked on although the upper office has not decided yet."""
        under_way = self.state in (State.WORKING, State.ON_HOLD)
        return under_way and self.approval == self.Approval.WAITING and self.emergency_at is not None


class Follower(models.Model):
    """Somebody who met the same fault and follows the report that was there already."""

    repair = models.ForeignKey(RepairRequest, on_delete=models.CASCADE, related_name="followers")
    # None for a guest, who comes back by the secret link.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    secret = models.CharField(max_length=30, unique=True, default=new_secret, editable=False)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("follower of a repair")
        constraints = [
            models.UniqueConstraint(fields=["repair", "user"], name="assets_repairfollower_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.repair_id}"

    @property
    def status_url(self) -> str:
        """The secret address of a guest who follows."""
        return reverse("assets:repairs:status", args=[self.secret])
