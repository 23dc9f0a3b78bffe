"""The pages of the register: who sees what, what lists cost, what forms do."""

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from assets.register.exports import REGISTER
from assets.register.models import AssetCard, AssetThreshold, CategoryLife
from assets.register.views import AssetList
from houqin.exports.models import ExportJob
from houqin.history.models import ActionLog
from houqin.schools.places.actions import close_place
from tests.assets.register_factories import category, make_card
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db

LIST = "assets:register:list"
# Roles that read the register, and those that have nothing to do with it.
READERS = ["logistics", "principal", "maintainer", "accountant", "cashier", "auditor"]
OTHERS = ["staff", "safety_officer", "canteen_manager"]
CARD_PAGES = ["update", "move", "use_status", "split", "photo"]


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def head(school, client):
    head = make_person(school, "logistics")
    client.force_login(head)
    return head


def names(response):
    return [card["name"] for card in response.context["rows"]]


@pytest.mark.parametrize("role", READERS)
def test_readers_see_their_own_schools_register_and_no_other(school, client, role):
    card, foreign = make_card(school, name="金丝雀"), make_card(make_school(), name="外校的")
    client.force_login(make_person(school, role))
    assert names(client.get(reverse(LIST))) == ["金丝雀"]
    assert client.get(card.get_absolute_url()).status_code == 200
    assert client.get(foreign.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("role", OTHERS)
def test_others_see_no_register(school, client, role):
    card = make_card(school)
    client.force_login(make_person(school, role))
    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(card.get_absolute_url()).status_code in (403, 404)


def test_a_central_role_sees_the_campuses_together(client):
    central = make_school()
    campus = make_school(parent=central)
    make_card(campus, name="分校的")
    client.force_login(make_person(central, "central_officer"))
    session = client.session
    session["acting_school"] = "all"
    session.save()
    assert names(client.get(reverse(LIST))) == ["分校的"]


@pytest.mark.parametrize("page", CARD_PAGES)
def test_only_the_head_changes_cards_and_only_of_the_own_school(school, client, page):
    card, foreign = make_card(school, quantity=3), make_card(make_school(), quantity=3)
    url, foreign_url = (reverse(f"assets:register:{page}", args=[one.pk]) for one in (card, foreign))
    client.force_login(make_person(school, "principal"))
    assert client.get(url).status_code == 403
    client.force_login(make_person(school, "logistics"))
    assert client.get(url).status_code == 200
    assert client.get(foreign_url).status_code == 404


def test_the_list_costs_the_same_for_one_and_fifty_rows(
    school, head, client, django_assert_max_num_queries, django_assert_num_queries
):
    place, keeper = make_place(school), make_person(school)
    make_card(school, place=place, keeper=keeper)
    client.get(reverse(LIST))  # the first request of a session writes its beginning
    with django_assert_max_num_queries(6) as first:
        client.get(reverse(LIST))
    for _ in range(49):
        make_card(school, place=make_place(school), keeper=keeper)
    with django_assert_num_queries(len(first)):
        assert len(client.get(reverse(LIST)).context["rows"]) == 50


def test_a_card_costs_at_most_eight_queries(school, head, client, django_assert_max_num_queries):
    card = make_card(school, place=make_place(school), keeper=make_person(school))
    client.get(reverse(LIST))
    with django_assert_max_num_queries(8):
        client.get(card.get_absolute_url())


@pytest.mark.parametrize("query", ["kzy", "课桌", "HZL-77", "二号楼", "孙静", "sj", "桌"])
def test_the_search_understands_words_initials_and_codes(school, head, client, query):
    make_card(school, name="课桌椅", number="HZL-77", place_text="二号楼教室", keeper_text="孙静")
    make_card(school, name="空调")
    assert names(client.get(reverse(LIST), {"q": query})) == ["课桌椅"]


def test_chips_and_filters_narrow_the_list(school, head, client):
    building = make_place(school, name="一号楼", kind="building")
    room = make_place(school, name="101", parent=building)
    make_card(school, name="在用的", place=room)
    make_card(school, name="闲置的", use_status="idle", category=category("A05010201"))
    make_card(school, name="处置的", use_status="disposed")
    url = reverse(LIST)
    assert set(names(client.get(url))) == {"在用的", "闲置的"}
    assert names(client.get(url, {"chip": "idle"})) == ["闲置的"]
    assert names(client.get(url, {"chip": "disposed"})) == ["处置的"]
    assert names(client.get(url, {"group": "A05"})) == ["闲置的"]
    assert names(client.get(url, {"building": building.pk})) == ["在用的"]
    assert names(client.get(url, {"chip": "unplaced"})) == ["闲置的"]


def test_disposed_things_are_not_among_those_without_a_place(school, head, client):
    make_card(school, use_status="disposed")
    assert names(client.get(reverse(LIST), {"chip": "unplaced"})) == []


def test_an_asset_is_registered_with_few_facts_and_a_second_tap_makes_no_second_one(school, head, client):
    url = reverse("assets:register:create")
    key = client.get(url).context["form"]["form_key"].value()
    place = make_place(school)
    facts = {
        "form_key": key,
        "category": str(category().pk),
        "name": "打印机",
        "quantity": "2",
        "unit_price": "1580.00",
        "acquired_on": "2024-09-01",
        "acquisition_way": "purchase",
        "place_text": place.full_name,
    }
    first, second = client.post(url, facts), client.post(url, facts)
    card = AssetCard.objects.get()
    assert first.url == second.url == card.get_absolute_url()
    assert (card.place, card.unit, card.original_cost) == (place, "台", Decimal("3160.00"))


def test_registering_costs_few_queries(school, head, client, django_assert_max_num_queries):
    url, place = reverse("assets:register:create"), make_place(school)
    values = {"category": str(category().pk), "name": "打印机", "quantity": "1", "unit_price": "10"}
    values |= {"acquired_on": "2024-09-01", "acquisition_way": "purchase", "place": place.pk}
    values["form_key"] = client.get(url).context["form"]["form_key"].value()
    # 15 statements, and the savepoints that a test's own transaction adds.
    with django_assert_max_num_queries(23):
        assert client.post(url, values).status_code == 302


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"acquired_on": "2099-01-01"}, "acquired_on"),
        ({"quantity": "0"}, "quantity"),
        ({"unit_price": "0"}, "unit_price"),
        ({"category": ""}, "category"),
        ({"name": ""}, "name"),
        ({"place_text": "没有这个地方"}, "place"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(school, head, client, facts, field):
    values = {"category": str(category().pk), "name": "打印机", "quantity": "1", "unit_price": "10"}
    values |= {"acquired_on": "2024-09-01", "acquisition_way": "purchase", "note": "打字的内容"} | facts
    response = client.post(reverse("assets:register:create"), values)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "打字的内容" in response.content.decode()
    assert not AssetCard.objects.exists()


def test_a_number_that_is_taken_is_refused_in_words(school, head, client):
    make_card(school, number="ZC-1")
    values = {"category": str(category().pk), "name": "打印机", "quantity": "1", "unit_price": "10"}
    values |= {"acquired_on": "2024-09-01", "acquisition_way": "purchase", "number": "ZC-1"}
    response = client.post(reverse("assets:register:create"), values)
    assert response.status_code == 422
    assert response.context["form"].non_field_errors()


def test_changing_the_price_without_a_reason_is_refused_and_noted(school, head, client):
    card = make_card(school)
    url = reverse("assets:register:update", args=[card.pk])
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: "" if value is None else str(value) for name, value in values.items()}
    values |= {"unit_price": "99.00"}
    assert client.post(url, values).status_code == 422
    assert ActionLog.objects.get(result="reason_missing").code == "assets.change_asset"
    assert client.post(url, values | {"reason": "录错了"}).status_code == 302
    card.refresh_from_db()
    assert card.unit_price == Decimal("99.00")


def test_a_buildings_own_facts_are_asked_and_kept(school, head, client):
    card = make_card(school, category=category("A01010100"), useful_life_years=50)
    url = reverse("assets:register:update", args=[card.pk])
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: "" if value is None else str(value) for name, value in values.items()}
    client.post(url, values | {"structure": "砖混", "floor_area": "1200.5", "completed_on": "2009-06-30"})
    card.refresh_from_db()
    assert card.extra == {"structure": "砖混", "floor_area": "1200.5", "completed_on": "2009-06-30"}


def test_moving_setting_the_status_and_splitting_by_form(school, head, client):
    card, place = make_card(school, quantity=5), make_place(school)
    client.post(reverse("assets:register:move", args=[card.pk]), {"place": place.pk, "keeper_text": head.display_name})
    client.post(reverse("assets:register:use_status", args=[card.pk]), {"status": "idle", "note": "暑假"})
    response = client.post(reverse("assets:register:split", args=[card.pk]), {"part": "2"})
    card.refresh_from_db()
    part = AssetCard.objects.get(split_from=card)
    assert (card.place, card.keeper, card.use_status, card.quantity) == (place, head, "idle", 3)
    assert response.url == part.get_absolute_url()
    assert client.post(reverse("assets:register:split", args=[card.pk]), {"part": "9"}).status_code == 422


def test_a_card_shows_its_depreciation(school, head, client):
    card = make_card(school, unit_price=Decimal("4500"), acquired_on=date(2015, 3, 31))
    page = client.get(card.get_absolute_url()).content.decode()
    assert "¥62.50" in page
    assert "2021-02" in page


def test_the_table_of_lives_shows_and_takes_the_schools_own(school, head, client):
    url = reverse("assets:register:category_life", args=[category().pk])
    assert client.post(url, {"years": "9"}).status_code == 302
    assert CategoryLife.objects.get().years == 9
    page = client.get(reverse("assets:register:categories"), {"q": "A02021000"})
    assert page.context["rows"] == [(category(), 9)]
    assert client.post(url, {"years": ""}).status_code == 302
    assert not CategoryLife.objects.exists()
    assert client.post(url, {"years": "0"}).status_code == 200


def test_a_schools_own_line_is_set_once_a_day(school, head, client):
    url, facts = reverse("assets:register:threshold"), {"kind": "general", "valid_from": "2025-01-01", "amount": "2000"}
    assert client.post(url, facts).status_code == 302
    assert client.post(url, facts).status_code == 422
    assert AssetThreshold.objects.filter(school=school).count() == 1


@pytest.mark.parametrize(("url", "query"), [("category_options", "dyj"), ("keeper_options", "zhao")])
def test_type_ahead_offers_what_fits(school, head, client, url, query):
    make_person(school, display_name="赵一")
    make_person(make_school(), display_name="赵二")
    page = client.get(
        reverse(f"assets:register:{url}"), {"q": query if url != "keeper_options" else "赵"}
    ).content.decode()
    assert ("打印" in page) if url == "category_options" else ("赵一" in page and "赵二" not in page)


def test_places_that_are_only_written_are_linked_by_a_button(school, head, client):
    card, place = make_card(school, place_text="综合楼操场"), make_place(school, name="综合楼操场")
    client.post(reverse("assets:register:match_places"))
    card.refresh_from_db()
    assert card.place == place


def test_the_export_holds_exactly_what_is_filtered_and_no_formula(
    school, head, client, django_capture_on_commit_callbacks
):
    make_card(school, name="=HYPERLINK(1)", specification="+1", number="@N-1")
    make_card(school, name="空调", number="N-2")
    make_card(make_school(), name="=外校")
    rows = REGISTER.queryset(head, school, QueryDict("q=HYPERLINK"))
    assert [card.name for card in rows] == ["=HYPERLINK(1)"]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("exports:start"), {"kind": "assets.register", "format": "csv", "query": ""})
    text = ExportJob.objects.get().path.read_text(encoding="utf-8-sig")
    assert "外校" not in text
    for cell in text.replace("\r\n", ",").split(","):
        assert not cell.strip('"').startswith(("=", "+", "@"))


def test_every_export_column_exists():
    assert AssetList.model is AssetCard
    assert len({str(column.header) for column in REGISTER.columns}) == len(REGISTER.columns)


def test_what_is_out_of_use_may_stay_when_something_else_moves(client, school, head):
    place, keeper = make_place(school), make_person(school)
    card = make_card(school, place=place)
    close_place(place, by=head)
    url = reverse("assets:register:move", args=[card.pk])
    moved = {"place": place.pk, "keeper": keeper.pk, "department": "", "used_by": ""}
    assert client.post(url, moved).status_code == 302
    card.refresh_from_db()
    assert (card.place, card.keeper) == (place, keeper)
    other = make_card(school)
    assert client.post(reverse("assets:register:move", args=[other.pk]), moved).status_code == 422


def test_only_what_stands_somewhere_can_be_reported_by_its_code(client, school, head):
    for card, is_offered in ((make_card(school), False), (make_card(school, place=make_place(school)), True)):
        url = reverse("schools:qr", args=[card.token])
        assert (f'href="{url}"' in client.get(card.get_absolute_url()).content.decode()) is is_offered
        assert client.get(url).status_code == (302 if is_offered else 404)
