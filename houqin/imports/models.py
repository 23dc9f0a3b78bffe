"""Imports: an uploaded file on its way into the records."""

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.imports import registry
from houqin.schools.querysets import SchoolQuerySet


class ImportJobQuerySet(SchoolQuerySet):
    """Imports of people."""

    def visible_to(self, user: Any) -> Self:
        """Keep one's own: the files hold what only the person who uploads them should see."""
        return self.filter(started_by=user)

    def due(self) -> Self:
        """Keep those that a worker should take: something is to be done and nobody is at it."""
        silent = timezone.now() - ImportJob.SILENCE
        return self.filter(Q(heartbeat__isnull=True) | Q(heartbeat__lt=silent), state__in=ImportJob.WORKING)


class ImportJob(models.Model):
    """One file to be imported: read, its columns agreed, checked, confirmed, written whole or not at all.

    The row is the truth: messages only wake workers. A worker holds the job by `lease` and shows by
    `heartbeat` that it lives; its result only counts while the lease is still its own.
    """

    SILENCE = timedelta(seconds=150)
    MAX_ATTEMPTS = 3
    SHOWN_ERRORS = 500

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        READING = "reading", _("being read")
        MAPPED = "mapped", _("choose the columns")
        CHECKING = "checking", _("being checked")
        REFUSED = "refused", _("has errors")
        READY = "ready", _("waits for your confirmation")
        WRITING = "writing", _("being entered")
        DONE = "done", _("imported")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    WORKING = (State.UPLOADED, State.READING, State.CHECKING, State.WRITING)
    ENDED = (State.DONE, State.FAILED, State.CANCELLED)

    kind = models.CharField(_("kind"), max_length=40)
    school = models.ForeignKey("schools.School", on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    # Only a label; on disk the file has a name of its own.
    name = models.CharField(_("file"), max_length=150)
    stored_path = models.CharField(_("stored as"), max_length=100, blank=True)
    size = models.PositiveIntegerField(_("bytes"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.UPLOADED)

    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    header_row = models.PositiveIntegerField(_("row of the column titles"), null=True)
    sheets = models.JSONField(_("sheets"), default=list)
    # Titles of the file's columns, and its first rows as [number, [texts]].
    headers = models.JSONField(_("column titles"), default=list)
    preview = models.JSONField(_("first rows"), default=list)
    # Column name of the kind -> position in the file.
    mapping = models.JSONField(_("columns"), default=dict)

    # The uploader's, for the sentences that the worker writes.
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    errors = models.JSONField(_("errors"), default=list)
    error_count = models.PositiveIntegerField(_("number of errors"), default=0)
    summary = models.JSONField(_("summary"), default=dict)
    written = models.PositiveIntegerField(_("records written"), null=True)

    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    lease = models.UUIDField(null=True, editable=False)
    heartbeat = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    objects: ClassVar[ImportJobQuerySet] = ImportJobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=(
                        "uploaded",
                        "reading",
                        "mapped",
                        "checking",
                        "refused",
                        "ready",
                        "writing",
                        "done",
                        "failed",
                        "cancelled",
                    )
                ),
                name="imports_importjob_state",
            ),
            models.CheckConstraint(
                condition=Q(state="done", written__isnull=False) | (~Q(state="done") & Q(written__isnull=True)),
                name="imports_importjob_written",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("done", "failed", "cancelled"), ended_at__isnull=False)
                | (~Q(state__in=("done", "failed", "cancelled")) & Q(ended_at__isnull=True)),
                name="imports_importjob_ended",
            ),
            models.CheckConstraint(condition=Q(rows_done__lte=F("rows_total")), name="imports_importjob_rows_done"),
            models.CheckConstraint(
                condition=~Q(state="refused") | Q(error_count__gt=0), name="imports_importjob_refused_says_why"
            ),
        ]
        indexes = [
            # imports:list, one's own newest first
            models.Index(fields=["started_by", "uploaded_at", "id"], name="imports_job_list"),
            # tasks.run_waiting
            models.Index(
                fields=["heartbeat"],
                name="imports_job_due",
                condition=Q(state__in=("uploaded", "reading", "checking", "writing")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("imports:detail", args=[self.pk])

    @property
    def definition(self) -> registry.ImportKind | None:
        """The registered kind; None when the room that offered it is gone."""
        return registry.get(self.kind)

    @property
    def is_working(self) -> bool:
        """Whether a worker has something to do for it."""
        return self.state in self.WORKING

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in self.ENDED
