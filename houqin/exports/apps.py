from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExportsConfig(AppConfig):
    name = "houqin.exports"
    label = "exports"
    verbose_name = _("exports")

    def ready(self) -> None:
        """Add 我的导出 to the navigation; its badge counts what is on its way or ready and not seen yet."""
        from houqin.exports import registry
        from houqin.exports.kinds.action_log import ACTION_LOG
        from houqin.exports.kinds.people import PEOPLE
        from houqin.exports.kinds.places import PLACES
        from houqin.exports.models import ExportJob
        from houqin.web import navigation
        from houqin.web.counts import Narrowed, Where

        registry.register(ACTION_LOG)
        registry.register(PLACES)
        registry.register(PEOPLE)
        unseen = Where(lambda rows, person, _now: rows.visible_to(person).unseen())
        navigation.register(
            navigation.NavEntry(
                name="exports",
                label=_("My exports"),
                icon="file-export",
                url_name="exports:list",
                order=20,
                group=9,
                count=lambda user, _school: Narrowed(ExportJob.objects.all(), unseen, user),
            )
        )
