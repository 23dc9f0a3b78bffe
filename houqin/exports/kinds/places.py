"""The list of places as Excel, CSV or PDF."""

from django.utils.translation import gettext_lazy as _

from houqin.exports.lists import rows_of
from houqin.exports.registry import Column, Export
from houqin.schools.places.views import PlaceList

PLACES = Export(
    name="schools.places",
    title=_("Places"),
    permission="schools.view_places",
    queryset=rows_of(PlaceList),
    columns=[
        Column(_("short code"), "code", width=14),
        Column(_("full name"), "full_name", width=28),
        Column(_("name"), "name", width=20),
        Column(_("kind"), "kind", "choice", width=14),
        Column(_("stands in"), "parent__full_name", width=20),
        Column(_("in use"), "is_active", "boolean", width=8),
        Column(_("school"), "school__name", width=20),
    ],
)
