from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from houqin.accounts.models import OneTimeCode, User
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.history.models import ActionLog
from houqin.schools import handover, renames
from houqin.schools.access import access_of
from houqin.schools.found import find_people
from houqin.schools.models import Membership
from houqin.schools.organisation.actions import close_school
from houqin.schools.people import actions, people_with
from houqin.schools.people.leaving import leave
from houqin.schools.people.visible import may_look_after, people_visible_to
from houqin.schools.roles import LEADING_ROLES, Role
from tests.schools.factories import make_membership, make_person, make_school, make_user
from tests.schools.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def central():
    return make_school()


@pytest.fixture
def campus(central):
    return make_school(parent=central)


@pytest.fixture
def officer(central):
    return make_person(central, "central_officer")


@pytest.fixture
def head(campus):
    return make_person(campus, "logistics")


def today():
    return timezone.localdate()


def create(school, by, **fields):
    return actions.create_person(
        school, **{"display_name": "曹超娜", "role": "staff", "since": date(2026, 9, 1)} | fields, by=by
    )


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


def refused_by(name, sql, params):
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


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


def test_visible_people(central, campus, officer, head):
    teacher = make_person(campus, "staff")
    stranger = make_person(make_school(parent=central), "staff")
    assert set(people_visible_to(head)) == {teacher, head}
    assert {teacher, stranger, officer, head} == set(people_visible_to(officer))
    assert set(people_visible_to(officer, central)) == {officer}
    assert not people_visible_to(teacher).exists()


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


def test_the_search_over_everything_finds_people_only_for_those_who_may_see_them(campus, head):
    fixer = make_person(campus, "maintainer", display_name="马成")
    make_person(make_school(), "staff", display_name="马成")
    assert [found.url for found in find_people(head, campus, "mc")] == [
        reverse("schools:people:detail", args=[fixer.pk])
    ]
    assert not find_people(fixer, campus, "mc")


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


def test_who_ends_a_post_is_told_what_stays_open(client, campus, head, open_jobs):
    leaver = make_person(campus, "maintainer")
    client.force_login(head)
    url = reverse("schools:people:end_post", args=[leaver.memberships.get().pk])
    assert "canary jobs" not in client.get(url).content.decode()
    open_jobs[leaver.pk] = ["插座"]
    assert "canary jobs 1" in client.get(url).content.decode()


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
