"""Files that are taken in."""

from houqin.imports.models import ImportJob
from tests.routes.table import FORM, STEP, Route, of


def plant(there):
    there.taking_in = ImportJob.objects.create(
        kind="assets.cards", school=there.school, started_by=there.keeper, name=f"{there.canary}.xlsx", size=1
    )


def cards(_there):
    return {"kind": "assets.cards"}


JOB = of("taking_in")

ROUTES = [
    Route("imports:list"),
    Route("imports:start", FORM, "assets.manage_register", of=cards, secret=True),
    Route("imports:template", may="assets.manage_register", of=cards, secret=True),
    Route("imports:detail", may="owner", of=JOB),
    Route("imports:sheet", STEP, "owner", of=JOB),
    Route("imports:columns", STEP, "owner", of=JOB),
    Route("imports:confirm", STEP, "owner", of=JOB),
    Route("imports:cancel", STEP, "owner", of=JOB),
    Route("imports:errors", may="owner", of=JOB),
]
