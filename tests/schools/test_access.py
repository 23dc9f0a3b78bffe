from datetime import date

import pytest

from houqin.schools.access import access_of, person
from houqin.schools.models import Membership, Place
from tests.schools.factories import make_person, make_place, make_school, make_user

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


def test_a_person_comes_with_what_one_reaches(django_assert_num_queries):
    central = make_school()
    campus = make_school(parent=central)
    officer = make_person(central, "central_officer")
    with django_assert_num_queries(1):
        known = person(officer.pk)
        assert known == officer
        assert known.get_session_auth_hash() == officer.get_session_auth_hash()
        access = access_of(known)
    assert access == access_of(officer)
    assert (list(access.schools.values()), set(access.own_roles)) == ([central, campus], {central.pk})


def test_a_person_without_a_role_is_a_person_who_reaches_nothing():
    known = person(make_user().pk)
    assert known is not None
    assert not access_of(known).schools


def test_a_role_that_is_over_reaches_nothing():
    school = make_school()
    left = make_person(school)
    Membership.objects.filter(user=left).update(since=date(2020, 1, 1), until=date(2020, 7, 1))
    assert not access_of(person(left.pk)).schools


def test_who_is_switched_off_is_nobody():
    off = make_user(is_active=False)
    assert person(off.pk) is None
    assert person(0) is None
