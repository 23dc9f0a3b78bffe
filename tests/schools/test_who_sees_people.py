"""Who sees whom, who looks after an account, and whom a permission means."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.translation import gettext

from houqin.errors import NotAllowed
from houqin.schools.found import find_people
from houqin.schools.people import actions, people_with
from houqin.schools.people.leaving import leave
from houqin.schools.people.visible import may_look_after, people_visible_to
from tests.schools.factories import make_membership, make_person, make_school, make_user, today

pytestmark = pytest.mark.django_db


def test_who_looks_after_an_account(central, campus, officer, head):
    other_head = make_person(make_school(parent=central), "logistics")
    teacher, principal = make_person(campus, "staff"), make_person(campus, "principal")
    assert may_look_after(head, teacher)
    assert may_look_after(officer, teacher)
    assert may_look_after(officer, principal)
    assert not may_look_after(head, principal)
    assert not may_look_after(head, head)
    assert not may_look_after(head, officer)
    assert not may_look_after(other_head, teacher)
    assert not may_look_after(head, make_user())


def test_an_account_of_two_campuses_is_the_central_schools(central, campus, officer, head):
    teacher = make_person(campus, "staff")
    elsewhere = make_membership(teacher, make_school(parent=central), "staff")
    assert not may_look_after(head, teacher)
    assert may_look_after(officer, teacher)
    elsewhere.until = today() - timedelta(days=1)
    elsewhere.save()
    assert may_look_after(head, teacher)


def test_contacts_and_codes_of_leaders_are_out_of_reach(campus, head):
    principal = make_person(campus, "principal")
    for attempt in (
        lambda: actions.make_code(principal, by=head),
        lambda: leave(principal, last_day=today(), by=head),
        lambda: actions.update_person(
            principal, display_name="甲", username="x1", phone="", staff_number="", email="me@example.com", by=head
        ),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.code == "not_in_charge"


def test_people_with(central, campus, officer, head):
    fixer = make_person(campus, "maintainer", display_name="徐刚")
    make_person(central, "maintainer")
    make_person(campus, "maintainer", is_active=False)
    former = make_person(campus, "maintainer")
    former.memberships.update(until=date(2021, 1, 1))
    assert set(people_with("assets.work_repair", campus)) == {fixer, head}
    assert set(people_with("schools.manage_people", campus)) == {head}
    assert set(people_with("schools.manage_people", campus, include_central=True)) == {head, officer}
    assert set(people_with("assets.triage_repair", campus, include_central=True)) == {head}


def test_visible_people(central, campus, officer, head):
    teacher = make_person(campus, "staff")
    stranger = make_person(make_school(parent=central), "staff")
    assert set(people_visible_to(head)) == {teacher, head}
    assert {teacher, stranger, officer, head} == set(people_visible_to(officer))
    assert set(people_visible_to(officer, central)) == {officer}
    assert not people_visible_to(teacher).exists()


def test_the_search_over_everything_finds_people_only_for_those_who_may_see_them(campus, head):
    fixer = make_person(campus, "maintainer", display_name="马成")
    make_person(make_school(), "staff", display_name="马成")
    assert [found.url for found in find_people(head, campus, "mc")] == [
        reverse("schools:people:detail", args=[fixer.pk])
    ]
    assert not find_people(fixer, campus, "mc")


def test_readers_are_not_told_who_looks_after_accounts(client, campus, head):
    teacher, principal = make_person(campus, "staff"), make_person(campus, "principal")
    hint = gettext(
        "This account is looked after by the central school, since the person leads or also serves elsewhere."
    )
    client.force_login(principal)
    assert hint not in client.get(reverse("schools:people:detail", args=[teacher.pk])).content.decode()
    client.force_login(head)
    assert hint not in client.get(reverse("schools:people:detail", args=[teacher.pk])).content.decode()
    assert hint in client.get(reverse("schools:people:detail", args=[principal.pk])).content.decode()
