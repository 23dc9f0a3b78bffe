"""Files that people asked for."""

from houqin.exports.models import ExportJob
from tests.routes.table import STEP, Route, of


def plant(there):
    there.export = ExportJob.objects.create(
        kind="history.log", title=there.canary, format="csv", owner=there.keeper, school=there.school
    )


def log(_there):
    return {"kind": "history.log", "format": "csv"}


JOB = of("export")

ROUTES = [
    Route("exports:list"),
    Route("exports:start", STEP, "history.view_log", data=log),
    Route("exports:detail", may="owner", of=JOB),
    Route("exports:download", may="owner", of=JOB),
    Route("exports:repeat", STEP, "owner", of=JOB),
    Route("exports:remove", STEP, "owner", of=JOB),
]
