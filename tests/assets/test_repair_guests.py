"""What strangers, followers and visitors must not see or do, and what guests must not lose."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assets.register.models import AssetCard
from assets.repairs import actions, tasks
from assets.repairs.models import Follower, RepairRequest, State
from houqin.notices.models import Notice
from tests.assets.register_factories import make_card
from tests.assets.repair_factories import Team, make_repair
from tests.assets.test_repair_pages import fault, here, photo
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return Team()


def as_follower(client, team, repair):
    client.post(reverse("assets:repairs:follow_here", args=[team.place.token, repair.pk]))
    return Follower.objects.get(user=None)


def test_a_follower_never_learns_the_reporters_link(client, team):
    repair = make_repair(team, guest=True)
    follower = as_follower(client, team, repair)
    for name in ("status_photos", "status_confirm", "status_reopen", "status_withdraw"):
        answer = client.post(reverse(f"assets:repairs:{name}", args=[follower.secret]))
        assert repair.secret not in answer.headers.get("Location", "") + answer.text
    assert repair.secret not in client.get(follower.status_url).text


def test_a_follower_reads_the_state_but_no_words_and_no_photos(client, team):
    repair = make_repair(team, guest=True, description="张三打破了玻璃", photos=[photo()])
    actions.assign(repair, by=team.head, to=team.maintainer)
    actions.start(repair, by=team.maintainer, note="找李四要钥匙")
    follower = as_follower(client, team, repair)
    page = client.get(follower.status_url).text
    assert repair.number in page
    assert "张三" not in page
    assert "李四" not in page
    shown = client.get(reverse("assets:repairs:status_photo", args=[follower.secret, repair.photos.get().pk]))
    assert shown.status_code == 404


def test_devices_without_a_mark_are_not_one_device(client, team):
    repair = make_repair(team, guest=True, device="d" * 24)
    RepairRequest.objects.filter(pk=repair.pk).update(device="")
    assert repair.secret not in client.get(here(team)).text


def test_a_visitor_from_another_campus_confirms_by_the_link(client, team):
    visitor = make_person(make_school(parent=team.central))
    client.force_login(visitor)
    url = client.post(here(team), fault()).url
    repair = RepairRequest.objects.get()
    assert repair.reporter == visitor
    actions.assign(repair, by=team.head, to=team.maintainer)
    actions.finish(repair, by=team.maintainer, outcome="repaired")
    assert "status_confirm" not in client.get(url).text
    assert reverse("assets:repairs:status_confirm", args=[repair.secret]) in client.get(url).text
    links = Notice.objects.filter(person=visitor).values_list("url", flat=True)
    assert set(links) == {repair.status_url}
    client.post(reverse("assets:repairs:status_confirm", args=[repair.secret]), {"rating": 5})
    repair.refresh_from_db()
    assert (repair.state, repair.rating) == (State.CONFIRMED, 5)


def test_the_link_of_a_member_of_staff_judges_nothing_in_other_hands(client, team):
    repair = team.repair(State.DONE)
    answer = client.post(reverse("assets:repairs:status_confirm", args=[repair.secret]))
    assert answer.status_code == 404


def test_a_guest_whose_report_was_merged_follows_the_other(client, team):
    first, other = make_repair(team, guest=True), make_repair(team, description="一扇窗的玻璃碎了")
    actions.merge(first, by=team.head, into=other)
    actions.assign(other, by=team.head, to=team.maintainer)
    page = client.get(first.status_url)
    assert other.number in page.text
    assert other.description not in page.text
    assert other.secret not in page.text


def test_merging_takes_the_followers_along(client, team):
    first, other = make_repair(team), make_repair(team)
    actions.follow(first, by=team.head)
    actions.follow(other, by=team.head)
    guest = as_follower(client, team, first)
    actions.merge(first, by=team.head, into=other)
    assert Follower.objects.filter(repair=other, user=team.head).count() == 1
    assert other.number in client.get(guest.status_url).text


def test_a_guest_says_not_yet_after_it_confirmed_itself(client, team):
    repair = team.repair(State.DONE, guest=True)
    RepairRequest.objects.filter(pk=repair.pk).update(confirm_by=timezone.now())
    tasks.confirm_due()
    reopen = reverse("assets:repairs:status_reopen", args=[repair.secret])
    assert reopen in client.get(repair.status_url).text
    client.post(reopen, {"reason": "还关不上"})
    repair.refresh_from_db()
    assert repair.state == State.ASSIGNED
    RepairRequest.objects.filter(pk=repair.pk).update(
        state="confirmed", finished_at=timezone.now(), closed_at=timezone.now() - timedelta(days=5)
    )
    assert reopen not in client.get(repair.status_url).text


def test_a_school_that_is_closed_takes_no_reports(client, team):
    type(team.school).objects.filter(pk=team.school.pk).update(is_active=False)
    assert client.get(here(team)).status_code == 404
    assert client.post(here(team), fault()).status_code == 404


def test_a_thing_in_a_place_out_of_use_is_not_found(client, team):
    card = make_card(team.school, place=team.place)
    url = reverse("assets:repairs:report_here", args=[AssetCard.objects.get(pk=card.pk).token])
    assert client.get(url).status_code == 200
    type(team.place).objects.filter(pk=team.place.pk).update(is_active=False)
    assert client.get(url).status_code == 404


def test_a_nul_in_a_guests_words_is_said(client, team):
    repair = team.repair(State.DONE, guest=True)
    answer = client.post(reverse("assets:repairs:status_reopen", args=[repair.secret]), {"reason": "a\x00b"})
    assert answer.status_code == 302
    repair.refresh_from_db()
    assert repair.state == State.DONE


def test_words_cannot_become_markup(client, team):
    nasty = "<script>alert(1)</script>"
    repair = make_repair(team, guest=True, description=nasty, guest_name=nasty)
    client.force_login(team.head)
    for url in (repair.get_absolute_url(), reverse("assets:repairs:list"), "/", repair.status_url):
        assert nasty not in client.get(url).text


def test_a_second_tap_after_a_refusal_is_a_new_try(client, team):
    data = fault(kind="")
    assert client.post(here(team), data).status_code == 422
    assert client.post(here(team), data | {"kind": "water"}).status_code == 302
    assert client.post(here(team), fault(form_key=str(uuid.uuid4()))).status_code == 302
