import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from houqin.errors import NotAllowed, Refused, WrongState
from houqin.schools.middleware import SESSION_KEY
from houqin.schools.models import School
from houqin.schools.organisation import actions
from tests.schools.factories import make_membership, make_person, make_place, make_school
from tests.schools.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def central():
    return make_school()


@pytest.fixture
def campus(central):
    return make_school(parent=central)


@pytest.fixture
def officer(central):
    return make_person(central, "central_officer")


def told(school, **changes):
    names = ("name", "code", "short_name", "office_phone", "has_kitchen")
    return {name: getattr(school, name) for name in names} | changes


def test_create_campus(central, officer):
    campus = actions.create_campus(central, name="箐门小学", code="QM", by=officer)
    assert campus.ancestor_ids == [central.pk]
    assert campus.name_pinyin == "qingmenxiaoxue"
    school_below = make_school(parent=campus)
    assert school_below.ancestor_ids == [central.pk, campus.pk]


def test_only_the_central_school_manages_schools(central, campus):
    for person in (make_person(campus, "logistics"), make_person(central, "auditor"), make_person(campus, "principal")):
        for attempt in (
            lambda by: actions.create_campus(central, name="新", code="n", by=by),
            lambda by: actions.update_school(campus, **told(campus), by=by),
            lambda by: actions.close_school(campus, by=by),
        ):
            with pytest.raises(NotAllowed):
                attempt(person)


def test_an_officer_of_another_central_school_changes_nothing_here(campus):
    with pytest.raises(NotAllowed):
        actions.update_school(campus, **told(campus), by=make_person(make_school(), "central_officer"))


def test_update(campus, officer):
    assert (
        actions.update_school(campus, **told(campus, name="水塘坝小学"), by=officer).name_pinyin == "shuitangbaxiaoxue"
    )


def test_close_and_reopen(central, campus, officer):
    below = make_school(parent=campus)
    for school, code in ((central, "top_school"), (campus, "holds_open_campuses")):
        with pytest.raises(Refused) as refused:
            actions.close_school(school, by=officer)
        assert refused.value.code == code
    actions.close_school(below, by=officer)
    with pytest.raises(WrongState) as wrong:
        actions.close_school(below, by=officer)
    assert wrong.value.code == "already_closed"
    with pytest.raises(Refused) as refused:
        actions.create_campus(below, name="新", code="n", by=officer)
    assert refused.value.code == "parent_closed"
    actions.reopen_school(below, by=officer)
    with pytest.raises(WrongState) as wrong:
        actions.reopen_school(below, by=officer)
    assert wrong.value.code == "already_open"


def test_constraints(central, campus):
    for name, sql in (
        ("schools_school_not_own_parent", "UPDATE schools_school SET parent_id = id WHERE id = %s"),
        ("schools_school_name", "UPDATE schools_school SET name = (SELECT name FROM schools_school WHERE id = %s)"),
        ("schools_school_code", "UPDATE schools_school SET code = (SELECT code FROM schools_school WHERE id = %s)"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [campus.pk])


def test_list_shows_reached_schools(client, central, campus, officer):
    stranger = make_school()
    client.force_login(officer)
    assert set(client.get(reverse("schools:schools:list")).context["rows"]) == {central, campus}
    assert client.get(stranger.get_absolute_url()).status_code == 404
    client.force_login(make_person(campus, "staff"))
    assert set(client.get(reverse("schools:schools:list")).context["rows"]) == {campus}
    assert client.get(central.get_absolute_url()).status_code == 404


def test_pages_cost_the_same_for_many_rows(client, central, campus, officer):
    client.force_login(officer)
    urls = [reverse("schools:schools:list"), central.get_absolute_url()]
    before = [queries_of(client, url) for url in urls]
    for _n in range(49):
        make_school(parent=central)
    assert [queries_of(client, url) for url in urls] == before
    assert before[0] <= 6
    assert before[1] <= 8


def test_create_update_and_close_by_pages(client, central, officer):
    client.force_login(officer)
    sent = {"parent": central.pk, "name": "示范小学", "code": "SF", "short_name": "示范", "office_phone": ""}
    answer = client.post(reverse("schools:schools:create"), sent)
    campus = School.objects.get(name="示范小学")
    assert answer.url == campus.get_absolute_url()
    assert client.post(reverse("schools:schools:create"), sent).status_code == 422
    assert client.post(reverse("schools:schools:create"), sent | {"parent": make_school().pk}).status_code == 422
    answer = client.post(reverse("schools:schools:update", args=[campus.pk]), sent | {"short_name": "示"})
    assert answer.url == campus.get_absolute_url()
    client.post(reverse("schools:schools:close", args=[campus.pk]))
    campus.refresh_from_db()
    assert (campus.short_name, campus.is_active) == ("示", False)
    assert client.get(reverse("schools:schools:list"), {"chip": "closed"}).context["rows"] == [campus]
    client.post(reverse("schools:schools:reopen", args=[campus.pk]))
    campus.refresh_from_db()
    assert campus.is_active


def test_a_head_sees_no_way_to_change_schools(client, campus):
    client.force_login(make_person(campus, "logistics"))
    for url in (reverse("schools:schools:create"), reverse("schools:schools:update", args=[campus.pk])):
        assert client.get(url).status_code == 403
    assert client.post(reverse("schools:schools:close", args=[campus.pk])).status_code == 403


def test_switch_changes_what_is_shown(client, central, campus, officer):
    here, there = make_place(central), make_place(campus)
    client.force_login(officer)
    places = reverse("schools:places:list")

    def shown(choice):
        client.post(reverse("schools:switch"), {"school": choice})
        return set(client.get(places).context["rows"])

    assert shown(campus.pk) == {there}
    assert shown(central.pk) == {here}
    assert shown("all") == {here, there}


def test_switch_refuses_what_is_not_reached(client, central, campus):
    teacher = make_person(campus, "staff")
    make_membership(teacher, make_school(parent=central), "staff")
    client.force_login(teacher)
    for choice in (str(central.pk), "all", "", "x", "999999"):
        assert client.post(reverse("schools:switch"), {"school": choice}).status_code == 404
    assert SESSION_KEY not in client.session
    assert client.get(reverse("schools:switch")).status_code == 405


@pytest.mark.parametrize(
    ("came_from", "goes_to"),
    [
        ("http://testserver/places/?q=a", "/places/"),
        ("/people/", "/people/"),
        ("https://elsewhere.example/places/", "/"),
        ("http://testserver//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_switch_leads_back_but_never_away(client, campus, came_from, goes_to):
    client.force_login(make_person(campus, "staff"))
    answer = client.post(reverse("schools:switch"), {"school": campus.pk, "next": came_from})
    assert answer.url == goes_to


def test_a_campus_does_not_open_under_a_closed_school(campus, officer):
    below = make_school(parent=campus)
    actions.close_school(below, by=officer)
    actions.close_school(campus, by=officer)
    with pytest.raises(Refused) as refused:
        actions.reopen_school(below, by=officer)
    assert refused.value.code == "parent_closed"
    actions.reopen_school(campus, by=officer)
    assert actions.reopen_school(below, by=officer).is_active


def test_one_begins_at_a_school_in_use(client, central):
    closed, open_one = make_school(name="甲", is_active=False, parent=central), make_school(name="乙", parent=central)
    person = make_person(closed, "logistics")
    client.force_login(person)
    assert client.get(reverse("schools:places:list")).wsgi_request.acting.school == closed
    make_membership(person, open_one, "logistics")
    assert client.get(reverse("schools:places:list")).wsgi_request.acting.school == open_one


@pytest.mark.parametrize("chosen", ["9" * 5000, "²", "٣", "-1", "1.0", ""])
def test_switch_takes_no_odd_numbers(client, campus, chosen):
    client.force_login(make_person(campus, "staff"))
    assert client.post(reverse("schools:switch"), {"school": chosen}).status_code == 404
