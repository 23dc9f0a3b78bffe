"""Schools, places, people and the calendar."""

from datetime import date

from houqin.schools.models import SchoolDay, Term
from tests.routes.table import FORM, STEP, Route, of
from tests.schools.factories import make_place


def plant(there):
    name = there.canary
    there.building = make_place(there.school, kind="building", name=f"{name}楼", code=f"B{name}")
    there.place = make_place(there.school, name=f"{name}教室", code=f"R{name}")
    there.term = Term.objects.create(
        school=there.school, name=f"{name}学期", starts_on=date(2026, 9, 1), ends_on=date(2027, 1, 20)
    )
    there.day = SchoolDay.objects.create(school=there.school, date=date(2026, 10, 16), kind="off", name=name)
    there.post = there.keeper.memberships.get()


def in_campus(there):
    return {"school": there.school.pk}


SCHOOL, PLACE, PERSON, POST = of("school"), of("place"), of("keeper"), of("post")

ROUTES = [
    Route("schools:schools:list", may="schools.view_school"),
    Route("schools:schools:create", FORM, "schools.manage_schools"),
    Route("schools:schools:detail", may="schools.view_school", of=SCHOOL),
    Route("schools:schools:update", FORM, "schools.manage_schools", of=SCHOOL),
    Route("schools:schools:close", STEP, "schools.manage_schools", of=SCHOOL),
    Route("schools:schools:reopen", STEP, "schools.manage_schools", of=SCHOOL),
    Route("schools:places:list", may="schools.view_places"),
    Route("schools:places:create", FORM, "schools.manage_places"),
    Route("schools:places:options", may="schools.view_places"),
    Route("schools:places:detail", may="schools.view_places", of=PLACE),
    Route("schools:places:update", FORM, "schools.manage_places", of=PLACE),
    Route("schools:places:close", STEP, "schools.manage_places", of=PLACE),
    Route("schools:places:reopen", STEP, "schools.manage_places", of=PLACE),
    Route("schools:people:list", may="schools.view_people"),
    Route("schools:people:create", FORM, "schools.manage_people"),
    Route("schools:people:options", may="schools.view_people"),
    Route("schools:people:detail", may="schools.view_people", of=PERSON),
    Route("schools:people:update", FORM, "schools.manage_people", of=PERSON),
    Route("schools:people:leave", FORM, "schools.manage_people", of=PERSON),
    Route("schools:people:switch_on", STEP, "schools.manage_people", of=PERSON),
    # Opening the address again leads back to the person's page.
    Route("schools:people:one_time_code", FORM, "schools.manage_people", of=PERSON),
    Route("schools:people:give_post", FORM, "schools.manage_people", of=PERSON),
    Route("schools:people:end_post", FORM, "schools.manage_people", of=POST),
    Route("schools:people:withdraw_post", STEP, "schools.manage_people", of=POST),
    Route("schools:calendar:list", may="schools.view_school"),
    Route("schools:calendar:create_term", FORM, "schools.manage_calendar"),
    Route("schools:calendar:update_term", FORM, "schools.manage_calendar", of=of("term")),
    Route("schools:calendar:remove_term", STEP, "schools.manage_calendar", of=of("term")),
    Route("schools:calendar:create_days", FORM, "schools.manage_calendar"),
    Route("schools:calendar:remove_day", STEP, "schools.manage_calendar", of=of("day")),
    Route("schools:calendar:create_plan", FORM, "schools.manage_holidays"),
    Route("schools:calendar:load_plan", STEP, "schools.manage_holidays", of=lambda _there: {"year": 2026}, secret=True),
    Route("schools:switch", STEP, data=in_campus),
    # Closed for good as soon as there is a school.
    Route("schools:first_run", FORM, "anyone", answers=frozenset({302, 404})),
    Route("schools:qr", may="anyone", of=of("place", "token", "token"), secret=True),
    Route("schools:qr_image", of=of("place", "token", "token"), secret=True),
]
