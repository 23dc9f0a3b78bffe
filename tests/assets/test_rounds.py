"""Repair rounds: counted, broken, repaired, left (S46)."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.urls import reverse

from assets.rounds import actions
from assets.rounds.exports import COUNTS
from assets.rounds.models import RepairRound, RoundCount
from houqin.errors import NotAllowed, Refused, WrongState
from tests.assets.repair_factories import Team
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return Team()


def opened(team, name="开学前门窗课桌"):
    return actions.open_round(team.school, by=team.head, name=name)


def test_a_maintainer_counts_a_place_and_the_rest_is_reckoned(team):
    done = actions.count_place(
        opened(team), by=team.maintainer, place=team.place, figures={"door": actions.Figures(2, 1, 0)}
    )
    count = RoundCount.objects.get(pk=done[0].pk)
    assert (count.counted, count.broken, count.repaired, count.left) == (2, 1, 0, 1)


def test_counting_again_replaces(team):
    round_ = opened(team)
    for broken in (5, 3):
        actions.count_place(round_, by=team.head, place=team.place, figures={"desk": actions.Figures(40, broken, 1)})
    assert round_.counts.get().left == 2


@pytest.mark.parametrize(
    ("figures", "code", "field"),
    [
        (actions.Figures(1, 2, 0), "more_broken", "door_broken"),
        (actions.Figures(3, 1, 2), "more_repaired", "door_repaired"),
    ],
)
def test_figures_that_cannot_be_are_refused(team, figures, code, field):
    with pytest.raises(Refused) as refusal:
        actions.count_place(opened(team), by=team.head, place=team.place, figures={"door": figures})
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_a_closed_round_stays_as_it_is(team):
    round_ = actions.close_round(opened(team), by=team.head)
    for step in (
        lambda: actions.count_place(round_, by=team.head, place=team.place, figures={}),
        lambda: actions.close_round(round_, by=team.head),
    ):
        with pytest.raises(WrongState) as refusal:
            step()
        assert refusal.value.code == "round_closed"


def test_places_of_another_school_do_not_belong(team):
    with pytest.raises(Refused) as refusal:
        actions.count_place(opened(team), by=team.head, place=make_place(make_school()), figures={})
    assert refusal.value.code == "other_school"


def test_who_may_open_count_and_close(team):
    with pytest.raises(NotAllowed):
        actions.open_round(team.school, by=team.maintainer, name="x")
    round_ = opened(team)
    for stranger in (team.reporter, make_person(make_school(), "logistics")):
        with pytest.raises(NotAllowed):
            actions.count_place(round_, by=stranger, place=team.place, figures={})
    with pytest.raises(NotAllowed):
        actions.close_round(round_, by=team.maintainer)


@pytest.mark.parametrize("figures", ["1, 2, 0", "2, 1, 2"])
def test_the_database_refuses_impossible_figures(team, figures):
    round_ = opened(team)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO assets_roundcount (round_id, place_id, thing, counted, broken, repaired)"
            f" VALUES (%s, %s, 'door', {figures})",
            [round_.pk, team.place.pk],
        )


def test_the_pages(client, team):
    client.force_login(team.head)
    client.post(reverse("assets:rounds:create"), {"name": "秋季开学前"})
    round_ = RepairRound.objects.get()
    url = reverse("assets:rounds:count", args=[round_.pk, team.place.pk])
    assert client.get(url).status_code == 200
    answer = client.post(url, {"window_counted": "8", "window_broken": "9"})
    assert answer.status_code == 422
    assert "window_broken" in answer.context["form"].errors
    client.post(url, {"window_counted": "8", "window_broken": "2", "window_repaired": "1"})
    page = client.get(round_.get_absolute_url())
    assert page.context["counted_places"] == 1
    assert client.get(reverse("assets:rounds:list")).status_code == 200
    client.post(reverse("assets:rounds:close", args=[round_.pk]))
    round_.refresh_from_db()
    assert not round_.is_open


def test_the_same_name_twice_is_said_in_words(client, team):
    opened(team, "秋季")
    client.force_login(team.head)
    answer = client.post(reverse("assets:rounds:create"), {"name": "秋季"})
    assert answer.status_code == 422
    assert RepairRound.objects.count() == 1


def test_another_campus_sees_none_of_it(client, team):
    round_ = opened(team)
    client.force_login(make_person(make_school(), "logistics"))
    assert client.get(round_.get_absolute_url()).status_code == 404
    url = reverse("assets:rounds:count", args=[round_.pk, team.place.pk])
    assert client.get(url).status_code == 404


def test_a_rounds_page_exports_that_round_alone(client, team):
    first, second = opened(team), opened(team, "春季开学前")
    for round_ in (first, second):
        actions.count_place(round_, by=team.head, place=team.place, figures={"door": actions.Figures(2, 1, 0)})
    client.force_login(team.head)
    assert f'name="query" value="round={first.pk}"' in client.get(first.get_absolute_url()).text
    rows = COUNTS.queryset(team.head, team.school, QueryDict(f"round={first.pk}"))
    assert [count.round for count in rows] == [first]


@pytest.mark.parametrize("odd", ["²", "x", "99999999999999999999999"])
def test_odd_rounds_are_no_fault(team, odd):
    opened(team)
    assert not COUNTS.queryset(team.head, team.school, QueryDict(f"round={odd}")).exists()
