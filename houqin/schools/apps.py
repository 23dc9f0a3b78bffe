from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "houqin.schools"
    label = "schools"

    def ready(self) -> None:
        """Hand pages to the navigation, facts of the day to the home page, places and people to the search."""
        from houqin.schools.days.facts import day_facts
        from houqin.schools.found import find_people, find_places
        from houqin.web import home, navigation, search_registry
        from houqin.web.navigation import NavEntry

        group = 9
        for order, (name, label, icon, permission) in enumerate(
            [
                ("places", _("Places"), "map-pin", "schools.view_settings"),
                ("people", _("People"), "users", "schools.view_people"),
                ("schools", _("Schools"), "school", "schools.manage_schools"),
                ("calendar", _("Calendar"), "calendar", "schools.view_settings"),
            ]
        ):
            navigation.register(
                NavEntry(name, label, icon, f"schools:{name}:list", order=order, permission=permission, group=group)
            )
        home.register_day_facts(day_facts)
        search_registry.register("places", _("Places"), "map-pin", find_places)
        search_registry.register("people", _("People"), "users", find_people)
