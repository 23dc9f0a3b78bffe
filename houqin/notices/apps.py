from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "houqin.notices"
    label = "notices"

    def ready(self) -> None:
        from houqin.notices.channels import register
        from houqin.notices.email import EmailChannel
        from houqin.notices.models import Notice
        from houqin.web import navigation
        from houqin.web.counts import Narrowed, Where

        register(EmailChannel())
        unread = Where(lambda rows, person, _now: rows.visible_to(person).unread())
        navigation.register(
            navigation.NavEntry(
                name="notices",
                label=_("Notices"),
                icon="bell",
                url_name="notices:list",
                order=10,
                group=9,
                count=lambda user, _school: Narrowed(Notice.objects.all(), unread, user),
            )
        )
