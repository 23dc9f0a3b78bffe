"""People and their posts: made, appointed, ended; who may do that."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from houqin.errors import NotAllowed, Refused, WrongState
from houqin.history.models import ActionLog
from houqin.schools import renames
from houqin.schools.models import Membership
from houqin.schools.organisation.actions import close_school
from houqin.schools.people import actions
from houqin.schools.roles import LEADING_ROLES, Role
from tests.schools.factories import make_membership, make_person, make_user, today

pytestmark = pytest.mark.django_db


def create(school, by, **fields):
    return actions.create_person(
        school, **{"display_name": "曹超娜", "role": "staff", "since": date(2026, 9, 1)} | fields, by=by
    )


def refused_by(name, sql, params):
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_create_person_with_a_post_and_no_password(campus, head):
    person = create(campus, head, phone="138 0000 1234")
    assert person.username == "caochaona"
    assert person.phone == "13800001234"
    assert not person.has_usable_password()
    assert list(person.memberships.values_list("school", "role")) == [(campus.pk, "staff")]
    assert ActionLog.objects.filter(code="schools.create_person", school=campus, user=head).exists()
    assert create(campus, head).username == "caochaona2"


@pytest.mark.parametrize("role", sorted(LEADING_ROLES))
def test_leading_posts_are_given_by_the_central_school(campus, head, officer, role):
    with pytest.raises(NotAllowed) as refused:
        create(campus, head, role=role)
    assert refused.value.code == "leading_post"
    assert create(campus, officer, role=role).memberships.get().role == role


def test_nobody_gives_oneself_a_post(campus, officer):
    with pytest.raises(Refused) as refused:
        actions.give_post(officer, school=campus, role="principal", since=today(), by=officer)
    assert refused.value.code == "own_post"


@pytest.mark.parametrize("role", [role for role in Role if role not in ("logistics", "central_officer")])
def test_who_has_no_office_appoints_nobody(campus, role):
    person = make_person(campus, role)
    with pytest.raises(NotAllowed):
        create(campus, person)


def test_a_role_acts_on_the_next_request(client, campus, head):
    person = make_person(campus, "staff")
    client.force_login(person)
    assert client.get(reverse("schools:people:list")).status_code == 403
    post = make_membership(person, campus, "logistics")
    assert client.get(reverse("schools:people:list")).status_code == 200
    post.until = today() - timedelta(days=1)
    post.save()
    assert client.get(reverse("schools:people:list")).status_code == 403


def test_end_post(campus, head):
    post = make_membership(make_user(), campus, "staff")
    ended = actions.end_post(post, until=today(), by=head)
    assert ended.until == today()
    with pytest.raises(WrongState) as wrong:
        actions.end_post(post, until=today(), by=head)
    assert wrong.value.code == "already_ended"
    with pytest.raises(Refused) as refused:
        actions.end_post(ended, until=date(2019, 1, 1), by=head)
    assert refused.value.code == "ends_before_start"


def test_leading_posts_are_ended_by_the_central_school(campus, head, officer):
    post = make_membership(make_user(), campus, "principal")
    with pytest.raises(NotAllowed) as refused:
        actions.end_post(post, until=today(), by=head)
    assert refused.value.code == "leading_post"
    assert actions.end_post(post, until=today(), by=officer).until == today()


def test_the_last_who_manages_people_stays(central, campus, officer):
    post = officer.memberships.get()
    with pytest.raises(Refused) as refused:
        actions.end_post(post, until=today(), by=officer)
    assert refused.value.code == "last_manager"
    make_person(campus, "central_officer")  # reaches only the campus
    with pytest.raises(Refused):
        actions.end_post(post, until=today(), by=officer)
    make_person(central, "central_officer", is_active=False)
    with pytest.raises(Refused):
        actions.end_post(post, until=today(), by=officer)
    make_person(central, "central_officer")
    assert actions.end_post(post, until=today(), by=officer).until == today()


def test_a_head_may_go_while_the_central_school_reaches_the_campus(campus, officer, head):
    assert actions.end_post(head.memberships.get(), until=today(), by=officer).until == today()


def test_withdraw_post(campus, head):
    person = make_person(campus, "staff")
    wrong = make_membership(person, campus, "maintainer", since=today())
    actions.withdraw_post(wrong, by=head)
    assert not Membership.objects.filter(pk=wrong.pk).exists()
    with pytest.raises(Refused) as refused:
        actions.withdraw_post(person.memberships.get(), by=head)
    assert refused.value.code == "too_late"
    newcomer = create(campus, head, since=today())
    with pytest.raises(Refused) as refused:
        actions.withdraw_post(newcomer.memberships.get(), by=head)
    assert refused.value.code == "only_post"


def test_update_person_tells_who_keeps_the_name(campus, head):
    person = make_person(campus, "staff")
    told_of = []
    renames.register("test", lambda kind, ids: told_of.append((kind, ids)))
    told = {name: getattr(person, name) for name in ("username", "phone", "staff_number", "email")}
    try:
        actions.update_person(person, display_name="罗建平", **told, by=head)
        actions.update_person(person, display_name="罗建平", **told | {"phone": "0851-1234567"}, by=head)
    finally:
        del renames._refreshers["test"]
    person.refresh_from_db()
    assert "ljp" in person.search_text
    assert "08511234567" in person.search_text
    assert told_of == [("person", [person.pk])]


def test_constraints(campus):
    post = make_membership(make_user(), campus, "staff")
    change = "UPDATE schools_membership SET {} WHERE id = %s"
    refused_by("schools_membership_dates", change.format("until = '2000-01-01'"), [post.pk])
    refused_by("schools_membership_role", change.format("role = 'king'"), [post.pk])
    refused_by(
        "schools_membership_once",
        "INSERT INTO schools_membership (user_id, school_id, role, since) VALUES (%s, %s, 'staff', '2026-01-01')",
        [post.user_id, campus.pk],
    )


def test_nobody_gets_a_post_at_a_closed_school(client, central, campus, officer):
    person = make_person(central, "staff")
    close_school(campus, by=officer)
    with pytest.raises(Refused) as refused:
        actions.give_post(person, school=campus, role="staff", since=today(), by=officer)
    assert refused.value.code == "school_closed"
    client.force_login(officer)
    form = client.get(reverse("schools:people:give_post", args=[person.pk])).context["form"]
    assert set(form.fields["school"].queryset) == {central}
    assert client.get(reverse("schools:people:create")).context["schools"] == [central]
