"""What must reach a person, and by which channels it is on its way."""

import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# The moment of a cause that happens once. What repeats (reminders) names the moment it is about.
ONCE = datetime(1970, 1, 1, tzinfo=UTC)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices, which are read by their own person alone."""

    def visible_to(self, user: Any) -> Self:
        """Keep the person's own; roles open nobody else's inbox."""
        return self.filter(person=user)

    def unread(self) -> Self:
        """Keep what has not been opened."""
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """Something a person must know, written in the transaction of its cause; one per cause, person and moment."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices", verbose_name=_("person")
    )
    school = models.ForeignKey(
        "schools.School",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("school"),
    )
    cause = models.CharField(_("cause"), max_length=120)
    moment = models.DateTimeField(_("moment"), default=ONCE)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), blank=True, default="")
    url = models.CharField(_("page"), max_length=300, blank=True, default="")
    urgent = models.BooleanField(_("urgent"), default=False)
    created_at = models.DateTimeField(_("written at"), default=timezone.now, editable=False)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True, editable=False)

    objects: ClassVar[NoticeQuerySet] = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["cause", "person", "moment"], name="notices_notice_once"),
            # Opening a notice redirects to its page, so the page is always one of ours.
            models.CheckConstraint(
                condition=Q(url="") | (Q(url__startswith="/") & ~Q(url__startswith="//")),
                name="notices_notice_url_inside",
            ),
        ]
        indexes = [
            # the inbox
            models.Index(fields=["person", "created_at", "id"], name="notices_inbox"),
            # the unread chip and the badge
            models.Index(
                fields=["person", "created_at", "id"], condition=Q(read_at__isnull=True), name="notices_unread"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NoticeDelivery(models.Model):
    """A notice on its way by one channel. The row is the truth; messages to workers only hurry it along."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("notice"))
    channel = models.CharField(_("channel"), max_length=20)
    # Names the message wherever it goes, the same at every attempt, so that a second copy can be recognised.
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # When waiting: not before. When being sent: after this the worker is taken for dead.
    next_try_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("delivery of a notice")
        verbose_name_plural = _("deliveries of notices")
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="notices_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "failed"]), name="notices_delivery_state"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="notices_delivery_sent_at",
            ),
        ]
        indexes = [
            # notices.delivery: the next one that is due
            models.Index(
                fields=["next_try_at", "id"],
                condition=Q(state__in=["waiting", "sending"]),
                name="notices_delivery_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} · {self.channel} · {self.get_state_display()}"


class NoticePreference(models.Model):
    """What a person wants by e-mail; without a row, everything. The inbox always has all."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_preference", verbose_name=_("person")
    )
    email_enabled = models.BooleanField(_("Send me notices by e-mail"), default=True)
    urgent_only = models.BooleanField(_("Only urgent ones"), default=False)

    class Meta:
        verbose_name = _("notice preference")
        verbose_name_plural = _("notice preferences")

    def __str__(self) -> str:
        return str(self.user)
