from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HistoryConfig(AppConfig):
    name = "houqin.history"
    label = "history"

    def ready(self) -> None:
        from houqin.history import checks  # noqa: F401  registers the checks
        from houqin.history.words import name_ground_floor
        from houqin.web import navigation

        name_ground_floor()
        navigation.register(
            navigation.NavEntry(
                name="history",
                label=_("Action log"),
                icon="history",
                url_name="history:list",
                order=90,
                group=9,
                permission="history.view_log",
            )
        )
