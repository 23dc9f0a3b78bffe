import pghistory
import pytest

from houqin.history.trail import changes
from houqin.schools.models import Membership, Place
from tests.schools.factories import make_membership, make_person, make_place, make_school, make_user

pytestmark = pytest.mark.django_db


def rename(place, name, by):
    with pghistory.context(user=by.pk if by else None, path="/"):
        place.name = name
        place.save()


def test_beginning_and_changes_newest_first():
    school = make_school()
    person = make_person(school, display_name="王老师")
    place = make_place(school, name="301教室")
    rename(place, "302教室", person)
    newest, first = changes(place)
    assert first.created
    assert first.fields == []
    assert newest.who == "王老师"
    assert not newest.created
    assert [(change.before, change.after) for change in newest.fields] == [("301教室", "302教室")]


def test_choices_booleans_and_links_are_in_words():
    school = make_school()
    building = make_place(school, kind="building", name="二号楼")
    place = make_place(school)
    place.kind = Place.Kind.GROUND
    place.parent = building
    place.is_active = False
    place.save()
    told = {(c.before, c.after) for c in changes(place)[0].fields}
    kinds = (Place.Kind.ROOM.label, Place.Kind.GROUND.label)
    assert (str(kinds[0]), str(kinds[1])) in told
    assert any(after == "二号楼" for _before, after in told)


def test_what_is_computed_or_secret_is_not_shown():
    place = make_place(make_school())
    place.token = "another-token"
    place.name_pinyin = "x"
    place.save()
    assert all("token" not in (f.before + f.after) for c in changes(place) for f in c.fields)
    assert len(changes(place)) == 1


def test_guests_and_tasks_have_no_name():
    place = make_place(make_school())
    rename(place, "新名", None)
    assert changes(place)[0].who != changes(place)[1].who


@pytest.mark.parametrize("times", [1, 30])
def test_trail_costs_one_query(times, django_assert_num_queries):
    school = make_school()
    membership = make_membership(make_user(), school)
    for number in range(times):
        with pghistory.context(user=make_user().pk):
            membership.role = ["maintainer", "staff"][number % 2]
            membership.until = None
            membership.since = membership.since.replace(day=number % 28 + 1)
            membership.save()
    fresh = Membership.objects.get(pk=membership.pk)
    with django_assert_num_queries(1):
        assert len(changes(fresh)) >= times


@pytest.mark.parametrize("times", [2, 20])
def test_moved_links_cost_one_query_a_kind(times, django_assert_num_queries):
    school = make_school()
    place = make_place(school)
    for number in range(times):
        place.parent = make_place(school, kind="building", name=f"{number}号楼")
        place.save()
    fresh = Place.objects.get(pk=place.pk)
    with django_assert_num_queries(2):
        told = changes(fresh)
    assert [change.fields[0].after for change in told[:-1]] == [f"{number}号楼" for number in reversed(range(times))]
