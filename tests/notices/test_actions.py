from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from houqin.notices.actions import mark_all_read, mark_read, notify, notify_all, set_preference
from houqin.notices.models import Notice, NoticeDelivery
from tests.notices.factories import make_notice
from tests.schools.factories import make_person, make_school, make_user

pytestmark = pytest.mark.django_db


def test_notice_is_written_with_its_email():
    school = make_school()
    person = make_person(school, email="a@example.org")
    notice = notify(person, cause="c", title="修好了", body="请验收", url="/repairs/1/", school=school, urgent=True)
    stored = Notice.objects.get()
    assert notice == stored
    assert (stored.person, stored.school, stored.title, stored.url) == (person, school, "修好了", "/repairs/1/")
    assert stored.urgent
    assert stored.read_at is None
    assert [(d.channel, d.state) for d in stored.deliveries.all()] == [("email", "waiting")]


def test_same_cause_tells_once():
    person = make_user()
    first = notify(person, cause="c", title="一", school=None)
    again = notify(person, cause="c", title="二", school=None)
    assert again == first
    assert again.title == "一"
    assert Notice.objects.count() == 1


def test_same_cause_at_another_moment_tells_again():
    person = make_user()
    for day in (1, 2, 2):
        notify(person, cause="c", title="提醒", school=None, moment=datetime(2026, 9, day, tzinfo=UTC))
    assert Notice.objects.count() == 2


def test_telling_costs_one_statement_for_any_number_of_people(django_assert_num_queries):
    people = [make_user(email=f"{n}@example.org") for n in range(20)]
    with django_assert_num_queries(1):
        told = notify_all(people, cause="c", title="停水", school=None)
    assert {notice.person_id for notice in told} == {person.pk for person in people}
    assert NoticeDelivery.objects.count() == 20
    with django_assert_num_queries(1):
        assert notify_all(people, cause="c", title="停水", school=None) == []
    with django_assert_num_queries(1):
        notify(people[0], cause="d", title="停电", school=None)


def test_nobody_to_tell_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert notify_all([], cause="c", title="t", school=None) == []


def test_left_people_are_not_told():
    assert notify_all([make_user(is_active=False)], cause="c", title="t", school=None) == []
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("email", "preference", "urgent", "expected"),
    [
        ("", None, True, 0),
        ("a@example.org", None, False, 1),
        ("a@example.org", (True, False), False, 1),
        ("a@example.org", (True, True), False, 0),
        ("a@example.org", (True, True), True, 1),
        ("a@example.org", (False, False), True, 0),
    ],
)
def test_email_goes_to_those_who_want_it(email, preference, urgent, expected):
    person = make_user(email=email)
    if preference:
        set_preference(by=person, email_enabled=preference[0], urgent_only=preference[1])
    notice = make_notice(person, urgent=urgent)
    assert notice.deliveries.count() == expected


def test_notice_falls_with_its_cause():
    person = make_user(email="a@example.org")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        notify(person, cause="c", title="t", school=None)
        raise ZeroDivisionError
    assert not Notice.objects.exists()
    assert not NoticeDelivery.objects.exists()


def test_outside_a_transaction_is_a_mistake(monkeypatch):
    person = make_user()
    monkeypatch.setattr(transaction.get_connection(), "in_atomic_block", False)
    with pytest.raises(RuntimeError):
        notify(person, cause="c", title="t", school=None)


def test_words_are_in_the_language_of_the_house():
    title = format_lazy("{name}：{what}", name="门", what=gettext_lazy("Monday"))
    with translation.override("en"):
        assert notify(make_user(), cause="c", title=title, school=None).title == "门：星期一"


def test_workers_are_woken_after_commit(django_capture_on_commit_callbacks, mailoutbox):
    person = make_user(email="a@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        notify(person, cause="c", title="修好了", school=None)
        assert mailoutbox == []
    assert [mail.to for mail in mailoutbox] == [["a@example.org"]]


def test_page_of_a_notice_is_always_inside():
    person = make_user()
    for url in ("https://example.org/", "//example.org/", "javascript:alert(1)"):
        with pytest.raises(IntegrityError), transaction.atomic():
            notify(person, cause=url, title="t", school=None, url=url)


def test_reading_counts_the_first_time():
    person = make_user()
    notice = make_notice(person)
    read_at = mark_read(notice, by=person).read_at
    mark_read(notice, by=person)
    notice.refresh_from_db()
    assert notice.read_at == read_at


def test_nobody_reads_for_somebody_else():
    notice = make_notice(make_user())
    stranger = make_user()
    mark_read(notice, by=stranger)
    assert mark_all_read(by=stranger) == 0
    notice.refresh_from_db()
    assert notice.read_at is None


def test_once_is_kept_by_the_database():
    notice = make_notice(make_user())
    with pytest.raises(IntegrityError, match="notices_notice_once"), transaction.atomic():
        Notice.objects.create(person=notice.person, cause=notice.cause, title="t")
