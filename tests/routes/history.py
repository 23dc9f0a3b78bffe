"""The action log."""

from tests.history.factories import make_entry
from tests.routes.table import Route


def plant(there):
    make_entry(there.school, record_name=there.canary, user=there.keeper)
    make_entry(there.school, detail=there.canary, result="not_allowed")


def places_changes(there):
    return {"label": "schools.place", "pk": there.place.pk}


ROUTES = [
    Route("history:list", may="history.view_log"),
    Route("history:changes", may="schools.view_places", of=places_changes),
]
