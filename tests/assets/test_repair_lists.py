"""Lists, badges and home pages that agree with each other, for each role; and names and times that follow changes."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assets.repairs import actions, facts, registration
from assets.repairs.exports import REPAIRS
from assets.repairs.models import RepairRequest, RepairStep, State
from houqin.history.models import ActionLog
from houqin.notices.models import Notice
from houqin.schools.days import plan_changes
from houqin.schools.models import PublicHoliday
from houqin.schools.people.actions import update_person
from houqin.schools.places.actions import update_place
from tests.assets.register_factories import make_card
from tests.assets.repair_factories import Team, decide, make_repair
from tests.schools.factories import make_person, make_place

pytestmark = pytest.mark.django_db
LIST = "assets:repairs:list"


@pytest.fixture
def team():
    return Team()


def numbers(client, **query):
    return {row["number"] for row in client.get(reverse(LIST), query).context["rows"]}


@pytest.mark.parametrize(
    ("role", "offered", "not_offered"),
    [
        ("staff", {"open", "check", "mine"}, {"unassigned", "approval", "to_me", "working"}),
        ("maintainer", {"to_me", "late", "danger", "mine"}, {"unassigned", "approval"}),
        ("logistics", {"unassigned", "to_me", "approval", "late"}, {"check"}),
        ("principal", {"open", "approval", "late"}, {"to_me", "check"}),
    ],
)
def test_nobody_is_offered_what_others_have_to_do(client, team, role, offered, not_offered):
    client.force_login(make_person(team.school, role))
    chips = {chip.value for chip in client.get(reverse(LIST)).context["chips"]}
    assert offered <= chips
    assert not (not_offered & chips)


@pytest.mark.parametrize("who", ["head", "maintainer", "reporter", "officer"])
def test_the_badge_counts_the_list_with_which_one_begins(client, team, who):
    for state in State.values:
        team.repair(state)
        team.repair(state, by=team.maintainer)
    actions.follow(make_repair(team, by=team.head), by=team.reporter)
    person = getattr(team, who)
    client.force_login(person)
    listed = numbers(client)
    school = None if who == "officer" else team.school
    assert set(facts.open_repairs(person, school).queryset.values_list("number", flat=True)) == listed


def test_what_is_assigned_to_me_is_what_i_have_to_repair(client, team):
    team.repair(State.DONE)
    working = team.repair(State.WORKING)
    rejected = decide(team.repair(State.AWAITING_APPROVAL), by=team.officer, decision="reject", comment="太贵")
    client.force_login(team.maintainer)
    assert numbers(client) == {working.number}
    assert rejected.number not in numbers(client)


def test_a_room_is_filtered_although_only_buildings_are_offered(client, team):
    building = make_place(team.school, kind="building")
    room = make_place(team.school, parent=building)
    deep = make_place(team.school, parent=room)
    there, below, elsewhere = make_repair(team, place=room), make_repair(team, place=deep), make_repair(team)
    client.force_login(team.head)
    assert numbers(client, chip="", place=room.pk) == {there.number, below.number}
    assert numbers(client, chip="", place=building.pk) == {there.number, below.number}
    assert elsewhere.number in numbers(client, chip="")
    exported = REPAIRS.queryset(team.head, team.school, client.get(reverse(LIST), {"place": room.pk}).wsgi_request.GET)
    assert {repair.number for repair in exported} == {there.number, below.number}


def test_a_place_of_another_school_filters_nothing_and_is_not_named(client, team):
    foreign = Team()
    make_repair(team)
    client.force_login(team.head)
    page = client.get(reverse(LIST), {"place": foreign.place.pk})
    assert foreign.place.full_name not in page.text
    assert len(page.context["rows"]) == 1


def test_the_figures_of_a_year_lead_to_the_reports_of_that_year(client, team):
    old, new = make_repair(team), make_repair(team)
    RepairRequest.objects.filter(pk=old.pk).update(reported_at=new.reported_at - timedelta(days=366))
    client.force_login(team.head)
    assert numbers(client, chip="", days=str(timezone.localdate().year)) == {new.number}


@pytest.mark.parametrize("year", ["²", "x", "99999999999999999999", ""])
def test_odd_years_show_this_one(client, team, year):
    make_repair(team)
    client.force_login(team.head)
    assert client.get(reverse("assets:repairs:statistics"), {"year": year}).context["total"].reported == 1


def test_maintainers_find_the_rounds(client, team):
    client.force_login(team.maintainer)
    assert reverse("assets:rounds:list") in client.get(reverse(LIST)).text
    client.force_login(team.reporter)
    assert reverse("assets:rounds:list") not in client.get(reverse(LIST)).text


def test_search_and_order_follow_new_names(team):
    repair = team.repair(State.ASSIGNED)
    update_place(team.place, name="梧桐苑", kind="room", parent=None, code="WTY", by=team.head)
    other = make_person(team.school, "logistics")
    update_person(team.reporter, display_name="欧阳修", username="oyx", phone="", staff_number="", email="", by=other)
    repair.refresh_from_db()
    assert "梧桐苑" in repair.search_text
    assert "欧阳修" in repair.search_text
    assert repair.work_key.endswith("wutongyuan")


def test_times_are_counted_anew_when_the_holidays_are_known(team):
    repair = make_repair(team)
    reopened, due = (datetime(2031, 3, day, tzinfo=timezone.get_current_timezone()) for day in (10, 13))
    RepairStep.objects.create(repair=repair, verb="reopen", at=reopened, to_state=State.ASSIGNED)
    RepairRequest.objects.filter(pk=repair.pk).update(due_at=due)
    PublicHoliday.objects.create(date=date(2031, 3, 12), kind="off", name="清明节", plan_year=2031, source="entered")
    plan_changes.announce(2031)
    repair.refresh_from_db()
    assert timezone.localtime(repair.due_at).date() == date(2031, 3, 14)


def test_what_a_leaver_repaired_is_assigned_anew_when_it_is_reopened(team):
    repair = team.repair(State.DONE)
    team.maintainer.memberships.update(until=timezone.localdate() - timedelta(days=1))
    repair = actions.reopen(repair, by=team.reporter, reason="还坏")
    assert repair.state == State.ACCEPTED


def test_reopened_repairs_are_not_counted_as_repaired(client, team):
    repair = team.repair(State.DONE)
    actions.reopen(repair, by=team.reporter, reason="还坏")
    client.force_login(team.head)
    assert client.get(reverse("assets:repairs:statistics")).context["total"].repaired == 0


def test_the_course_says_how_quickly_it_was_answered(client, team):
    repair = team.repair(State.ASSIGNED)
    client.force_login(team.head)
    moments = client.get(repair.get_absolute_url()).context["moments"]
    assert any(len(moment.facts) == 2 for moment in moments)


def test_long_words_are_cut_in_lists_and_whole_on_the_page(client, team):
    words = "这扇窗" * 160
    make_repair(team, description=words)
    client.force_login(team.head)
    repair = RepairRequest.objects.get()
    for url in (reverse(LIST), "/"):
        assert words not in client.get(url).text
    assert words in client.get(repair.get_absolute_url()).text


def test_a_reporter_without_the_register_gets_no_dead_link(client, team):
    card = make_card(team.school, place=team.place)
    repair = make_repair(team, asset=card)
    for person, linked in ((team.reporter, False), (team.head, True)):
        client.force_login(person)
        assert (card.get_absolute_url() in client.get(repair.get_absolute_url()).text) == linked


def test_what_is_repaired_is_no_urgent_notice_any_more(team):
    repair = team.repair(State.WORKING, is_dangerous=True)
    Notice.objects.all().delete()
    actions.finish(repair, by=team.maintainer, outcome="repaired")
    assert not Notice.objects.get(person=team.reporter).urgent


def test_every_action_has_a_name_in_the_log(team):
    for state in State.values:
        team.repair(state)
    codes = ActionLog.objects.filter(code__startswith="assets.").values_list("code", flat=True)
    assert {code.removeprefix("assets.") for code in codes} <= registration.ACTIONS.keys()
