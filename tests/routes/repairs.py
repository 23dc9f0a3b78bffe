"""Repairs: staff see their own, so the walkers, who reported none, see what their role shows."""

from assets.repairs import actions
from tests.routes.table import FORM, STEP, Route, of
from tests.schools.factories import make_membership, make_user


def plant(there):
    there.maintainer = make_user(display_name=f"{there.canary}师傅")
    make_membership(there.maintainer, there.school, "maintainer")
    there.repair = actions.report(
        by=there.keeper,
        place=there.place,
        kind="door_window",
        description=f"{there.canary}窗户破了",
        via="page",
    )
    there.guests = actions.report(
        by=None, place=there.building, kind="electric", description=f"{there.canary}灯不亮", via="qr"
    )


REPAIR = of("repair")
VIEW, TRIAGE = "assets.view_repairs", "assets.triage_repair"
SECRET = of("guests", "secret", "secret")


def no_photo(there):
    return SECRET(there) | {"pk": 0}


def here(there):
    return {"token": there.place.token}


def the_like(there):
    return {"token": there.place.token, "pk": there.repair.pk}


def words(there):
    """Return what makes every step's form valid, so that what is refused is the person."""
    parts = {"parts-TOTAL_FORMS": "0", "parts-INITIAL_FORMS": "0"}
    return parts | {
        "reason": "因为",
        "outcome": "repaired",
        "rating": "5",
        "to": there.maintainer.pk,
        "number": there.guests.number,
    }


ROUTES = [
    Route("assets:repairs:list"),
    Route("assets:repairs:create", FORM, "assets.report_repair"),
    Route("assets:repairs:statistics", may=VIEW),
    Route("assets:repairs:settings", FORM, "assets.manage_repair_settings"),
    Route("assets:repairs:detail", may=VIEW, of=REPAIR),
    Route("assets:repairs:work_order", may=VIEW, of=REPAIR),
    Route("assets:repairs:accept", STEP, TRIAGE, of=REPAIR),
    Route("assets:repairs:refuse", FORM, TRIAGE, of=REPAIR, seen_by=VIEW, data=words),
    Route("assets:repairs:assign", FORM, TRIAGE, of=REPAIR, seen_by=VIEW, data=words),
    Route("assets:repairs:merge", FORM, TRIAGE, of=REPAIR, seen_by=VIEW, data=words),
    Route("assets:repairs:ask_approval", FORM, TRIAGE, of=REPAIR, seen_by=VIEW, data=words),
    Route("assets:repairs:emergency", FORM, TRIAGE, of=REPAIR, seen_by=VIEW, data=words),
    Route("assets:repairs:explain", FORM, TRIAGE, of=REPAIR, seen_by=VIEW, data=words),
    Route("assets:repairs:danger", STEP, TRIAGE, of=REPAIR),
    Route("assets:repairs:no_danger", STEP, TRIAGE, of=REPAIR),
    Route("assets:repairs:start", STEP, TRIAGE, of=REPAIR),
    Route("assets:repairs:hold", FORM, TRIAGE, of=REPAIR, seen_by=VIEW, data=words),
    Route("assets:repairs:resume", STEP, TRIAGE, of=REPAIR),
    Route("assets:repairs:finish", FORM, TRIAGE, of=REPAIR, seen_by=VIEW, data=words),
    Route("assets:repairs:confirm", STEP, "owner", of=REPAIR),
    Route("assets:repairs:reopen", FORM, "owner", of=REPAIR, seen_by=VIEW, data=words),
    Route("assets:repairs:rate", FORM, "owner", of=REPAIR, seen_by=VIEW, data=words),
    Route("assets:repairs:withdraw", STEP, "owner", of=REPAIR),
    Route("assets:repairs:follow", STEP, VIEW, of=REPAIR),
    Route("assets:repairs:add_photos", STEP, VIEW, of=REPAIR),
    Route("assets:repairs:report_here", FORM, "anyone", of=here, secret=True),
    Route("assets:repairs:follow_here", STEP, "anyone", of=the_like, secret=True),
    Route("assets:repairs:status", may="anyone", of=SECRET, secret=True),
    Route("assets:repairs:status_photos", STEP, "anyone", of=SECRET, secret=True),
    Route("assets:repairs:status_photo", may="anyone", of=no_photo, secret=True, answers=frozenset({404})),
    Route("assets:repairs:status_confirm", STEP, "anyone", of=SECRET, secret=True),
    Route("assets:repairs:status_reopen", STEP, "anyone", of=SECRET, secret=True),
    Route("assets:repairs:status_withdraw", STEP, "anyone", of=SECRET, secret=True),
]
