"""The repairs of a list as Excel, CSV or PDF (S33)."""

from django.db.models import Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from assets.repairs.models import RepairRequest
from assets.repairs.views.pages import RepairList
from houqin.exports.lists import rows_of
from houqin.exports.registry import Column, Export

REPAIRS = Export(
    name="assets.repairs",
    title=_("Repairs"),
    permission="assets.view_repairs",
    queryset=rows_of(RepairList),
    columns=[
        Column(_("number"), "number", width=15),
        Column(_("school"), "school__name", width=14),
        Column(_("reported at"), "reported_at", "datetime", width=16),
        Column(
            _("reported by"),
            Coalesce(NullIf("reporter__display_name", Value("")), NullIf("book_reporter", Value("")), Value("")),
            width=10,
        ),
        Column(_("location"), "place__full_name", width=18),
        Column(_("kind"), "kind", "choice", width=12, choices=RepairRequest.Kind.choices),
        Column(_("what is wrong"), "description", width=30),
        Column(_("danger"), "is_dangerous", "boolean", width=6),
        Column(_("state"), "state", "choice", width=10),
        Column(_("maintainer"), "assigned_to__display_name", width=10),
        Column(_("responded at"), "responded_at", "datetime", width=16),
        Column(_("finished at"), "finished_at", "datetime", width=16),
        Column(_("outcome"), "outcome", "choice", width=9),
        Column(_("cost"), "cost", "money", width=10, total=True),
        Column(_("rating"), "rating", "integer", width=6),
        Column(_("approval of the upper office"), "approval", "choice", width=9),
        Column(_("reason of the emergency"), "emergency_reason", width=14),
    ],
)
