from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from houqin.accounts import actions
from houqin.accounts.models import KnownDevice, OneTimeCode
from houqin.errors import Refused
from houqin.history.models import ActionLog
from tests.accounts.factories import NEW, PASSWORD, codes, log_in, make_browser
from tests.schools.factories import make_user

pytestmark = pytest.mark.django_db


def use(browser, name, code, new=NEW, repeated=NEW):
    form = {"name": name, "code": code, "new_password": new, "repeated": repeated}
    return browser.post(reverse("accounts:use_code"), form)


def make_slip(person):
    return actions.make_one_time_code(person, by=make_user())


def test_a_code_sets_a_password_logs_in_and_ends_the_other_sessions():
    person = make_user(must_change_password=True)
    elsewhere, browser = make_browser(), make_browser()
    log_in(elsewhere, person.username)
    slip = make_slip(person)
    response = use(browser, person.username, slip.code.lower().replace("-", " "))
    assert response.url == reverse("web:home")
    assert get_user(browser) == person
    assert not get_user(elsewhere).is_authenticated
    assert KnownDevice.objects.known(person, browser.cookies["device"].value)
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert not person.must_change_password
    logged = list(ActionLog.objects.order_by("pk").values_list("code", "result"))[-3:]
    assert logged == [
        ("accounts.make_one_time_code", "done"),
        ("accounts.use_one_time_code", "done"),
        ("accounts.log_in", "done"),
    ]


def test_a_person_without_a_password_starts_with_a_code():
    person = make_user(password=None)
    slip = make_slip(person)
    assert use(make_browser(), person.username, slip.code).status_code == 302
    assert log_in(make_browser(), person.username, NEW).status_code == 302


def test_a_code_works_once():
    person = make_user()
    slip = make_slip(person)
    use(make_browser(), person.username, slip.code)
    assert codes(use(make_browser(), person.username, slip.code)) == {"wrong_code"}


def test_a_code_runs_out():
    person = make_user()
    slip = make_slip(person)
    past = timezone.now() - timedelta(hours=30)
    OneTimeCode.objects.update(made_at=past, expires_at=past + timedelta(hours=24))
    assert codes(use(make_browser(), person.username, slip.code)) == {"wrong_code"}


def test_a_code_is_for_one_person():
    person, other = make_user(), make_user()
    slip = make_slip(person)
    make_slip(other)
    assert codes(use(make_browser(), other.username, slip.code)) == {"wrong_code"}


def test_an_older_code_ends_with_a_newer_one():
    person = make_user()
    older, newer = make_slip(person), make_slip(person)
    assert codes(use(make_browser(), person.username, older.code)) == {"wrong_code"}
    assert use(make_browser(), person.username, newer.code).status_code == 302


@pytest.mark.parametrize("code", ["", "22222", "A" * 30, "22222-33333"])
def test_what_is_no_code_is_refused_alike(code):
    person = make_user()
    make_slip(person)
    refused = {"required"} if not code else {"wrong_code"}
    assert codes(use(make_browser(), person.username, code)) == refused
    assert codes(use(make_browser(), "nobody", code)) == refused


def test_a_weak_password_does_not_use_the_code_up():
    person = make_user()
    slip = make_slip(person)
    assert codes(use(make_browser(), person.username, slip.code, "short", "short")) == {"weak_password"}
    assert codes(use(make_browser(), person.username, slip.code, NEW, "another")) == {"password_mismatch"}
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert use(make_browser(), person.username, slip.code).status_code == 302


def test_a_wrong_code_is_logged():
    person = make_user()
    use(make_browser(), person.username, "22222-33333")
    entry = ActionLog.objects.get()
    assert (entry.code, entry.result, entry.record_id, entry.user_id) == (
        "accounts.use_one_time_code",
        "wrong_code",
        person.pk,
        None,
    )


def test_nobody_makes_a_code_for_oneself_or_for_who_is_switched_off():
    head = make_user()
    with pytest.raises(Refused) as refusal:
        actions.make_one_time_code(head, by=head)
    assert refusal.value.code == "own_code"
    with pytest.raises(Refused) as refusal:
        actions.make_one_time_code(make_user(is_active=False), by=head)
    assert refusal.value.code == "switched_off"
    assert not OneTimeCode.objects.exists()


def test_the_settings_say_how_long_a_code_is_good(settings):
    settings.ONE_TIME_CODE_HOURS = 2
    make_slip(make_user())
    made = OneTimeCode.objects.get()
    assert made.expires_at - made.made_at == timedelta(hours=2)


def test_the_slip_says_for_whom_where_and_until_when():
    person = make_user(username="wang")
    slip = make_slip(person)
    request = RequestFactory().get("/")
    paper = render_to_string("accounts/_code_slip.html", {"slip": slip}, request)
    assert slip.code in paper
    assert "http://testserver/accounts/code/?name=wang" in paper
    assert timezone.localtime(slip.expires_at).strftime("%Y-%m-%d %H:%M") in paper


def test_the_address_on_the_slip_fills_in_the_name(client):
    assert 'value="wang"' in client.get(reverse("accounts:use_code"), {"name": "wang"}).content.decode()
