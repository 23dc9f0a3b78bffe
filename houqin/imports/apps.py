from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "houqin.imports"
    label = "imports"
    verbose_name = _("imports")

    def ready(self) -> None:
        """Add the imports to the navigation of those who bring lists in."""
        from houqin.imports import registry
        from houqin.imports.kinds.people import PEOPLE
        from houqin.imports.kinds.places import PLACES
        from houqin.web import navigation

        registry.register(PLACES)
        registry.register(PEOPLE)
        navigation.register(
            navigation.NavEntry(
                name="imports",
                label=_("My imports"),
                icon="file-import",
                url_name="imports:list",
                order=30,
                permission="imports.view_imports",
                group=9,
            )
        )
