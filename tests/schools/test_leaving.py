"""Who leaves hands over what is open, and may come back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.history.models import ActionLog
from houqin.schools import handover
from houqin.schools.access import access_of
from houqin.schools.people import actions
from houqin.schools.people.leaving import leave
from tests.schools.factories import make_membership, make_person, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_jobs():
    """Things of a room above, as it would register them."""
    jobs = {}

    def find(person):
        return [handover.OpenThing(title) for title in jobs.get(person.pk, [])]

    def hand_over(person, to, *, by):
        moved = jobs.pop(person.pk)
        jobs.setdefault(to.pk, []).extend(moved)
        return len(moved)

    handover.register("test_jobs", "canary jobs", find, hand_over)
    yield jobs
    del handover._kinds["test_jobs"]


def test_leaving_hands_over_ends_posts_and_switches_off(campus, head, open_jobs):
    leaver, heir = make_person(campus, "maintainer"), make_person(campus, "maintainer")
    make_membership(leaver, campus, "staff", since=today() + timedelta(days=3))
    open_jobs[leaver.pk] = ["插座", "门锁"]
    with pytest.raises(Refused) as refused:
        leave(leaver, last_day=today(), by=head)
    assert refused.value.code == "open_things"
    left = leave(leaver, last_day=today() - timedelta(days=2), to=heir, by=head)
    assert open_jobs == {heir.pk: ["插座", "门锁"]}
    assert not left.is_active
    assert set(left.memberships.values_list("until", flat=True)) == {
        today() - timedelta(days=2),
        today() + timedelta(days=3),
    }
    assert not access_of(User.objects.get(pk=left.pk)).schools
    with pytest.raises(WrongState) as wrong:
        leave(leaver, last_day=today(), by=head)
    assert wrong.value.code == "already_left"
    assert ActionLog.objects.filter(code="schools.leave", school=campus).exists()


def test_leaving_is_refused_whole(campus, head, officer, open_jobs):
    leaver = make_person(campus, "maintainer")
    open_jobs[leaver.pk] = ["插座"]
    gone = make_person(campus, "staff", is_active=False)
    for change, code in (
        ({"to": gone}, "cannot_take"),
        ({"to": leaver}, "cannot_take"),
        ({"to": head, "last_day": today() + timedelta(days=1)}, "last_day_ahead"),
    ):
        with pytest.raises(Refused) as refused:
            leave(leaver, **{"last_day": today(), "by": head} | change)
        assert refused.value.code == code
    handover.register("test_stuck", "canary stuck", lambda person: [handover.OpenThing("账未结")])
    try:
        with pytest.raises(Refused) as refused:
            leave(leaver, last_day=today(), to=head, by=head)
    finally:
        del handover._kinds["test_stuck"]
    assert refused.value.code == "settle_first"
    leaver.refresh_from_db()
    assert leaver.is_active
    assert open_jobs == {leaver.pk: ["插座"]}
    with pytest.raises(Refused) as refused:
        leave(officer, last_day=today(), by=officer)
    assert refused.value.code == "own_leaving"


def test_coming_back(campus, head):
    person = make_person(campus, "staff")
    leave(person, last_day=today(), by=head)
    with pytest.raises(Refused) as refused:
        actions.give_post(person, school=campus, role="staff", since=today() + timedelta(days=1), by=head)
    assert refused.value.code == "switched_off"
    actions.switch_on(person, by=head)
    actions.give_post(person, school=campus, role="staff", since=today() + timedelta(days=1), by=head)
    with pytest.raises(WrongState) as wrong:
        actions.switch_on(person, by=head)
    assert wrong.value.code == "already_on"


def test_leave_by_form(client, campus, head, open_jobs):
    leaver, heir = make_person(campus, "maintainer"), make_person(campus, "maintainer", display_name="马成")
    open_jobs[leaver.pk] = ["canary-socket"]
    client.force_login(head)
    url = reverse("schools:people:leave", args=[leaver.pk])
    page = client.get(url)
    assert "canary-socket" in page.content.decode()
    assert "hq-say amber" not in page.content.decode()
    assert "to" in page.context["form"].fields
    assert client.post(url, {"last_day": today().isoformat()}).status_code == 422
    assert client.post(url, {"last_day": today().isoformat(), "to_text": "马成"}).status_code == 302
    assert open_jobs == {heir.pk: ["canary-socket"]}
    assert client.post(reverse("schools:people:switch_on", args=[leaver.pk])).status_code == 302
    leaver.refresh_from_db()
    assert leaver.is_active


def test_who_ends_a_post_is_told_what_stays_open(client, campus, head, open_jobs):
    leaver = make_person(campus, "maintainer")
    client.force_login(head)
    url = reverse("schools:people:end_post", args=[leaver.memberships.get().pk])
    assert "canary jobs" not in client.get(url).content.decode()
    open_jobs[leaver.pk] = ["插座"]
    assert "canary jobs 1" in client.get(url).content.decode()
