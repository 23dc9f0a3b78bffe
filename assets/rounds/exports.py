"""The counts of a round as Excel, CSV or PDF (S46)."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from assets.rounds.models import RepairRound, RoundCount
from houqin.exports.registry import Column, Export


def _rows(user: Any, school: Any, params: QueryDict) -> QuerySet[Any]:
    """Return the counts of the round that the query string names, or of all visible rounds."""
    rounds = RepairRound.objects.visible_to(user).at(school)
    chosen = params.get("round", "")
    if chosen.isdecimal():
        rounds = rounds.filter(pk=int(chosen))
    return RoundCount.objects.filter(round__in=rounds).order_by("round_id", "place__name_pinyin", "thing")


COUNTS = Export(
    name="assets.round_counts",
    title=_("Counts of repair rounds"),
    permission="assets.view_repairs",
    queryset=_rows,
    columns=[
        Column(_("round"), "round__name", width=24),
        Column(_("school"), "round__school__name", width=16),
        Column(_("location"), "place__full_name", width=24),
        Column(_("what"), "thing", "choice", width=8),
        Column(_("counted"), "counted", "integer", width=8, total=True),
        Column(_("broken"), "broken", "integer", width=8, total=True),
        Column(_("repaired"), "repaired", "integer", width=8, total=True),
        Column(_("left"), "left", "integer", width=8, total=True),
    ],
)
