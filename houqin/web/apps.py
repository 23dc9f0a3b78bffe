from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "houqin.web"
    label = "web"

    def ready(self) -> None:
        from houqin.web import navigation

        navigation.register(
            navigation.NavEntry(
                name="home", label=_("Home"), icon="home", url_name="web:home", order=0, group=1, bottom=1
            )
        )
