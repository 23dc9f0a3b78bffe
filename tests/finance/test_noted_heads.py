"""The heads of all chains are noted by night, and stand on the pages where months are closed."""

from datetime import date

import pytest
from django.urls import reverse

from finance.ledger import actions
from finance.ledger.models import ChainHead
from finance.ledger.tasks import note_heads
from houqin.celery import app
from tests.finance.ledger_factories import YEAR, Office, books_of
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    office = Office()
    office.opening(1000)
    return office


def neighbour_of(office):
    """Books of another campus of the same central school."""
    other = Office.__new__(Office)
    campus = make_school(parent=office.central)
    # Where somebody reaches is asked once and kept.
    office.chief = type(office.chief).objects.get(pk=office.chief.pk)
    other.__dict__ = {**office.__dict__, "school": campus, "campus": campus}
    other.accountant = make_person(campus, "accountant")
    other.ledger = actions.open_ledger(campus, kind="main", year=YEAR, by=office.chief)
    other.opening(5)
    return other


def test_the_schedule_notes_the_heads_every_night():
    beat = app.conf.beat_schedule["ledger-note-heads"]
    assert app.tasks[beat["task"]].name == note_heads.name
    assert (beat["schedule"].hour, beat["schedule"].minute, len(beat["schedule"].day_of_week)) == ({23}, {50}, 7)
    assert app.conf.timezone == "Asia/Shanghai"


def test_every_chain_is_noted_where_it_stands(office):
    other, empty = neighbour_of(office), Office()
    assert note_heads.delay().get() == 2
    noted = dict(ChainHead.objects.values_list("ledger", "hash"))
    assert noted == {one.ledger.pk: books_of(one).chain_head for one in (office, other)}
    assert empty.ledger.pk not in noted
    office.post(office.payment(1))
    assert note_heads.delay().get() == 1
    assert ChainHead.objects.filter(ledger=office.ledger).count() == 2


def test_who_closes_sees_the_heads_of_all_chains(client, office):
    other, stranger = neighbour_of(office), Office()
    stranger.opening(3)
    note_heads.delay()
    office.post(office.payment(1, on=date(YEAR, 1, 3)))
    note_heads.delay()
    client.force_login(office.chief)
    text = client.get(reverse("finance:ledger:close", args=[office.period(1).pk])).text
    first, last = ChainHead.objects.filter(ledger=office.ledger).order_by("position")
    assert last.hash in text
    assert first.hash not in text
    assert ChainHead.objects.get(ledger=other.ledger).hash in text
    assert ChainHead.objects.get(ledger=stranger.ledger).hash not in text


def test_a_campus_sees_its_own(client, office):
    other = neighbour_of(office)
    note_heads.delay()
    client.force_login(office.principal)
    text = client.get(reverse("finance:ledger:periods")).text
    assert ChainHead.objects.get(ledger=office.ledger).hash in text
    assert ChainHead.objects.get(ledger=other.ledger).hash not in text


def test_december_says_that_results_are_not_transferred(client):
    office = Office(year=2024)
    office.opening(1000)
    office.post(office.payment(1, on=date(2024, 5, 3)))
    office.close_through(11, 2024)
    client.force_login(office.chief)
    address = reverse("finance:ledger:close", args=[office.period(12, 2024).pk])
    carry = reverse("finance:ledger:carry", args=[office.ledger.pk, 2024])
    assert carry in client.get(address).text
    client.post(address)
    assert office.period(12, 2024).is_open
    office.post(actions.draft_results(office.ledger, 2024, by=office.accountant))
    assert carry not in client.get(address).text
    client.post(address)
    assert not office.period(12, 2024).is_open
