"""What people choose about their notices."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from houqin.notices.actions import set_preference
from houqin.notices.models import NoticePreference
from houqin.web.forms import ActingModelForm


class PreferenceForm(ActingModelForm):
    """E-mail or not, and how much of it; the inbox always has all."""

    class Meta:
        model = NoticePreference
        fields = ["email_enabled", "urgent_only"]
        help_texts = {
            "email_enabled": _("Notices always stand in the inbox as well."),
            "urgent_only": _("Danger and what must not wait."),
        }

    def clean(self) -> dict[str, Any]:
        """Without e-mail there is nothing to narrow."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("email_enabled"):
            cleaned["urgent_only"] = False
        return cleaned

    def save(self, commit: bool = True) -> NoticePreference:
        return set_preference(
            by=self.by,
            email_enabled=self.cleaned_data["email_enabled"],
            urgent_only=self.cleaned_data["urgent_only"],
        )
