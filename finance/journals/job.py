"""A paper journal in the hands of a worker: who confirmed it, how far its posting is, why it was refused."""

from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.journals.models import JournalBatch


class JournalJobQuerySet(models.QuerySet["JournalJob"]):
    """Journals that workers post."""

    def due(self) -> Self:
        """Keep those that a worker should take: to be posted, and nobody is at it."""
        silent = timezone.now() - JournalJob.SILENCE
        return self.filter(Q(heartbeat__isnull=True) | Q(heartbeat__lt=silent), state=JournalJob.State.POSTING)


class JournalJob(models.Model):
    """The second person's word that a journal may be posted, and what became of it; the last one for each journal.

    The row is the truth: messages only wake workers. A worker holds the job by `lease` and shows by `heartbeat` that
    it lives; what it did only counts while the lease is still its own.
    """

    SILENCE = timedelta(seconds=150)
    MAX_ATTEMPTS = 3

    class State(models.TextChoices):
        POSTING = "posting", _("being posted")
        POSTED = "posted", _("posted")
        REFUSED = "refused", _("refused")

    batch = models.OneToOneField(
        JournalBatch, on_delete=models.CASCADE, related_name="job", verbose_name=_("paper journal")
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("confirmed by")
    )
    started_at = models.DateTimeField(_("confirmed at"), default=timezone.now)
    # The second person's, for the sentences that the worker writes.
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.POSTING)
    reason = models.CharField(_("why it was refused"), max_length=300, blank=True)
    rows_total = models.PositiveIntegerField(_("rows"))
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    lease = models.UUIDField(null=True, editable=False)
    heartbeat = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    objects: ClassVar[JournalJobQuerySet] = JournalJobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("posting of a paper journal")
        verbose_name_plural = _("postings of paper journals")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["posting", "posted", "refused"]), name="finance_journaljob_state"
            ),
            models.CheckConstraint(
                condition=Q(state="posting", ended_at__isnull=True) | (~Q(state="posting") & Q(ended_at__isnull=False)),
                name="finance_journaljob_ended",
            ),
            models.CheckConstraint(
                condition=Q(state="refused") & ~Q(reason="") | (~Q(state="refused") & Q(reason="")),
                name="finance_journaljob_refused_says_why",
            ),
            models.CheckConstraint(condition=Q(rows_done__lte=F("rows_total")), name="finance_journaljob_rows_done"),
        ]
        indexes = [
            # tasks.post_waiting
            models.Index(fields=["heartbeat"], name="finance_journaljob_due", condition=Q(state="posting")),
        ]

    def __str__(self) -> str:
        return f"{self.batch}: {self.get_state_display()}"
