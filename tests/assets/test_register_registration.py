"""What the register hands to the floors below: search, names, leavers, places, files, the demo."""

from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from assets.register import demo
from assets.register.models import AssetCard
from houqin.files import access
from houqin.schools import handover, place_facts, renames
from houqin.schools.people.leaving import leave
from houqin.schools.places.actions import update_place
from houqin.web import search_registry
from tests.assets.register_factories import make_card
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def head(school):
    return make_person(school, "logistics")


def test_the_search_over_everything_finds_only_what_one_may_see(school, head):
    make_card(school, name="金丝雀")
    found = [group for group in search_registry.find(head, school, "金丝雀") if group.icon == "box"]
    assert [row.title for row in found[0].found] == ["金丝雀"]
    for stranger in (make_person(school), make_person(make_school(), "logistics")):
        assert not [group for group in search_registry.find(stranger, None, "金丝雀") if group.icon == "box"]


def test_a_renamed_place_is_found_by_its_new_name(school, head):
    place = make_place(school, name="旧教室")
    card = make_card(school, place=place)
    update_place(place, name="新教室", kind=place.kind, parent=None, code=place.code, by=head)
    card.refresh_from_db()
    assert "新教室" in card.search_text
    assert "旧教室" not in card.search_text


def test_a_renamed_keeper_is_found_by_the_new_name(school):
    keeper = make_person(school, display_name="王芳")
    card = make_card(school, keeper=keeper)
    keeper.display_name = "王小芳"
    keeper.save()
    renames.announce("person", [keeper.pk])
    card.refresh_from_db()
    assert "王小芳" in card.search_text


def test_a_leavers_things_go_to_somebody_else(school, head):
    leaver, heir = make_person(school), make_person(school)
    cards = [make_card(school, keeper=leaver) for _ in range(2)]
    make_card(school, keeper=leaver, use_status="disposed")
    (kind,) = [entry for entry in handover.open_kinds(leaver) if entry.kind.name == "assets.cards"]
    assert len(kind.things) == 2
    assert kind.kind.hand_over(leaver, heir, by=head) == 2
    assert set(AssetCard.objects.filter(keeper=heir)) == set(cards)


def test_a_place_leads_to_its_label_for_those_who_may_print_it(school, head):
    place = make_place(school)
    labels = reverse("assets:register:place_labels")
    assert [fact.url for fact in place_facts.facts_of(head, place) if labels in fact.url] == [
        f"{labels}?ids={place.pk}"
    ]
    assert not [fact for fact in place_facts.facts_of(make_person(school), place) if labels in fact.url]


def test_a_cards_photo_is_shown_to_those_who_see_the_card(school, head, stored_photo):
    photo = stored_photo(school)
    assert not access.may_see(head, photo)
    make_card(school, photo=photo)
    assert access.may_see(head, photo)
    assert not access.may_see(make_person(make_school(), "logistics"), photo)
    assert not access.may_see(make_person(school), photo)


@pytest.fixture
def stored_photo():
    from houqin.files.models import StoredFile

    def make(school):
        return StoredFile.objects.create(
            school=school, kind="photo", name="a.jpg", stored_path="a.jpg", thumb_path="b.jpg",
            width=4, height=3, size=1, sha256="0" * 64,
        )  # fmt: skip

    return make


def test_the_demo_fills_empty_registers_once():
    for name in (demo.IMPORTED_AT, demo.A_FEW_AT):
        make_person(make_school(name=name), "logistics")
    for _ in range(2):
        demo.load(StringIO())
        cards = AssetCard.objects.filter(school__name=demo.IMPORTED_AT)
        assert cards.count() == 180
        assert not cards.filter(place__isnull=True).exists()
        assert AssetCard.objects.filter(school__name=demo.A_FEW_AT).count() == len(demo.A_FEW)


@pytest.mark.parametrize("role", ["logistics", "principal"])
def test_a_leader_who_keeps_things_can_leave(school, role):
    officer, leader, heir = make_person(school, "central_officer"), make_person(school, role), make_person(school)
    card = make_card(school, keeper=leader)
    leave(leader, last_day=timezone.localdate(), to=heir, by=officer)
    card.refresh_from_db()
    assert card.keeper == heir


def test_a_places_number_of_things_leads_to_exactly_those(client, school, head):
    building = make_place(school, name="一号楼", kind="building")
    room, other = (make_place(school, name=name, parent=building) for name in ("31", "313"))
    make_card(school, place=room)
    make_card(school, place=other)
    make_card(school, name="一号楼31的模型")
    client.force_login(head)
    for place, number in ((building, 2), (room, 1), (other, 1), (make_place(school), 0)):
        fact = place_facts.facts_of(head, place)[0]
        assert fact.rows.count() == number
        assert len(client.get(fact.url).context["rows"]) == number
    assert not [fact for fact in place_facts.facts_of(make_person(school), building) if "building=" in fact.url]
    stranger = make_place(make_school())
    assert len(client.get(reverse("assets:register:list"), {"building": stranger.pk}).context["rows"]) == 3
    for odd in ("9" * 5000, "9" * 30, "²", "x"):
        assert len(client.get(reverse("assets:register:list"), {"building": odd}).context["rows"]) == 3
