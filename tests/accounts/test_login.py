import pytest
from django.contrib.auth import get_user
from django.urls import reverse

from houqin.accounts.models import KnownDevice, User
from houqin.history.models import ActionLog
from tests.accounts.factories import PASSWORD, codes, log_in, make_browser
from tests.schools.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["wang", "13800001234", "T42"])
def test_each_name_opens_the_door(name):
    person = make_user(username="wang", phone="13800001234", staff_number="T42")
    browser = make_browser()
    response = log_in(browser, name)
    assert response.status_code == 302
    assert response.url == reverse("web:home")
    assert get_user(browser) == person


def test_a_login_is_logged_and_makes_the_device_known():
    person = make_user()
    browser = make_browser(HTTP_USER_AGENT="Mozilla/5.0 (Linux; Android 14) Chrome/130 MicroMessenger/8.0")
    log_in(browser, person.username)
    assert KnownDevice.objects.known(person, browser.cookies["device"].value)
    assert KnownDevice.objects.get().name == "Android, WeChat"
    entry = ActionLog.objects.get()
    assert (entry.code, entry.result, entry.user, entry.record_id) == ("accounts.log_in", "done", person, person.pk)


@pytest.mark.parametrize(("name", "password"), [("wang", "wrong"), ("nobody", PASSWORD), ("off", PASSWORD)])
def test_a_refusal_does_not_say_what_was_wrong(name, password):
    make_user(username="wang")
    make_user(username="off", is_active=False)
    browser = make_browser()
    response = log_in(browser, name, password)
    assert response.status_code == 422
    assert codes(response) == {"wrong_password"}
    assert not get_user(browser).is_authenticated
    assert response.context["form"]["name"].value() == name
    assert password not in response.content.decode()
    assert ActionLog.objects.get().result == "wrong_password"
    assert ActionLog.objects.get().user is None


def test_a_person_without_a_password_cannot_log_in():
    person = make_user(password=None)
    assert codes(log_in(make_browser(), person.username, "!")) == {"wrong_password"}


def test_spaces_at_the_ends_of_a_password_count():
    person = make_user(password=" with spaces ")
    assert log_in(make_browser(), person.username, " with spaces ").status_code == 302
    assert log_in(make_browser(), person.username, "with spaces").status_code == 422


def test_one_goes_where_one_wanted_to_go():
    person = make_user()
    browser = make_browser()
    wanted = reverse("accounts:profile")
    asked = browser.get(wanted)
    assert asked.url == f"{reverse('accounts:login')}?next={wanted}"
    assert f'name="next" value="{wanted}"' in browser.get(asked.url).content.decode()
    assert log_in(browser, person.username, next=wanted).url == wanted


@pytest.mark.parametrize("bad", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_one_does_not_go_elsewhere(bad):
    person = make_user()
    assert log_in(make_browser(), person.username, next=bad).url == reverse("web:home")


def test_who_is_logged_in_is_led_on(client):
    client.force_login(make_user())
    assert client.get(reverse("accounts:login")).url == reverse("web:home")


def test_the_way_on_never_leads_to_the_login_page_itself(client):
    client.force_login(make_user())
    url = reverse("accounts:login")
    assert client.get(url, {"next": f"{url}?next={url}"}).url == reverse("web:home")


def test_a_stranger_who_sent_a_form_gets_back_to_its_page(client):
    page = reverse("accounts:profile")
    step = reverse("accounts:log_out_elsewhere")
    answer = client.post(step, headers={"Referer": f"http://testserver{page}?x=1"})
    assert answer.url == f"{reverse('accounts:login')}?next={page}%3Fx%3D1"
    for elsewhere in ("", "https://evil.example/", "http://testserver//evil.example/"):
        answer = client.post(step, headers={"Referer": elsewhere})
        assert answer.url == f"{reverse('accounts:login')}?next={reverse('web:home')}"


def test_a_corner_of_a_page_does_not_show_the_login(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/notices/?chip=unread"}
    answer = client.get(reverse("accounts:profile"), headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == f"{reverse('accounts:login')}?next=/notices/%3Fchip%3Dunread"
    assert answer.content == b""


def test_the_demo_shows_its_accounts_and_fills_the_form(client, settings):
    make_user()
    settings.DEMO = True
    settings.DEMO_PASSWORD = "known-to-all"
    settings.DEMO_ACCOUNTS = [("logistics", "head of general affairs")]
    page = client.get(reverse("accounts:login"), {"name": "logistics", "next": "/x/?a=b"}).content.decode()
    assert 'value="logistics"' in page
    assert 'value="known-to-all"' in page
    assert 'href="?name=logistics&amp;next=%2Fx%2F%3Fa%3Db"' in page


def test_outside_the_demo_no_account_is_shown_and_no_password_filled(client):
    make_user()
    page = client.get(reverse("accounts:login"), {"name": "logistics"}).content.decode()
    assert 'value="logistics"' in page
    assert 'href="?name=' not in page
    assert page.count('type="password"') == 1
    assert 'type="password" value' not in page


def test_a_fresh_server_leads_to_its_setup(client):
    assert not User.objects.exists()
    assert client.get(reverse("accounts:login")).url == reverse("schools:first_run")


def test_logging_out_ends_the_session_and_is_logged(client):
    person = make_user()
    client.force_login(person)
    assert client.get(reverse("accounts:logout")).status_code == 405
    assert client.post(reverse("accounts:logout")).url == reverse("accounts:login")
    assert not get_user(client).is_authenticated
    assert ActionLog.objects.get().code == "accounts.log_out"


def test_the_login_page_is_not_cached(client):
    make_user()
    assert "no-store" in client.get(reverse("accounts:login"))["Cache-Control"]


def test_the_pages_need_a_token_against_forgery():
    person = make_user()
    browser = make_browser()
    browser.handler.enforce_csrf_checks = True
    assert log_in(browser, person.username).status_code == 403


@pytest.mark.parametrize("name", ["login", "forgotten", "forgotten_sent", "use_code"])
def test_open_pages_open_for_everybody(client, name):
    make_user()
    assert client.get(reverse(f"accounts:{name}")).status_code == 200


@pytest.mark.parametrize("name", ["profile", "contact", "change_password"])
def test_own_pages_ask_for_a_login(client, name):
    make_user()
    url = reverse(f"accounts:{name}")
    assert client.get(url).url == f"{reverse('accounts:login')}?next={url}"


@pytest.mark.parametrize("name", ["logout", "log_out_elsewhere"])
def test_own_steps_ask_for_a_login(client, name):
    assert client.post(reverse(f"accounts:{name}")).url.startswith(reverse("accounts:login"))
