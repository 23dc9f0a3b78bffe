"""Files that people asked for: the job that makes one is a row here, the message to a worker only wakes it."""

from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# A worker writes a heartbeat every second; one that is silent for this long is dead.
SILENCE = timedelta(seconds=60)
# Up to here rows are counted beforehand; beyond, the planner's estimate has to do.
COUNT_CAP = 100_000


class ExportJobQuerySet(models.QuerySet["ExportJob"]):
    """Export jobs: everybody sees one's own only."""

    def visible_to(self, user: Any) -> Self:
        """Keep what `user` asked for."""
        return self.filter(owner=user)

    def at(self, school: Any) -> Self:
        """Keep all: one's own files are listed wherever one acts."""
        return self

    def active(self) -> Self:
        """Keep what waits or runs."""
        return self.filter(state__in=ExportJob.ACTIVE)

    def due(self) -> Self:
        """Keep what a worker may take: waiting, or running under a worker that fell silent."""
        silent = Q(state=ExportJob.State.RUNNING, heartbeat_at__lt=timezone.now() - SILENCE)
        return self.filter(Q(state=ExportJob.State.WAITING) | silent)

    def unseen(self) -> Self:
        """Keep what the badge counts: active, or ready and not looked at yet."""
        ready = Q(state=ExportJob.State.DONE, seen_at__isnull=True)
        return self.filter(Q(state__in=ExportJob.ACTIVE) | ready)


class ExportJob(models.Model):
    """A file that one person asked for: what, of which school, how far it is, where it lies, until when."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being written")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")

    class Format(models.TextChoices):
        XLSX = "xlsx", "Excel"
        CSV = "csv", "CSV"
        PDF = "pdf", "PDF"

    ACTIVE = (State.WAITING, State.RUNNING)

    kind = models.CharField(_("what"), max_length=60)
    title = models.CharField(_("title"), max_length=120)
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    # The list's query string as {name: [values]}.
    params = models.JSONField(_("filter"), default=dict, blank=True)
    language = models.CharField(_("language"), max_length=10, default=settings.LANGUAGE_CODE)
    school = models.ForeignKey(
        "schools.School", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("school")
    )
    # The schools whose rows may be in the file: whoever loses one of them loses the file.
    school_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("asked by")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    rows_done = models.PositiveBigIntegerField(_("rows done"), default=0)
    rows_total = models.PositiveBigIntegerField(_("rows in all"), null=True, blank=True)
    file_name = models.CharField(_("file name"), max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("size"), null=True, blank=True)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    seen_at = models.DateTimeField(_("looked at"), null=True, blank=True)

    objects: ClassVar[ExportJobQuerySet] = ExportJobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed", "expired"]),
                name="exports_job_state",
            ),
            models.CheckConstraint(condition=Q(format__in=["xlsx", "csv", "pdf"]), name="exports_job_format"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(started_at__isnull=False, heartbeat_at__isnull=False, attempt__gt=0),
                name="exports_job_running",
                violation_error_message=_("A running export has a start and a sign of life."),
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | (Q(finished_at__isnull=False, expires_at__isnull=False, size__isnull=False) & ~Q(file_name="")),
                name="exports_job_done",
                violation_error_message=_("A finished export has a file and a day until which it is kept."),
            ),
            models.CheckConstraint(
                condition=Q(state="failed", finished_at__isnull=False) & ~Q(error="")
                | ~Q(state="failed") & Q(error=""),
                name="exports_job_failed",
                violation_error_message=_("A failed export says why, others have nothing to say."),
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("finished_at")),
                name="exports_job_expiry",
                violation_error_message=_("A file is kept for some time after it is finished."),
            ),
        ]
        indexes = [
            # 我的导出, newest first
            models.Index(fields=["owner", "asked_at", "id"], name="exports_job_owner"),
            # the badge, the limit per person, and the minute sweep
            models.Index(
                fields=["owner", "state"], name="exports_job_active", condition=Q(state__in=["waiting", "running"])
            ),
            # tasks.remove_expired
            models.Index(fields=["state", "expires_at"], name="exports_job_expires"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("exports:detail", args=[self.pk])

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in self.ACTIVE

    @property
    def query(self) -> QueryDict:
        """The list's query string, as its page would read it."""
        query = QueryDict(mutable=True)
        for name, values in self.params.items():
            query.setlist(name, values)
        return query

    @property
    def total_is_estimate(self) -> bool:
        """Whether "rows in all" is the planner's guess."""
        return self.is_active and (self.rows_total or 0) > COUNT_CAP

    @property
    def folder(self) -> Path:
        """Where the job's file lies, apart from everything that pages serve."""
        return Path(settings.MEDIA_ROOT) / "exports" / str(self.pk)

    @property
    def path(self) -> Path:
        """The finished file; it appears here only when it is whole."""
        return self.folder / f"file.{self.format}"

    @property
    def part_path(self) -> Path:
        """The file while this attempt writes it."""
        return self.folder / f"attempt-{self.attempt}.part"
