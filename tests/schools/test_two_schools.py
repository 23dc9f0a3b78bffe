"""A person who serves two schools: one acts for one of them, and follows links to records of the other."""

import pytest
from django.urls import reverse

from tests.assets.register_factories import make_card
from tests.schools.factories import make_membership, make_person, make_place, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def there():
    return make_school()


@pytest.fixture
def head_there(client, there):
    """Head of general affairs there, but a teacher at the school that one acts for."""
    here = make_school()
    person = make_person(here, "staff")
    make_membership(person, there, "logistics")
    client.force_login(person)
    client.post(reverse("schools:switch"), {"school": here.pk})
    return person


def pages_of(school):
    card, place, person = make_card(school), make_place(school), make_person(school)
    return [
        card.get_absolute_url(),
        reverse("assets:register:update", args=[card.pk]),
        place.get_absolute_url(),
        reverse("schools:places:update", args=[place.pk]),
        reverse("schools:people:detail", args=[person.pk]),
        reverse("schools:people:update", args=[person.pk]),
        reverse("schools:people:give_post", args=[person.pk]),
    ]


def test_a_link_to_the_other_school_is_followed(client, head_there, there):
    assert [client.get(url).status_code for url in pages_of(there)] == [200] * 7
    assert client.get(reverse("schools:people:list")).status_code == 403


def test_what_one_may_do_there_is_not_allowed_here(client, head_there):
    here = client.get("/").wsgi_request.acting.school
    answers = [client.get(url).status_code for url in pages_of(here)]
    # A place of one's school is everybody's to see; nothing else is.
    assert answers == [404, 404, 200, 403, 404, 404, 404]


def test_a_third_school_stays_out_of_sight(client, head_there):
    assert [client.get(url).status_code for url in pages_of(make_school())] == [404] * 7
