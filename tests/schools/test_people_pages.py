"""The pages of people: list, forms, slips with codes."""

from datetime import date

import pytest
from django.urls import reverse

from houqin.accounts.models import OneTimeCode, User
from houqin.errors import NotAllowed
from houqin.schools import handover
from houqin.schools.models import Membership
from houqin.schools.roles import LEADING_ROLES
from tests.schools.factories import make_membership, make_person, make_school, today
from tests.schools.pages import queries_of

pytestmark = pytest.mark.django_db


def test_list(client, campus, head):
    make_person(campus, "maintainer", display_name="徐刚", phone="13800005678")
    left = make_person(campus, "staff")
    left.memberships.update(until=date(2021, 1, 1))
    stranger = make_person(make_school(), "staff")
    client.force_login(head)

    def names(**query):
        return [person.display_name for person in client.get(reverse("schools:people:list"), query).context["rows"]]

    assert names(q="xg") == names(q="5678") == names(role="maintainer") == ["徐刚"]
    assert names(chip="left") == [left.display_name]
    assert stranger.display_name not in names()
    assert client.get(reverse("schools:people:detail", args=[stranger.pk])).status_code == 404


def test_pages_cost_the_same_for_many_rows(client, campus, head):
    person = make_person(campus, "staff")
    client.force_login(head)
    urls = [reverse("schools:people:list"), reverse("schools:people:detail", args=[person.pk])]
    before = [queries_of(client, url) for url in urls]
    for n in range(49):
        make_person(campus, "staff")
        make_membership(person, campus, "maintainer", since=date(1900 + n, 1, 1), until=date(1900 + n, 2, 1))
    assert [queries_of(client, url) for url in urls] == before
    assert before[0] <= 6
    assert before[1] <= 9


def test_create_by_form(client, campus, head):
    client.force_login(head)
    form = client.get(reverse("schools:people:create")).context["form"]
    assert not LEADING_ROLES & {value for value, _label in form.fields["role"].choices}
    told = {"display_name": "余斌", "role": "maintainer", "since": "2026-09-01", "phone": "139-0000-1111"}
    answer = client.post(reverse("schools:people:create"), told)
    person = User.objects.get(display_name="余斌")
    assert answer.url == reverse("schools:people:detail", args=[person.pk])
    answer = client.post(reverse("schools:people:create"), told | {"display_name": "余小斌", "phone": "13900001111"})
    assert answer.status_code == 422
    answer = client.post(reverse("schools:people:create"), told | {"role": "principal", "phone": ""})
    assert answer.status_code == 422
    assert User.objects.filter(display_name__startswith="余").count() == 1


def test_post_by_form(client, campus, officer, head):
    person = make_person(campus, "staff")
    client.force_login(officer)
    url = reverse("schools:people:give_post", args=[person.pk])
    told = {"school": campus.pk, "role": "maintainer", "since": "2026-09-01", "until": ""}
    assert client.post(url, told).status_code == 302
    answer = client.post(url, told)
    assert answer.status_code == 422
    assert person.memberships.count() == 2
    assert client.post(url, told | {"school": make_school().pk}).status_code == 422


def test_end_post_by_form(client, campus, officer, head):
    person = make_person(campus, "staff")
    post = make_membership(person, campus, "maintainer", since=today())
    client.force_login(head)
    url = reverse("schools:people:end_post", args=[post.pk])
    assert client.post(url, {"until": "2001-01-01"}).status_code == 422
    assert client.post(url, {"until": today().isoformat()}).status_code == 302
    answer = client.post(reverse("schools:people:withdraw_post", args=[post.pk]))
    assert answer.url == reverse("schools:people:detail", args=[person.pk])
    assert not Membership.objects.filter(pk=post.pk).exists()
    leader = make_membership(person, campus, "principal")
    assert client.get(reverse("schools:people:end_post", args=[leader.pk])).status_code == 403


def test_code_slip(client, campus, head):
    person = make_person(campus, "staff")
    client.force_login(head)
    url = reverse("schools:people:one_time_code", args=[person.pk])
    assert client.get(url).url == reverse("schools:people:detail", args=[person.pk])
    assert not OneTimeCode.objects.exists()
    answer = client.post(url)
    assert answer.context["slip"].code in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    principal = make_person(campus, "principal")
    assert client.post(reverse("schools:people:one_time_code", args=[principal.pk])).status_code == 403
    gone = make_person(campus, "staff", is_active=False)
    assert client.post(reverse("schools:people:one_time_code", args=[gone.pk])).status_code == 409


def test_options(client, campus, head):
    fixer = make_person(campus, "maintainer", display_name="马成")
    make_person(campus, "staff", display_name="马超")
    make_person(make_school(), "staff", display_name="马平")
    client.force_login(head)
    found = client.get(reverse("schools:people:options"), {"q": "马"}).content.decode()
    assert found.count('role="option"') == 2
    found = client.get(reverse("schools:people:options"), {"q": "马", "may": "assets.work_repair"}).content.decode()
    assert found.count('role="option"') == 1
    assert f'data-value="{fixer.pk}"' in found
    client.force_login(fixer)
    assert client.get(reverse("schools:people:options"), {"q": "马"}).status_code == 403


def test_things_at_a_school_out_of_reach_are_said_in_words(client, campus, head):
    def hand_over(person, to, *, by):
        raise NotAllowed()

    leaver = make_person(campus, "staff")
    handover.register("test_far", "canary far", lambda person: [handover.OpenThing("远处的门")], hand_over)
    try:
        client.force_login(head)
        url = reverse("schools:people:leave", args=[leaver.pk])
        answer = client.post(url, {"to": head.pk, "last_day": today().isoformat()})
    finally:
        del handover._kinds["test_far"]
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors().as_data()[0].code == "open_elsewhere"
    leaver.refresh_from_db()
    assert leaver.is_active
