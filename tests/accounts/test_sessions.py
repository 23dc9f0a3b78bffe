import time

import pytest
from django.contrib.auth import get_user
from django.urls import reverse

from houqin.accounts.middleware import SEEN, STARTED
from tests.accounts.factories import log_in, make_browser
from tests.schools.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = "accounts:profile"


@pytest.fixture
def browser():
    browser = make_browser()
    log_in(browser, make_user().username)
    return browser


def move_back(browser, **seconds):
    session = browser.session
    for key, amount in seconds.items():
        session[key] = int(time.time()) - amount
    session.save()


def test_a_session_goes_on_while_it_is_used(browser, settings):
    move_back(browser, **{SEEN: settings.SESSION_IDLE_SECONDS - 10})
    assert browser.get(reverse(PAGE)).status_code == 200
    assert time.time() - browser.session[SEEN] < 5


def test_a_session_ends_when_nothing_happens(browser, settings):
    move_back(browser, **{SEEN: settings.SESSION_IDLE_SECONDS + 1})
    response = browser.get(reverse(PAGE))
    assert response.url == f"{reverse('accounts:login')}?next={reverse(PAGE)}"
    assert not get_user(browser).is_authenticated
    assert browser.get(response.url).context["ended"] == "idle"
    assert browser.get(response.url).context["ended"] == ""


def test_a_session_ends_however_busy_it_is(browser, settings):
    move_back(browser, **{STARTED: settings.SESSION_ABSOLUTE_SECONDS + 1, SEEN: 1})
    response = browser.get(reverse(PAGE))
    assert browser.get(response.url).context["ended"] == "absolute"


def test_a_new_login_starts_the_clock_anew(browser, settings):
    move_back(browser, **{STARTED: settings.SESSION_ABSOLUTE_SECONDS + 1})
    browser.get(reverse(PAGE))
    log_in(browser, make_user().username)
    assert browser.get(reverse(PAGE)).status_code == 200


def test_a_short_idle_limit_is_measured_finely(browser, settings):
    settings.SESSION_IDLE_SECONDS = 60
    move_back(browser, **{SEEN: 20})
    browser.get(reverse(PAGE))
    assert time.time() - browser.session[SEEN] < 5


def test_a_page_soon_after_the_last_writes_no_session(browser, django_assert_max_num_queries):
    browser.get(reverse(PAGE))
    with django_assert_max_num_queries(20) as queries:
        browser.get(reverse(PAGE))
    assert not [query for query in queries.captured_queries if query["sql"].startswith(("UPDATE", "INSERT"))]


def test_a_session_that_no_login_of_ours_started_gets_its_clock(client):
    client.force_login(make_user())
    client.get(reverse(PAGE))
    assert STARTED in client.session


def test_who_is_switched_off_is_out_at_the_next_request(client):
    person = make_user()
    client.force_login(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert client.get(reverse(PAGE)).status_code == 302


def test_logging_out_elsewhere_keeps_this_session_and_this_device():
    person = make_user()
    here, there = make_browser(), make_browser()
    for browser in (here, there):
        log_in(browser, person.username)
    assert person.known_devices.count() == 2
    assert here.post(reverse("accounts:log_out_elsewhere")).url == reverse(PAGE)
    assert here.get(reverse(PAGE)).status_code == 200
    assert there.get(reverse(PAGE)).status_code == 302
    assert person.known_devices.count() == 1


@pytest.mark.parametrize("name", ["accounts:profile", "web:home", "notices:list", "web:theme"])
def test_what_a_person_sees_stays_in_no_cache(browser, name):
    assert browser.get(reverse(name))["Cache-Control"] == "private, no-store"


def test_open_pages_may_be_kept(client):
    assert "Cache-Control" not in client.get(reverse("web:robots"))


def test_a_session_is_a_row_in_the_database(browser):
    from django.contrib.sessions.models import Session

    assert Session.objects.filter(session_key=browser.session.session_key).exists()
