import re
from unittest import mock

import pytest
from django.contrib.auth import get_user
from django.core import mail
from django.urls import reverse
from kombu.exceptions import OperationalError

from houqin.accounts import actions, tasks
from houqin.accounts.models import KnownDevice, OneTimeCode
from houqin.errors import Refused
from houqin.history.models import ActionLog
from tests.accounts.factories import NEW, PASSWORD, codes, log_in, make_browser
from tests.schools.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """Run what waits for the commit at the end of a with block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def change(browser, old=PASSWORD, new=NEW, repeated=NEW):
    form = {"old_password": old, "new_password": new, "repeated": repeated}
    return browser.post(reverse("accounts:change_password"), form)


def link_in(letter):
    """Return the path of the link in a letter."""
    return re.search(r"https?://[^/]+(/\S+)", letter.body)[1]


def test_a_changed_password_ends_the_other_sessions_only():
    person = make_user()
    here, there = make_browser(), make_browser()
    for browser in (here, there):
        log_in(browser, person.username)
    assert change(here).url == reverse("accounts:profile")
    assert get_user(here) == person
    assert not get_user(there).is_authenticated
    assert log_in(make_browser(), person.username, NEW).status_code == 302
    assert ActionLog.objects.filter(code="accounts.change_password", user=person, result="done").exists()


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"old": "wrong"}, "wrong_password"),
        ({"repeated": "another"}, "password_mismatch"),
        ({"new": "short", "repeated": "short"}, "weak_password"),
        ({"new": "2026090112", "repeated": "2026090112"}, "weak_password"),
        ({"new": PASSWORD, "repeated": PASSWORD}, "same_password"),
        ({"new": "", "repeated": ""}, "required"),
    ],
)
def test_a_password_is_not_changed_when(client, form, code):
    person = make_user()
    client.force_login(person)
    response = change(client, **form)
    assert response.status_code == 422
    assert codes(response) == {code}
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_wrong_old_password_is_logged(client):
    client.force_login(make_user())
    change(client, old="wrong")
    assert ActionLog.objects.get().result == "wrong_password"


def test_no_password_comes_back_in_a_page(client):
    client.force_login(make_user())
    page = change(client, old="wrong", new="my-new-words-9", repeated="my-new-words-9").content.decode()
    assert "my-new-words-9" not in page


def test_a_changed_password_makes_codes_and_letters_worthless(client, commit):
    person = make_user(email="w@school.example")
    actions.make_one_time_code(person, by=make_user())
    with commit():
        actions.ask_for_mail(person.username)
    link = link_in(mail.outbox[0])
    client.force_login(person)
    change(client)
    assert not OneTimeCode.objects.exists()
    assert not make_browser().get(link, follow=True).context["validlink"]


def test_the_person_is_told_of_a_changed_password(commit):
    person = make_user(email="w@school.example", username="wang")
    with commit():
        actions.set_password(person, new=NEW, by=person)
    assert mail.outbox[0].to == ["w@school.example"]
    assert "wang" in mail.outbox[0].body


def test_nobody_is_told_of_a_change_that_did_not_happen(commit):
    person = make_user(email="w@school.example")
    with commit(), pytest.raises(Refused) as refusal:
        actions.set_password(person, new="short", by=person)
    assert refusal.value.code == "weak_password"
    assert mail.outbox == []


def test_a_letter_leads_to_a_new_password(commit):
    person = make_user(email="w@school.example")
    elsewhere = make_browser()
    log_in(elsewhere, person.username)
    browser = make_browser()
    with commit():
        asked = browser.post(reverse("accounts:forgotten"), {"name": person.username})
    assert asked.url == reverse("accounts:forgotten_sent")
    page = browser.get(link_in(mail.outbox[0]), follow=True)
    here = page.redirect_chain[-1][0]
    assert "set-password" in here
    refused = browser.post(here, {"new_password": "short", "repeated": "short"})
    assert codes(refused) == {"weak_password"}
    done = browser.post(here, {"new_password": NEW, "repeated": NEW})
    assert done.url == reverse("web:home")
    assert get_user(browser) == person
    assert not get_user(elsewhere).is_authenticated
    assert KnownDevice.objects.known(person, browser.cookies["device"].value)
    assert ActionLog.objects.filter(code="accounts.reset_password", user=person).exists()
    again = make_browser().get(link_in(mail.outbox[0]), follow=True)
    assert not again.context["validlink"]
    assert reverse("accounts:forgotten") in again.content.decode()


def test_a_letter_is_of_no_use_to_who_was_switched_off(client, commit):
    person = make_user(email="w@school.example")
    with commit():
        actions.ask_for_mail(person.username)
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert not client.get(link_in(mail.outbox[0]), follow=True).context["validlink"]


@pytest.mark.parametrize("name", ["nobody", "without"])
def test_the_answer_does_not_say_who_exists(client, commit, name):
    make_user(username="without")
    with commit():
        response = client.post(reverse("accounts:forgotten"), {"name": name})
    assert response.url == reverse("accounts:forgotten_sent")
    assert mail.outbox == []
    assert ActionLog.objects.get().result == "no_letter"


@pytest.mark.usefixtures("one_moment")
def test_letters_to_one_person_are_few(client, settings, commit):
    settings.LOGIN_LIMITS = settings.LOGIN_LIMITS | {"mail": "2/60"}
    person = make_user(email="w@school.example")
    with commit():
        for _ in range(4):
            client.post(reverse("accounts:forgotten"), {"name": person.username})
    assert len(mail.outbox) == 2


def test_the_link_begins_as_the_settings_say(settings, commit):
    settings.SITE_URL = "https://houqin.school.example"
    with commit():
        actions.ask_for_mail(make_user(email="w@school.example").username)
    assert "https://houqin.school.example/accounts/reset/" in mail.outbox[0].body


def test_without_a_broker_the_letter_goes_out_at_once(commit, monkeypatch):
    monkeypatch.setattr("houqin.web.waking._rests_until", 0.0)
    person = make_user(email="w@school.example")
    with mock.patch.object(tasks.send_reset_link, "delay", side_effect=OperationalError), commit():
        actions.ask_for_mail(person.username)
    assert len(mail.outbox) == 1


def test_without_mail_the_page_explains_the_code(client, settings):
    settings.MAIL_IS_SET_UP = False
    url = reverse("accounts:forgotten")
    page = client.get(url).content.decode()
    assert reverse("accounts:use_code") in page
    assert 'name="name"' not in page
    assert codes(client.post(url, {"name": "wang"})) == {"no_mail"}


def test_who_must_choose_a_password_is_held_until_then():
    person = make_user(must_change_password=True)
    browser = make_browser()
    assert log_in(browser, person.username).status_code == 302
    held = reverse("accounts:change_password")
    assert browser.get(reverse("accounts:profile")).url == held
    assert browser.get(reverse("web:home")).url == held
    assert browser.get(reverse("accounts:profile"), HTTP_HX_REQUEST="true")["HX-Redirect"] == held
    assert browser.get(held).status_code == 200
    assert browser.get(reverse("accounts:forgotten_sent")).status_code == 200
    assert browser.post(reverse("web:language"), {"language": "en"}).url != held
    assert change(browser).url == reverse("web:home")
    assert browser.get(reverse("accounts:profile")).status_code == 200


def test_who_must_choose_a_password_can_leave(client):
    client.force_login(make_user(must_change_password=True))
    assert client.post(reverse("accounts:logout")).url == reverse("accounts:login")
