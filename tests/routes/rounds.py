"""Repair rounds."""

from assets.rounds.models import RepairRound, RoundCount
from tests.routes.table import FORM, STEP, Route, of


def plant(there):
    there.round = RepairRound.objects.create(school=there.school, name=there.canary, opened_by=there.keeper)


def a_place(there):
    return {"pk": there.round.pk, "place_pk": there.place.pk}


ROUND = of("round")


def figures(_there):
    return {f"{RoundCount.Thing.values[0]}_counted": "1"}


VIEW, COUNT, MAINTAINER = "assets.view_repairs", "assets.work_repair", frozenset({"maintainer"})

ROUTES = [
    Route("assets:rounds:list"),
    Route("assets:rounds:create", FORM, "assets.manage_rounds"),
    Route("assets:rounds:detail", may=VIEW, also=MAINTAINER, of=ROUND),
    Route("assets:rounds:count", FORM, COUNT, of=a_place, seen_by=VIEW, also=MAINTAINER, data=figures),
    Route("assets:rounds:close", STEP, "assets.manage_rounds", of=ROUND),
]
