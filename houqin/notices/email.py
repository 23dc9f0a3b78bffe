"""Notices by e-mail."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from houqin.notices.channels import Undeliverable
from houqin.notices.models import NoticeDelivery


class EmailChannel:
    """To people with an address, unless they wish none, or only urgent ones."""

    name = "email"

    def reaches(self, *, urgent: bool) -> Q:
        """Return the condition on people; no row of preferences means that everything is wanted."""
        unwanted = Q(notice_preference__email_enabled=False)
        if not urgent:
            unwanted |= Q(notice_preference__urgent_only=True)
        return ~Q(email="") & (Q(notice_preference__isnull=True) | ~unwanted)

    def send(self, delivery: NoticeDelivery) -> None:
        """Send text and HTML in the house's language, as one message with a lasting Message-ID."""
        notice = delivery.notice
        if not notice.person.email:
            raise Undeliverable("the person has no e-mail address any more")
        with translation.override(settings.LANGUAGE_CODE):
            context = {
                "notice": notice,
                "link": settings.SITE_URL + notice.url if notice.url else "",
                "inbox": settings.SITE_URL,
            }
            subject = gettext("Urgent: %(title)s") if notice.urgent else "%(title)s"
            message = EmailMultiAlternatives(
                subject=" ".join((subject % {"title": notice.title}).split()),
                body=render_to_string("notices/email.txt", context),
                to=[notice.person.email],
                headers={"Message-ID": message_id(delivery), "Auto-Submitted": "auto-generated"},
            )
            message.attach_alternative(render_to_string("notices/email.html", context), "text/html")
        message.send()


def message_id(delivery: NoticeDelivery) -> str:
    """Return the same id at every attempt, so that mail programs and tests recognise a second copy."""
    return f"<{delivery.key}@{urlsplit(settings.SITE_URL).hostname or 'houqin'}>"
