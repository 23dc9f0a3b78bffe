from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "houqin.approvals"
    label = "approvals"

    def ready(self) -> None:
        """Hand what waits for signatures to the navigation, the home page and the names of actions."""
        from houqin.approvals import pages
        from houqin.history import labels
        from houqin.web import home, navigation

        navigation.register(
            navigation.NavEntry(
                name="approvals",
                label=_("To sign"),
                icon="checklist",
                url_name="approvals:list",
                order=40,
                group=1,
                permission="approvals.view_approvals",
                count=pages.to_sign,
                bottom=3,
            )
        )
        home.register("approvals", order=5, card=pages.home_card)
        for code, label in pages.ACTIONS.items():
            labels.register(f"approvals.{code}", label)
