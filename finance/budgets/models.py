"""Budget lines (预算指标): what a school may spend in a year, on what, from which money, and what is spoken for."""

from decimal import Decimal
from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet
from houqin.web import search

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
FIRST_YEAR, LAST_YEAR = 2000, 2100
# The kind of the reservation that stands for what was spent before a line was entered here; its key is the line's.
EARLIER = "earlier"


class ExpenditureItem(models.Model):
    """An item by which schools account for expenditure; the table ships with the application (财会〔2018〕20号)."""

    class Group(models.TextChoices):
        SALARY_WELFARE = "salary_welfare", _("salaries and welfare")
        GOODS_SERVICES = "goods_services", _("goods and services")
        TRANSFERS = "transfers", _("aid to persons and households")
        CAPITAL = "capital", _("capital expenditure")

    # The key is the place in the chart, so that lists by key stand in its order.
    position = models.PositiveSmallIntegerField(_("place in the chart"), primary_key=True)
    group = models.CharField(_("group"), max_length=16, choices=Group.choices)
    number = models.PositiveSmallIntegerField(_("number in the group"))
    name = models.CharField(_("expenditure item"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("expenditure item")
        verbose_name_plural = _("expenditure items")
        constraints = [
            models.UniqueConstraint(fields=["group", "number"], name="finance_expenditureitem_once"),
            models.CheckConstraint(
                condition=Q(group__in=["salary_welfare", "goods_services", "transfers", "capital"]),
                name="finance_expenditureitem_group",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BudgetLineQuerySet(SchoolQuerySet):
    """Budget lines."""

    def open_for(self, school: School, year: int) -> Self:
        """Keep the lines that `school` may draw on in `year`, in the order of the chart; for a form's choices."""
        rows = self.filter(school=school, year=year, closed_at__isnull=True)
        return rows.select_related("item").order_by("item_id", "detail", "pk")


@pghistory.track(exclude=["reserved", "spent", "left", "rank", "search_text", "search_pieces"])
class BudgetLine(models.Model):
    """What a school may spend in a year on one item from one source; `detail` tells lines of the same item apart.

    `reserved` and `spent` are the sums of the line's reservations. A trigger keeps them and lets nobody else
    write them, and a constraint keeps them within the amount: whoever comes, a line cannot be overdrawn.
    """

    VIEW_PERMISSION = "finance.view_budget"

    class Source(models.TextChoices):
        FISCAL = "fiscal", _("appropriation of the own level")
        BUSINESS = "business", _("income from services")
        OTHER_FISCAL = "other_fiscal", _("appropriation of another level")
        OTHER = "other", _("other funds")

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    year = models.PositiveSmallIntegerField(
        _("year"),
        validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)],
        help_text=_("The budget year is the calendar year."),
    )
    item = models.ForeignKey(
        ExpenditureItem, on_delete=models.PROTECT, related_name="+", verbose_name=_("expenditure item")
    )
    source = models.CharField(_("source of the money"), max_length=12, choices=Source.choices, default=Source.FISCAL)
    detail = models.CharField(
        _("for what"),
        max_length=40,
        blank=True,
        help_text=_("Tells lines of the same item apart, like desks and chairs."),
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, validators=[MinValueValidator(ZERO)])
    reserved = models.DecimalField(_("reserved"), max_digits=14, decimal_places=2, default=ZERO, editable=False)
    spent = models.DecimalField(_("spent"), max_digits=14, decimal_places=2, default=ZERO, editable=False)
    left = models.GeneratedField(
        expression=F("amount") - F("reserved") - F("spent"),
        output_field=models.DecimalField(_("left"), max_digits=14, decimal_places=2),
        db_persist=True,
    )
    entered_at = models.DateTimeField(_("entered at"), default=timezone.now, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("entered by"),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)
    # The order of the list: the newest year first, in it the order of the chart.
    rank = models.GeneratedField(
        expression=(9999 - F("year")) * 100 + F("item_id"), output_field=models.IntegerField(), db_persist=True
    )
    search_text = models.TextField(blank=True, editable=False)
    search_pieces = search.search_pieces_field()

    objects: ClassVar[BudgetLineQuerySet] = BudgetLineQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "year", "item", "source", "detail"],
                name="finance_budgetline_once",
                violation_error_message=_("The school already has this line. Change its amount, or say for what."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, reserved__gte=0, spent__gte=0),
                name="finance_budgetline_not_negative",
                violation_error_message=_("Amounts of a budget line are not below zero."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=F("reserved") + F("spent")),
                name="finance_budgetline_bears",
                violation_error_message=_("The line does not bear this: more is spent and reserved than it has."),
            ),
            models.CheckConstraint(
                condition=Q(year__range=(FIRST_YEAR, LAST_YEAR)),
                name="finance_budgetline_year",
                violation_error_message=_("Write the year with four digits."),
            ),
            models.CheckConstraint(
                condition=Q(source__in=["fiscal", "business", "other_fiscal", "other"]),
                name="finance_budgetline_source",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(reserved=0),
                name="finance_budgetline_closed",
                violation_error_message=_("A closed line holds nothing for anybody."),
            ),
        ]
        indexes = [
            # the list by year and chart, by what is left, by amount: of one school, and of all for central roles
            models.Index(fields=["school", "rank", "id"], name="finance_line_school_rank"),
            models.Index(fields=["rank", "id"], name="finance_line_rank"),
            models.Index(fields=["school", "left", "id"], name="finance_line_school_left"),
            models.Index(fields=["left", "id"], name="finance_line_left"),
            models.Index(fields=["school", "amount", "id"], name="finance_line_school_amount"),
            models.Index(fields=["amount", "id"], name="finance_line_amount"),
            # the search box
            GinIndex(fields=["search_pieces"], name="finance_line_search"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        # What the line is for stays as it was entered; only the figures change.
        if kwargs.get("update_fields") is None:
            names = (self.item.name, self.detail)
            self.search_text = search.search_text(self.year, *names, phonetic=names)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("finance:budgets:detail", args=[self.pk])

    @property
    def title(self) -> str:
        """What the line is for, as people call it: the item, and what tells it apart."""
        return f"{self.item.name} {self.detail}".strip()

    @property
    def used(self) -> Decimal:
        """What is spent or reserved; the amount cannot go below it."""
        return self.reserved + self.spent

    @property
    def is_open(self) -> bool:
        """Whether the line may still be drawn on."""
        return self.closed_at is None


class BudgetChange(models.Model):
    """A change of a line's amount, with its reason. The line's amount moves only after such a row."""

    APPEND_ONLY = True

    line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, related_name="changes", verbose_name=_("budget line")
    )
    before = models.DecimalField(_("amount before"), max_digits=14, decimal_places=2)
    after = models.DecimalField(_("amount after"), max_digits=14, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=300)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("budget change")
        verbose_name_plural = _("budget changes")
        constraints = [
            models.CheckConstraint(
                condition=Q(before__gte=0, after__gte=0) & ~Q(before=F("after")), name="finance_budgetchange_amounts"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="finance_budgetchange_reason",
                violation_error_message=_("Write why the amount changes."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"

    @property
    def difference(self) -> Decimal:
        """What was added; negative for what was taken away."""
        return self.after - self.before


class ReservationQuerySet(models.QuerySet["Reservation"]):
    """Reservations."""

    def of(self, subject_kind: str, subject_id: int) -> Self:
        """Keep those of one subject, released ones among them."""
        return self.filter(subject_kind=subject_kind, subject_id=subject_id)


@pghistory.track()
class Reservation(models.Model):
    """Money of a line that is spoken for by a subject (an approved purchase), and how much of it is spent.

    Rooms above name their subjects by kind and key; `finance.budgets.subjects` turns them into words and links.
    """

    class State(models.TextChoices):
        HELD = "held", _("reserved")
        RELEASED = "released", _("released")

    line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, related_name="reservations", verbose_name=_("budget line")
    )
    subject_kind = models.CharField(_("for what kind of thing"), max_length=40)
    subject_id = models.PositiveBigIntegerField(_("for which one"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, validators=[MinValueValidator(CENT)])
    spent = models.DecimalField(_("spent"), max_digits=14, decimal_places=2, default=ZERO)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.HELD)
    reserved_at = models.DateTimeField(_("reserved at"), default=timezone.now)
    reserved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("reserved by")
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    objects: ClassVar[ReservationQuerySet] = ReservationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(state="held"),
                name="finance_reservation_held_once",
                violation_error_message=_("Money is already reserved for this."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, spent__gte=0, spent__lte=F("amount")),
                name="finance_reservation_amounts",
                violation_error_message=_("At most what is reserved can be spent."),
            ),
            models.CheckConstraint(
                condition=Q(state="held", released_at__isnull=True) | Q(state="released", released_at__isnull=False),
                name="finance_reservation_state",
            ),
        ]
        indexes = [
            # what one subject holds or held; the rows of a line's page
            models.Index(fields=["subject_kind", "subject_id"], name="finance_reservation_subject"),
            models.Index(fields=["line", "reserved_at"], name="finance_reservation_line"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id}: {self.amount}"

    @property
    def is_held(self) -> bool:
        """Whether what is not spent is still kept for the subject."""
        return self.state == self.State.HELD

    @property
    def held(self) -> Decimal:
        """What is kept for the subject and not spent yet."""
        return self.amount - self.spent if self.is_held else ZERO
