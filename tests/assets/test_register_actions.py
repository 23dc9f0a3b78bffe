"""Registering, changing, moving and splitting: what is done, what is refused, what is written down."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from assets.register import actions
from assets.register.models import AssetCard, AssetCategory, AssetThreshold, CategoryLife
from assets.register.shipped import load_shipped
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.history.models import ActionLog
from tests.assets.register_factories import category, make_card, new_card
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db

Status = AssetCard.UseStatus


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def head(school):
    return make_person(school, "logistics")


def refused(code):
    return pytest.raises(Refused, check=lambda refusal: refusal.code == code)


def log_of(card):
    return list(
        ActionLog.objects.filter(record_kind="assets.assetcard", record_id=card.pk).values_list("code", flat=True)
    )


def test_a_registered_card_gets_number_life_and_cost(school, head):
    card = actions.register_asset(new_card(school, quantity=3, unit_price=Decimal("1500.50")), by=head)
    assert card.number == f"ZC-{timezone.localtime():%y%m}-0001"
    assert card.original_cost == Decimal("4501.50")
    assert card.useful_life_years == 6
    assert card.is_lot
    assert log_of(card) == ["assets.register_asset"]
    assert actions.register_asset(new_card(school), by=head).number.endswith("-0002")


def test_the_schools_own_life_wins_over_the_central_schools_and_the_tables(head):
    central = make_school()
    campus = make_school(parent=central)
    person = make_person(campus, "logistics")
    CategoryLife.objects.create(school=central, category=category(), years=8)
    assert actions.register_asset(new_card(campus), by=person).useful_life_years == 8
    CategoryLife.objects.create(school=campus, category=category(), years=4)
    assert actions.register_asset(new_card(campus), by=person).useful_life_years == 4


@pytest.mark.parametrize("code", ["A04010000", "A06020000", "A01030000"])
def test_books_plants_and_land_are_not_depreciated(school, head, code):
    card = actions.register_asset(new_card(school, category=category(code), useful_life_years=5), by=head)
    assert card.useful_life_years is None
    assert card.depreciation(date(2026, 1, 1)) is None


def test_a_thing_at_nominal_amount_is_not_depreciated(school, head):
    card = new_card(school, value_type=AssetCard.ValueType.NOMINAL, unit_price=Decimal("1.00"))
    assert actions.register_asset(card, by=head).useful_life_years is None


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("acquired_in_future", lambda: {"acquired_on": timezone.localdate() + timedelta(days=1)}),
        ("category_not_registered", lambda: {"category": category("A05040101")}),
        ("place_elsewhere", lambda: {"place": make_place(make_school())}),
        ("keeper_elsewhere", lambda: {"keeper": make_person(make_school())}),
        ("cost_too_large", lambda: {"unit_price": Decimal("99999999999.99"), "quantity": 2}),
        ("extra_invalid", lambda: {"category": category("A01010100"), "extra": {"floor_area": "wide"}}),
    ],
)
def test_what_no_card_may_say_is_refused(school, head, code, facts):
    card = new_card(school, **facts())
    with refused(code):
        actions.register_asset(card, by=head)
    assert not AssetCard.objects.exists()


@pytest.mark.parametrize("role", ["staff", "maintainer", "principal", "accountant", "auditor"])
def test_only_the_head_of_general_affairs_registers(school, role):
    with pytest.raises(NotAllowed):
        actions.register_asset(new_card(school), by=make_person(school, role))
    with pytest.raises(NotAllowed):
        actions.register_asset(new_card(school), by=make_person(make_school(), "logistics"))


def test_extra_facts_that_do_not_fit_the_category_are_dropped(school, head):
    card = new_card(school, category=category("A02030500"), extra={"plate": "云A12345", "structure": "砖混"})
    assert actions.register_asset(card, by=head).extra == {"plate": "云A12345"}


def test_changing_what_the_books_say_needs_a_reason(school, head):
    card = make_card(school)
    with refused("reason_missing"):
        actions.change_asset(card, changes={"unit_price": Decimal("2500.00")}, by=head)
    card = actions.change_asset(card, changes={"unit_price": Decimal("2500.00")}, by=head, reason="发票补到")
    card.refresh_from_db()
    assert card.original_cost == Decimal("2500.00")
    assert ActionLog.objects.get(code="assets.change_asset").detail == "发票补到"


def test_changing_nothing_writes_nothing(school, head):
    card = make_card(school)
    actions.change_asset(card, changes={"name": card.name}, by=head)
    assert log_of(card) == []


def test_a_renamed_card_is_found_by_its_new_initials(school, head):
    card = actions.change_asset(make_card(school), changes={"name": "课桌椅"}, by=head)
    card.refresh_from_db()
    assert "kzy" in card.search_text


def test_moving_names_place_and_keeper_once(school, head):
    card = make_card(school, place_text="综合楼操场", keeper_text="孙静")
    place, keeper = make_place(school), make_person(school)
    actions.move_asset(card, place=place, keeper=keeper, by=head)
    card.refresh_from_db()
    assert (card.place, card.place_text) == (place, "")
    assert (card.keeper, card.keeper_text) == (keeper, "")
    assert "综合楼操场" in ActionLog.objects.get(code="assets.move_asset").detail


def test_moving_to_another_schools_place_is_refused(school, head):
    with refused("place_elsewhere"):
        actions.move_asset(make_card(school), place=make_place(make_school()), keeper=None, by=head)


@pytest.mark.parametrize("before", [status for status in Status if status != Status.DISPOSED])
@pytest.mark.parametrize("after", [status for status in Status if status != Status.DISPOSED])
def test_use_status_from_every_state_to_every_state(school, head, before, after):
    card = make_card(school, use_status=before)
    if before == after:
        with pytest.raises(WrongState, check=lambda refusal: refusal.code == "same_status"):
            actions.set_use_status(card, status=after, by=head)
    else:
        assert actions.set_use_status(card, status=after, by=head).use_status == after


@pytest.mark.parametrize("status", [Status.DISPOSED, "melted"])
def test_disposal_is_no_use_status(school, head, status):
    with refused("status_unknown"):
        actions.set_use_status(make_card(school), status=status, by=head)


@pytest.mark.parametrize(
    "act",
    [
        lambda card, by: actions.change_asset(card, changes={"name": "x"}, by=by),
        lambda card, by: actions.move_asset(card, place=None, keeper=None, by=by),
        lambda card, by: actions.set_use_status(card, status=Status.IDLE, by=by),
        lambda card, by: actions.split_lot(card, quantity=1, by=by),
        lambda card, by: actions.set_photo(card, photo=None, by=by),
    ],
)
def test_a_closed_card_changes_no_more_and_strangers_change_none(school, head, act):
    closed = make_card(school, use_status=Status.DISPOSED, quantity=5)
    with pytest.raises(WrongState, check=lambda refusal: refusal.code == "disposed"):
        act(closed, head)
    for stranger in (make_person(school, "principal"), make_person(make_school(), "logistics")):
        with pytest.raises(NotAllowed):
            act(make_card(school, quantity=5), stranger)


def test_a_split_keeps_quantity_and_cost_exact(school, head):
    lot = make_card(school, quantity=50, unit_price=Decimal("239.98"), serial_number="SN1", extra={})
    part = actions.split_lot(lot, quantity=7, by=head)
    lot.refresh_from_db()
    assert (lot.quantity, part.quantity) == (43, 7)
    assert lot.original_cost + part.original_cost == Decimal("11999.00")
    assert part.number != lot.number
    assert part.token != lot.token
    assert part.serial_number == ""
    assert part.split_from == lot
    assert log_of(lot) == ["assets.split_lot"]


@pytest.mark.parametrize(
    ("have", "take", "code"), [(1, 1, "not_a_lot"), (3, 0, "quantity_out_of_range"), (3, 3, "quantity_out_of_range")]
)
def test_what_cannot_be_split(school, head, have, take, code):
    with refused(code):
        actions.split_lot(make_card(school, quantity=have), quantity=take, by=head)


def test_written_places_find_their_place(school, head):
    here, there = make_card(school, place_text="综合楼操场"), make_card(school, place_text="别处")
    place = make_place(school, name="综合楼操场")
    assert actions.match_places(school, by=head) == 1
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.place, here.place_text) == (place, "")
    assert there.place_text == "别处"


def test_a_schools_life_is_set_changed_and_taken_back(school, head):
    for years in (7, 9):
        actions.set_category_life(category(), school=school, years=years, by=head)
        assert CategoryLife.objects.holding_at(school) == {category().pk: years}
    actions.set_category_life(category(), school=school, years=None, by=head)
    assert not CategoryLife.objects.exists()


@pytest.mark.parametrize(
    ("on", "special", "amount"),
    [(date(2021, 5, 1), False, "1000"), (date(2021, 5, 1), True, "1500"), (date(2022, 3, 1), True, "1000")],
)
def test_the_national_thresholds_ship_with_their_dates(school, on, special, amount):
    assert AssetThreshold.objects.line(school, on, special=special).amount == Decimal(amount)


def test_a_schools_own_threshold_wins_from_its_day(school, head):
    actions.set_threshold(school=school, kind="general", valid_from=date(2025, 1, 1), amount=Decimal("2000"), by=head)
    assert AssetThreshold.objects.line(school, date(2024, 12, 31)).amount == Decimal("1000")
    assert AssetThreshold.objects.line(school, date(2025, 1, 1)).amount == Decimal("2000")


def test_loading_the_shipped_tables_twice_doubles_nothing():
    before = AssetCategory.objects.count()
    assert load_shipped(AssetCategory, AssetThreshold) == before == 193


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("original_cost = 1", "assets_assetcard_cost"),
        ("quantity = 0, original_cost = 0", "assets_assetcard_quantity"),
        ("unit_price = 0, original_cost = 0", "assets_assetcard_price"),
        ("use_status = 'melted'", "assets_assetcard_status"),
        ("useful_life_years = 101", "assets_assetcard_years"),
        ("value_type = 'nominal', useful_life_years = NULL", "assets_assetcard_nominal"),
        ("value_type = 'nominal', unit_price = 1, original_cost = 1", "assets_assetcard_nominal_life"),
        ("warranty_until = '2000-01-01'", "assets_assetcard_warranty"),
        ("number = ''", "assets_assetcard_number_given"),
        ("number = 'TAKEN'", "assets_assetcard_number"),
        ("place_text = 'x'", "assets_assetcard_one_place"),
        ("keeper_text = 'x'", "assets_assetcard_one_keeper"),
    ],
)
def test_the_database_refuses_what_no_card_may_say(school, change, constraint):
    make_card(school, number="TAKEN")
    card = make_card(school, place=make_place(school), keeper=make_person(school))
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE assets_assetcard SET {change} WHERE id = %s", [card.pk])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"acquired_on": date(24, 9, 1)}, "acquired_too_early"),
        ({"booked_on": date(9999, 12, 31)}, "booked_out_of_range"),
        ({"booked_on": date(1, 1, 1)}, "booked_out_of_range"),
    ],
)
def test_days_that_cannot_be_right_are_refused(school, head, fields, code):
    """A day of booking far ahead would let the last month of depreciation fall out of the calendar."""
    with refused(code):
        actions.register_asset(new_card(school, **fields), by=head)
    with refused(code):
        actions.change_asset(make_card(school), changes=fields, by=head, reason="更正")


def test_a_keeper_who_is_gone_hinders_no_other_change(school, head):
    keeper, place = make_person(school), make_place(school)
    card = make_card(school, keeper=keeper)
    keeper.memberships.update(until=date(2021, 1, 1))
    assert actions.change_asset(card, changes={"note": "换了墨盒"}, by=head).note == "换了墨盒"
    moved = actions.move_asset(card, place=place, keeper=keeper, by=head)
    assert (moved.place, moved.keeper) == (place, keeper)
    with refused("keeper_elsewhere"):
        actions.move_asset(make_card(school), place=place, keeper=keeper, by=head)


def test_hand_over_is_for_who_lets_people_leave(school):
    officer, leaver, heir = make_person(school, "central_officer"), make_person(school), make_person(school)
    card = make_card(school, keeper=leaver)
    assert actions.hand_over(card, to=heir, by=officer).keeper == heir
    assert log_of(card) == ["assets.move_asset"]
    with refused("keeper_elsewhere"):
        actions.hand_over(card, to=make_person(make_school()), by=officer)
    with pytest.raises(NotAllowed):
        actions.hand_over(card, to=leaver, by=make_person(school, "principal"))


def test_matching_places_costs_the_same_for_few_and_many(school, head, django_assert_max_num_queries):
    for n in range(30):
        make_place(school, name=f"{n}号室")
        make_card(school, place_text=f"{n}号室")
    with django_assert_max_num_queries(10):
        assert actions.match_places(school, by=head) == 30
    assert not AssetCard.objects.exclude(place_text="").exists()
    assert AssetCard.objects.filter(search_text__contains="28号室").count() == 1
