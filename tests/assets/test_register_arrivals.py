"""What arrives goes on the register by the hand of whoever counts it; what comes later joins the same lot."""

from decimal import Decimal

import pytest

from assets.register import actions
from assets.register.models import AssetCard
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.history.models import ActionLog
from tests.assets.register_factories import make_card, new_card
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def maintainer(school):
    return make_person(school, "maintainer")


def refused(code):
    return pytest.raises(Refused, check=lambda refusal: refusal.code == code)


def test_who_counts_a_delivery_puts_it_on_the_register_without_keeping_the_register(school, maintainer):
    card = actions.take_in(new_card(school, quantity=48, unit_price=Decimal("218.00")), by=maintainer)
    assert card.number
    assert card.useful_life_years == 6
    with pytest.raises(NotAllowed):
        actions.register_asset(new_card(school), by=maintainer)


def test_what_comes_later_joins_the_lot_and_the_log_says_so(school, maintainer):
    card = actions.take_in(new_card(school, quantity=48, unit_price=Decimal("218.00")), by=maintainer)
    actions.add_to_lot(card, quantity=2, by=maintainer, reason="CD-2611-0001")
    card.refresh_from_db()
    assert (card.quantity, card.original_cost) == (50, Decimal("10900.00"))
    assert AssetCard.objects.count() == 1
    assert ActionLog.objects.get(code="assets.add_to_lot").detail == "+2; CD-2611-0001"


@pytest.mark.parametrize("role", ["staff", "principal", "auditor"])
def test_others_take_nothing_in(school, role):
    person = make_person(school, role)
    with pytest.raises(NotAllowed):
        actions.take_in(new_card(school), by=person)
    with pytest.raises(NotAllowed):
        actions.add_to_lot(make_card(school), quantity=1, by=person, reason="")


def test_nothing_is_taken_in_at_another_campus(maintainer):
    with pytest.raises(NotAllowed):
        actions.take_in(new_card(make_school()), by=maintainer)


def test_a_lot_grows_by_at_least_one_and_only_while_it_is_on_the_register(school, maintainer):
    with refused("quantity_out_of_range"):
        actions.add_to_lot(make_card(school), quantity=0, by=maintainer, reason="")
    gone = make_card(school, use_status="disposed")
    with pytest.raises(WrongState):
        actions.add_to_lot(gone, quantity=1, by=maintainer, reason="")
