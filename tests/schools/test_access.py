import pytest

from houqin.schools.access import access_of
from houqin.schools.models import Place
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db


def test_central_roles_reach_the_schools_below():
    central = make_school()
    campus = make_school(parent=central)
    officer = make_person(central, "central_officer")
    assert set(access_of(officer).schools) == {central.pk, campus.pk}
    assert officer.has_perm("schools.manage_places", campus)


def test_other_roles_stay_at_their_school():
    central = make_school()
    campus = make_school(parent=central)
    head = make_person(central, "logistics")
    assert head.has_perm("schools.manage_places", central)
    assert not head.has_perm("schools.manage_places", campus)


def test_places_of_another_campus_are_invisible():
    ours, theirs = make_school(), make_school()
    make_place(theirs)
    here = make_place(ours)
    assert list(Place.objects.visible_to(make_person(ours))) == [here]


def test_access_costs_one_query(django_assert_num_queries):
    central = make_school()
    for _ in range(3):
        make_school(parent=central)
    officer = make_person(central, "central_officer")
    with django_assert_num_queries(1):
        access_of(officer)
        officer.has_perm("schools.manage_places", central)
