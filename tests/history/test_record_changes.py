"""The changes of one record: a piece of its page, read when somebody unfolds it."""

import pytest
from django.urls import reverse

from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db


def address(place, label="schools.place"):
    return reverse("history:changes", args=[label, place.pk])


@pytest.fixture
def place():
    place = make_place(make_school(), name="旧名室")
    place.name = "新名室"
    place.save()
    return place


def test_a_record_page_leads_to_its_changes_and_reads_none(client, place):
    client.force_login(make_person(place.school, "logistics"))
    page = client.get(place.get_absolute_url())
    assert f'hx-get="{address(place)}"' in page.text
    assert "旧名室" not in page.text


def test_the_piece_says_before_and_after(client, place):
    client.force_login(make_person(place.school, "logistics"))
    piece = client.get(address(place), headers={"HX-Request": "true"})
    assert "旧名室" in piece.text
    assert "新名室" in piece.text
    assert "<html" not in piece.text


def test_without_scripts_it_is_a_page(client, place):
    client.force_login(make_person(place.school, "logistics"))
    page = client.get(address(place))
    assert "<html" in page.text
    assert "旧名室" in page.text


@pytest.mark.parametrize("label", ["schools.place", "accounts.user", "schools.nothing", "nothing", "notices.notice"])
def test_who_may_not_see_the_record_sees_no_changes(client, place, label):
    client.force_login(make_person(make_school(), "logistics"))
    assert client.get(address(place, label)).status_code == 404
