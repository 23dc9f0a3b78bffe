import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from houqin.errors import NotAllowed, Refused, WrongState
from houqin.history.models import ActionLog
from houqin.schools import place_facts, place_links, renames
from houqin.schools.found import find_places
from houqin.schools.models import Place
from houqin.schools.places import actions
from houqin.schools.places.codes import suggest_code
from tests.schools.factories import make_person, make_place, make_school
from tests.schools.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def head(school):
    return make_person(school, "logistics")


def told(place, **changes):
    return {"name": place.name, "kind": place.kind, "parent": place.parent, "code": place.code} | changes


def test_create(school, head):
    building = actions.create_place(school, name="一号楼", kind="building", by=head)
    room = actions.create_place(school, name="101教室", kind="room", parent=building, by=head)
    assert (building.code, room.code) == ("YHL", "YHL-101")
    assert room.full_name == "一号楼101教室"
    assert ActionLog.objects.filter(code="schools.create_place", user=head, school=school).count() == 2


def test_codes_are_suggested_without_clashes(school):
    make_place(school, name="图书室", code="TSS")
    make_place(school, name="阅览室", code="TSS-2")
    assert suggest_code(school, "图书室") == "TSS-3"
    assert suggest_code(make_school(), "图书室") == "TSS"
    assert suggest_code(school, "男厕所(一楼东)") == "NCSYLD"
    assert suggest_code(school, "!!") == "P"
    assert len(suggest_code(school, "非常非常非常非常非常非常长的名字", make_place(school, code="B" * 18))) <= 20


def test_only_the_office_may(school, head):
    place = make_place(school)
    for role in ("staff", "maintainer", "principal", "auditor"):
        person = make_person(school, role)
        with pytest.raises(NotAllowed):
            actions.create_place(school, name="101", kind="room", by=person)
        with pytest.raises(NotAllowed):
            actions.update_place(place, **told(place), by=person)
        with pytest.raises(NotAllowed):
            actions.close_place(place, by=person)
    other_head = make_person(make_school(), "logistics")
    with pytest.raises(NotAllowed):
        actions.update_place(place, **told(place), by=other_head)


def test_parent_must_be_of_the_same_school_and_in_use(school, head):
    elsewhere = make_place(make_school(), kind="building")
    with pytest.raises(Refused) as refused:
        actions.create_place(school, name="101", kind="room", parent=elsewhere, by=head)
    assert refused.value.code == "other_school"
    closed = make_place(school, kind="building", is_active=False)
    with pytest.raises(Refused) as refused:
        actions.create_place(school, name="101", kind="room", parent=closed, by=head)
    assert refused.value.code == "parent_closed"


def test_a_place_cannot_stand_in_itself_or_below(school, head):
    building = make_place(school, kind="building")
    floor = make_place(school, parent=building)
    room = make_place(school, parent=floor)
    for parent in (building, floor, room):
        with pytest.raises(Refused) as refused:
            actions.update_place(building, **told(building, parent=parent), by=head)
        assert refused.value.code == "own_descendant"


def test_renaming_a_building_renames_what_is_in_it(school, head, django_assert_max_num_queries):
    building = make_place(school, name="一号楼", kind="building", code="YHL")
    floor = make_place(school, name="一层", parent=building)
    rooms = [make_place(school, name=f"{n}教室", parent=floor) for n in range(101, 121)]
    told_of = []
    renames.register("test", lambda kind, ids: told_of.append((kind, set(ids))))
    try:
        with django_assert_max_num_queries(20):
            actions.update_place(building, **told(building, name="德育楼"), by=head)
    finally:
        del renames._refreshers["test"]
    rooms[0].refresh_from_db()
    assert rooms[0].full_name == "德育楼一层101教室"
    assert rooms[0].name_pinyin.startswith("deyulou")
    assert "dyl" in rooms[0].search_text
    assert told_of == [("place", {building.pk, floor.pk, *(room.pk for room in rooms)})]


def test_a_change_without_new_name_tells_nobody(school, head):
    place = make_place(school)
    renames.register("test", lambda kind, ids: pytest.fail("nothing was renamed"))
    try:
        actions.update_place(place, **told(place, kind="ground"), by=head)
    finally:
        del renames._refreshers["test"]


def test_moving_a_room_takes_its_name_along(school, head):
    one = make_place(school, name="一号楼", kind="building")
    two = make_place(school, name="二号楼", kind="building")
    room = make_place(school, name="101教室", parent=one)
    assert actions.update_place(room, **told(room, parent=two), by=head).full_name == "二号楼101教室"
    assert actions.update_place(room, **told(room, parent=None), by=head).full_name == "101教室"


def test_names_that_grow_too_long_are_refused_whole(school, head):
    building = make_place(school, name="楼", kind="building")
    place = building
    for _level in range(4):
        place = make_place(school, name="很" * 45, parent=place)
    with pytest.raises(Refused) as refused:
        actions.update_place(building, **told(building, name="长" * 60), by=head)
    assert refused.value.code == "name_too_long"
    place.refresh_from_db()
    assert place.full_name.startswith("楼")


def test_closing_and_opening(school, head):
    building = make_place(school, kind="building")
    room = make_place(school, parent=building)
    with pytest.raises(Refused) as refused:
        actions.close_place(building, by=head)
    assert refused.value.code == "holds_open_places"
    actions.close_place(room, by=head)
    with pytest.raises(WrongState) as wrong:
        actions.close_place(room, by=head)
    assert wrong.value.code == "already_closed"
    actions.close_place(building, by=head)
    with pytest.raises(Refused) as refused:
        actions.reopen_place(room, by=head)
    assert refused.value.code == "parent_closed"
    actions.reopen_place(building, by=head)
    actions.reopen_place(room, by=head)
    with pytest.raises(WrongState) as wrong:
        actions.reopen_place(room, by=head)
    assert wrong.value.code == "already_open"


def refused_by(name, sql, params):
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_constraints(school):
    place, other = make_place(school, name="甲", code="A1"), make_place(school, name="乙", code="B1")
    change = "UPDATE schools_place SET {} WHERE id = %s"
    refused_by("schools_place_code", change.format("code = 'A1'"), [other.pk])
    refused_by("schools_place_name", change.format("name = '甲'"), [other.pk])
    refused_by("schools_place_not_own_parent", change.format("parent_id = id"), [place.pk])
    refused_by("schools_place_kind", change.format("kind = 'cloud'"), [place.pk])


def test_list_shows_own_places_only(client, school, head):
    here, elsewhere = make_place(school, name="这里"), make_place(make_school(), name="那里")
    client.force_login(head)
    page = client.get(reverse("schools:places:list"))
    assert here in page.context["rows"]
    assert elsewhere not in page.context["rows"]
    assert client.get(elsewhere.get_absolute_url()).status_code == 404


def test_list_searches_and_filters(client, school, head):
    building = make_place(school, name="一号楼", kind="building", code="YHL")
    room = make_place(school, name="计算机教室", parent=building)
    make_place(school, name="操场", kind="ground")
    closed = make_place(school, name="旧仓库", is_active=False)
    client.force_login(head)

    def rows(**query):
        return client.get(reverse("schools:places:list"), query).context["rows"]

    assert rows(q="jsj") == [room]
    assert rows(q="计算") == [room]
    assert rows(q="yhl") == [building, room]
    assert rows(building=building.pk) == [room]
    assert [place.name for place in rows(chip="ground")] == ["操场"]
    assert rows(chip="closed") == [closed]
    assert rows(building="999999x") == rows()


def test_list_and_detail_cost_the_same_for_many_rows(client, school, head):
    building = make_place(school, kind="building", name="一号楼")
    make_place(school, parent=building)
    client.force_login(head)
    costs = []
    for more in (0, 49):
        for _n in range(more):
            make_place(school, parent=building)
        costs.append([queries_of(client, url) for url in (reverse("schools:places:list"), building.get_absolute_url())])
    assert costs[0] == costs[1]
    assert costs[0][0] <= 6
    assert costs[0][1] <= 8


def test_create_by_form_once(client, school, head):
    client.force_login(head)
    page = client.get(reverse("schools:places:create"))
    sent = {"form_key": page.context["form"]["form_key"].value(), "name": "图书室", "kind": "room", "code": "tss"}
    first = client.post(reverse("schools:places:create"), sent)
    again = client.post(reverse("schools:places:create"), sent)
    place = Place.objects.get(name="图书室")
    assert place.code == "TSS"
    assert first.url == again.url == place.get_absolute_url()


def test_create_by_form_says_what_is_taken(client, school, head):
    make_place(school, name="图书室", code="TSS")
    client.force_login(head)
    answer = client.post(reverse("schools:places:create"), {"name": "另一间", "kind": "room", "code": "tss"})
    assert answer.status_code == 422
    assert Place.objects.count() == 1


def test_update_by_form_offers_own_buildings_only(client, school, head):
    mine, foreign = make_place(school, kind="building"), make_place(make_school(), kind="building")
    room = make_place(school)
    client.force_login(head)
    form = client.get(reverse("schools:places:update", args=[room.pk])).context["form"]
    assert list(form.fields["parent"].queryset) == [mine]
    answer = client.post(reverse("schools:places:update", args=[room.pk]), told(room, parent=foreign.pk))
    assert answer.status_code == 422
    answer = client.post(reverse("schools:places:update", args=[room.pk]), told(room, parent=mine.pk))
    assert answer.url == room.get_absolute_url()


def test_close_by_button_says_why_not(client, school, head):
    building = make_place(school, kind="building")
    make_place(school, parent=building)
    client.force_login(head)
    answer = client.post(reverse("schools:places:close", args=[building.pk]), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert ActionLog.objects.filter(code="schools.close_place", result="holds_open_places").exists()
    client.force_login(make_person(school, "staff"))
    assert client.post(reverse("schools:places:close", args=[building.pk])).status_code == 403


def test_a_central_officer_looking_at_all_is_asked_for_the_school(client):
    central = make_school()
    campus = make_school(parent=central)
    client.force_login(make_person(central, "central_officer"))
    client.post(reverse("schools:switch"), {"school": "all"})
    page = client.get(reverse("schools:places:create"))
    assert page.templates[0].name == "schools/choose.html"
    assert page.context["schools"] == [central, campus]


def test_options_are_scoped(client, school, head):
    room = make_place(school, name="音乐教室", code="YY-1")
    make_place(make_school(), name="音乐教室二")
    make_place(school, name="音乐仓库", is_active=False)
    client.force_login(make_person(school, "staff"))
    answer = client.get(reverse("schools:places:options"), {"q": "yy"})
    assert answer.content.decode().count('role="option"') == 1
    assert f'data-value="{room.pk}"' in answer.content.decode()


def test_rooms_add_facts(client, school, head, monkeypatch):
    place = make_place(school)

    def facts(user, place):
        return [
            place_facts.PlaceFact("canary fact", "17", "/somewhere/"),
            place_facts.PlaceFact("canary rows", url="/rows/", rows=Place.objects.all()),
            place_facts.PlaceFact("canary nothing", url="/nothing/", rows=Place.objects.none()),
        ]

    monkeypatch.setattr(place_facts, "_registered", {})
    place_facts.register(facts)
    client.force_login(head)
    page = client.get(place.get_absolute_url()).content.decode()
    assert 'href="/somewhere/">17</a>' in page
    assert 'href="/rows/">1</a>' in page
    assert "canary nothing" in page
    assert "/nothing/" not in page


def test_detail_draws_the_code(client, school, head):
    client.force_login(head)
    place = make_place(school)
    page = client.get(place.get_absolute_url()).content.decode()
    assert f'src="/q/{place.token}/code.svg"' in page
    assert "style=" not in page


def test_history_starts_with_the_place(school, head):
    place = actions.create_place(school, name="甲", kind="room", by=head)
    actions.update_place(place, **told(place, name="乙"), by=head)
    labels = list(place.events.order_by("pgh_id").values_list("name", flat=True))
    assert labels == ["甲", "乙"]


def test_rooms_add_links_with_the_lists_filters(client, school, head, monkeypatch):
    monkeypatch.setattr(place_links, "_links", {})
    place_links.register(
        "x", place_links.PlaceLink("canary", "qrcode", "schools:schools:list", "schools.manage_places")
    )
    client.force_login(head)
    page = client.get(reverse("schools:places:list"), {"q": "a b"}).content.decode()
    assert f'href="{reverse("schools:schools:list")}?q=a+b"' in page
    client.force_login(make_person(school, "staff"))
    assert "canary" not in client.get(reverse("schools:places:list")).content.decode()


def test_the_search_over_everything_finds_places(school, head):
    make_place(school, name="音乐教室", code="YY")
    make_place(school, name="音乐仓库", is_active=False)
    make_place(make_school(), name="音乐教室")
    assert [found.facts for found in find_places(head, school, "yy")] == [["YY", school.name]]
