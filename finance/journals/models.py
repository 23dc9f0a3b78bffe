"""A paper journal on its way into the books: what it holds, what its accounts are here, who confirmed it."""

from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.ledger import wording
from finance.ledger.models import ZERO, Account, Ledger, Voucher, VoucherKind
from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet


def _money(label: Any, **options: Any) -> Any:
    return models.DecimalField(label, max_digits=16, decimal_places=2, default=ZERO, **options)


def _account(label: Any, **options: Any) -> Any:
    return models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=label, **options
    )


@pghistory.track()
class JournalBatch(models.Model):
    """A paper journal as it was read. One person maps and submits it, another confirms; then all of it is posted."""

    VIEW_PERMISSION = "finance.view_books"

    class State(models.TextChoices):
        DRAFT = "draft", _("accounts to be chosen")
        SUBMITTED = "submitted", _("waits for a second person")
        POSTED = "posted", _("posted")
        DROPPED = "dropped", _("given up")

    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT, related_name="+", verbose_name=_("set of books"))
    # The ledger's; kept here for lists by school.
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    year = models.PositiveSmallIntegerField(_("year"))
    account = _account(_("account of the journal"))
    opening_account = _account(_("account of the opening balance"))
    opening = _money(_("opening balance"))
    closing = _money(_("closing balance"))
    debit = _money(_("debit"))
    credit = _money(_("credit"))
    entries = models.PositiveIntegerField(_("entries"))
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("imported by")
    )
    prepared_at = models.DateTimeField(_("imported at"), default=timezone.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    returned_reason = models.CharField(_("why it was sent back"), max_length=300, blank=True)
    # What its entries come to as a digest: the same paper comes in once.
    fingerprint = models.CharField(_("fingerprint"), max_length=64, editable=False)

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("paper journal")
        verbose_name_plural = _("paper journals")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "posted", "dropped"]), name="finance_journalbatch_state"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("prepared_by")),
                name="finance_journalbatch_two_people",
                violation_error_message=_("Nobody confirms what they imported themselves."),
            ),
            models.CheckConstraint(
                condition=Q(state="posted", confirmed_by__isnull=False, confirmed_at__isnull=False)
                | (~Q(state="posted") & Q(confirmed_by__isnull=True, confirmed_at__isnull=True)),
                name="finance_journalbatch_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(closing=F("opening") + F("debit") - F("credit")), name="finance_journalbatch_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "dropped"]) | Q(account__isnull=False),
                name="finance_journalbatch_account",
            ),
            models.UniqueConstraint(
                fields=["ledger", "fingerprint"],
                condition=~Q(state="dropped"),
                name="finance_journalbatch_once",
                violation_error_message=_("This journal is here already."),
            ),
        ]
        indexes = [
            # lists of journals, of one school and of all
            models.Index(fields=["school", "prepared_at", "id"], name="finance_journal_school"),
            models.Index(fields=["prepared_at", "id"], name="finance_journal_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.school} {self.year}"

    def get_absolute_url(self) -> str:
        return reverse("finance:journals:detail", args=[self.pk])

    @property
    def posting_job(self) -> Any:
        """What a worker does or did with it (a JournalJob); None when nobody confirmed it."""
        return getattr(self, "job", None)

    @property
    def is_being_posted(self) -> bool:
        """Whether a worker is to post it, or is at it."""
        return self.posting_job is not None and self.posting_job.state == "posting"


class JournalCounter(models.Model):
    """A counter account as the paper calls it, and what it is in these books: asked once for all its lines."""

    batch = models.ForeignKey(
        JournalBatch, on_delete=models.CASCADE, related_name="counters", verbose_name=_("paper journal")
    )
    text = models.CharField(_("on paper"), max_length=100)
    lines = models.PositiveIntegerField(_("lines"))
    debit = _money(_("debit"))
    credit = _money(_("credit"))
    account = _account(_("account in these books"))
    # Parallel booking: the same amounts in the budget half, against the money there.
    budget_account = _account(_("account of the budget half"))

    class Meta:
        verbose_name = _("counter account of a paper journal")
        verbose_name_plural = _("counter accounts of paper journals")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "text"], name="finance_journalcounter_once")]

    def __str__(self) -> str:
        return self.text


class JournalRow(models.Model):
    """An entry of the paper journal, as it stands there, and the voucher that it became."""

    batch = models.ForeignKey(
        JournalBatch, on_delete=models.CASCADE, related_name="rows", verbose_name=_("paper journal")
    )
    position = models.PositiveIntegerField(_("line"))
    row = models.PositiveIntegerField(_("row of the file"))
    month = models.PositiveSmallIntegerField(_("month"))
    day = models.PositiveSmallIntegerField(_("day"))
    word = models.CharField(_("word of the voucher"), max_length=8, choices=VoucherKind.choices)
    number = models.PositiveIntegerField(_("voucher number"))
    summary = models.CharField(_("summary"), max_length=100)
    counter = models.ForeignKey(
        JournalCounter, on_delete=models.CASCADE, related_name="+", verbose_name=_("counter account")
    )
    debit = _money(_("debit"))
    credit = _money(_("credit"))
    balance = _money(_("balance"))
    attachments = models.PositiveSmallIntegerField(_("attachments"), default=0)
    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("voucher")
    )

    class Meta:
        verbose_name = _("line of a paper journal")
        verbose_name_plural = _("lines of paper journals")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="finance_journalrow_position"),
            models.CheckConstraint(
                condition=(Q(debit=0) & ~Q(credit=0)) | (~Q(debit=0) & Q(credit=0)), name="finance_journalrow_one_side"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month}-{self.day} {self.summary}"

    @property
    def written(self) -> str:
        """Word and number as the paper has them: 付-12."""
        return f"{wording.word(self.word)}-{self.number}"


class JournalTotal(models.Model):
    """A total or carried line that the paper states, to be shown beside what its entries come to."""

    class Kind(models.TextChoices):
        BROUGHT_FORWARD = "brought_forward", _("brought forward")
        CARRIED_OVER = "carried_over", _("carried over")
        DAY_TOTAL = "day_total", _("total of the day")
        MONTH_TOTAL = "month_total", _("total of the month")
        YEAR_TOTAL = "year_total", _("total of the year so far")
        PAGE_TOTAL = "page_total", _("total of the page")
        NEXT_YEAR = "next_year", _("carried to next year")
        TOTAL = "total", _("total")

    batch = models.ForeignKey(
        JournalBatch, on_delete=models.CASCADE, related_name="totals", verbose_name=_("paper journal")
    )
    row = models.PositiveIntegerField(_("row of the file"))
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices)
    # After how many entries it stands, and in which month.
    entries = models.PositiveIntegerField(_("entries"))
    month = models.PositiveSmallIntegerField(_("month"))
    debit = _money(_("debit"))
    credit = _money(_("credit"))
    balance = models.DecimalField(_("balance"), max_digits=16, decimal_places=2, null=True)

    class Meta:
        verbose_name = _("total of a paper journal")
        verbose_name_plural = _("totals of paper journals")
        ordering = ["row"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "row"], name="finance_journaltotal_row"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.month}"
