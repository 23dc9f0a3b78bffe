"""What the pages themselves keep: keys of submitted forms and counts of use."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SubmittedForm(models.Model):
    """The key of a form that was submitted, so that a second tap finds the first one's answer."""

    key = models.UUIDField(_("key"), primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True)
    answer_url = models.CharField(_("answer"), max_length=300, blank=True)
    submitted_at = models.DateTimeField(_("submitted at"), auto_now_add=True)

    class Meta:
        verbose_name = _("submitted form")
        indexes = [
            # web.tasks.remove_old_keys
            models.Index(fields=["submitted_at"], name="web_form_age"),
        ]

    def __str__(self) -> str:
        return str(self.key)


class UseCount(models.Model):
    """How often something was tried within one window of time; counted before the work is done."""

    name = models.CharField(_("what is counted"), max_length=200)
    window_start = models.DateTimeField(_("start of the window"))
    count = models.PositiveIntegerField(_("count"), default=0)

    class Meta:
        verbose_name = _("count of use")
        constraints = [
            models.UniqueConstraint(fields=["name", "window_start"], name="web_usecount_window"),
        ]
        indexes = [
            # web.tasks.remove_old_keys
            models.Index(fields=["window_start"], name="web_usecount_age"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"
