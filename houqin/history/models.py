"""The log of actions and refusals: who, at which school, from where, what, with what result."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.schools.querysets import SchoolQuerySet


class ActionLog(models.Model):
    """One thing that somebody did or was refused. Append-only: triggers and grants forbid the rest."""

    VIEW_PERMISSION = "history.view_log"
    # The application's database role gets SELECT and INSERT alone on this table.
    APPEND_ONLY = True
    DONE = "done"

    at = models.DateTimeField(_("time"), default=timezone.now)
    # Nearly everything that anybody does adds a row, so no index that another one covers.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("person"),
        db_index=False,
    )
    school = models.ForeignKey(
        "schools.School",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("school"),
        db_index=False,
    )
    code = models.CharField(_("action"), max_length=60)
    result = models.CharField(_("result"), max_length=60, default=DONE)
    record_kind = models.CharField(_("kind of record"), max_length=60, blank=True)
    record_id = models.BigIntegerField(_("record"), null=True)
    record_name = models.CharField(_("record"), max_length=200, blank=True)
    detail = models.TextField(_("detail"), blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    device = models.CharField(_("device"), max_length=40, blank=True)
    path = models.CharField(_("page"), max_length=200, blank=True)

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("action log")
        indexes = [
            # the log's list: one school, all schools, one record, one person
            models.Index(fields=["school", "at", "id"], name="history_log_school"),
            models.Index(fields=["at", "id"], name="history_log_at"),
            models.Index(fields=["record_kind", "record_id", "at"], name="history_log_record"),
            models.Index(fields=["user", "at", "id"], name="history_log_user"),
            # its chip of refusals, which are rare
            models.Index(fields=["school", "at", "id"], condition=~Q(result="done"), name="history_log_refused"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.code} {self.result}"
