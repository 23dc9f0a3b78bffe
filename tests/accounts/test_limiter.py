import pytest
from django.urls import reverse

from houqin.accounts import actions, limiter
from houqin.accounts.models import KnownDevice
from houqin.history.models import ActionLog
from houqin.web.trail import Origin, origin
from tests.accounts.factories import NEW, codes, log_in, make_browser
from tests.schools.factories import make_user

HOME = "device-of-the-principal-1"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_moment")]


def guess(person, device="", times=1):
    """Type a wrong password, each time on a new device unless one is named."""
    return [codes(log_in(make_browser(device), person.username, "wrong")) for _ in range(times)][-1]


def test_after_the_limit_not_even_the_right_password_is_looked_at(limits, hashed):
    limits(unknown_devices="3/15")
    person = make_user()
    assert guess(person, times=3) == {"wrong_password"}
    del hashed[:]
    response = log_in(make_browser(), person.username)
    assert response.status_code == 429
    assert codes(response) == {"limit_unknown_devices"}
    assert hashed == []


def test_nobody_locks_a_person_out_of_a_device_used_before(limits):
    limits(unknown_devices="3/15", unknown_devices_day="5/1440")
    person = make_user()
    KnownDevice.objects.remember(person, HOME, "")
    assert guess(person, times=20) != {"wrong_password"}
    assert log_in(make_browser(HOME), person.username).status_code == 302


def test_a_known_device_has_a_limit_of_its_own(limits):
    limits(known_device="3/15")
    person = make_user()
    KnownDevice.objects.remember(person, HOME, "")
    assert guess(person, HOME, times=3) == {"wrong_password"}
    assert guess(person, HOME) == {"limit_known_device"}
    assert log_in(make_browser(), person.username).status_code == 302


def test_a_device_known_to_one_is_unknown_to_another(limits):
    limits(unknown_devices="2/15")
    person, other = make_user(), make_user()
    KnownDevice.objects.remember(other, HOME, "")
    assert guess(person, HOME, times=3) == {"limit_unknown_devices"}


def test_one_device_cannot_try_one_password_on_everybody(limits, hashed):
    limits(device="5/15")
    people = [make_user() for _ in range(6)]
    del hashed[:]
    results = [guess(person, "a-device-that-sprays-xyz") for person in people]
    assert results == [{"wrong_password"}] * 5 + [{"limit_device"}]
    assert len(hashed) == 5


def test_a_device_at_its_limit_does_not_use_up_accounts(limits):
    limits(device="1/15", unknown_devices="2/15")
    person = make_user()
    guess(person, "a-device-that-sprays-xyz", times=9)
    assert guess(person) == {"wrong_password"}


def test_new_devices_of_one_address_have_a_generous_limit(limits):
    limits(address="4/15")
    people = [make_user() for _ in range(5)]
    KnownDevice.objects.remember(people[0], HOME, "")
    assert [guess(person) for person in people] == [{"wrong_password"}] * 4 + [{"limit_address"}]
    assert log_in(make_browser(HOME), people[0].username).status_code == 302


def test_a_school_behind_one_address_logs_in_on_its_first_day():
    for person in [make_user() for _ in range(120)]:
        assert log_in(make_browser(), person.username).status_code == 302


def test_a_name_that_nobody_has_is_limited_alike(limits):
    limits(unknown_devices="2/15")
    results = [codes(log_in(make_browser(), " Nobody ", "x")) for _ in range(3)]
    assert results == [{"wrong_password"}] * 2 + [{"limit_unknown_devices"}]


def test_a_name_that_nobody_has_costs_a_hash_too(hashed):
    person = make_user()
    del hashed[:]
    log_in(make_browser(), "nobody", "x")
    for_nobody = len(hashed)
    guess(person)
    assert for_nobody == len(hashed) - for_nobody == 1


def test_the_day_has_a_limit_as_well(limits):
    limits(unknown_devices="50/15", unknown_devices_day="2/1440")
    person = make_user()
    assert guess(person, times=3) == {"limit_unknown_devices_day"}


def test_the_refusal_says_what_to_do(limits):
    limits(unknown_devices="1/15")
    person = make_user()
    guess(person)
    response = log_in(make_browser(), person.username)
    page = response.content.decode()
    assert response.context["form"].non_field_errors()[0] in page.replace("&#x27;", "'")
    assert reverse("accounts:use_code") in page


def test_reaching_a_limit_is_logged_once(limits):
    limits(unknown_devices="2/15")
    person = make_user()
    guess(person, times=6)
    results = list(ActionLog.objects.order_by("pk").values_list("result", "record_id", "user_id"))
    assert results == [("wrong_password", person.pk, None)] * 2 + [("limit_unknown_devices", person.pk, None)]


def test_a_code_helps_who_is_locked_out_of_logging_in(limits):
    limits(unknown_devices="1/15", unknown_devices_day="1/1440")
    person = make_user()
    slip = actions.make_one_time_code(person, by=make_user())
    assert guess(person, times=2) == {"limit_unknown_devices"}
    form = {"name": person.username, "code": slip.code, "new_password": NEW, "repeated": NEW}
    assert make_browser().post(reverse("accounts:use_code"), form).status_code == 302


def test_codes_are_limited_by_account_and_device(limits):
    limits(code="2/60")
    person = make_user()
    browser = make_browser("a-device-that-guesses-xyz")
    form = {"name": person.username, "code": "22222-33333", "new_password": NEW, "repeated": NEW}
    results = [codes(browser.post(reverse("accounts:use_code"), form)) for _ in range(3)]
    assert results == [{"wrong_code"}] * 2 + [{"limit_code"}]
    assert codes(make_browser().post(reverse("accounts:use_code"), form)) == {"wrong_code"}


def test_codes_are_limited_over_all_devices(limits):
    limits(code_account="2/60")
    person = make_user()
    form = {"name": person.username, "code": "22222-33333", "new_password": NEW, "repeated": NEW}
    results = [codes(make_browser().post(reverse("accounts:use_code"), form)) for _ in range(3)]
    assert results[-1] == {"limit_code_account"}


def test_the_old_password_cannot_be_guessed_in_an_open_session(client, limits):
    limits(known_device="2/15")
    client.force_login(make_user())
    form = {"old_password": "wrong", "new_password": NEW, "repeated": NEW}
    results = [codes(client.post(reverse("accounts:change_password"), form)) for _ in range(3)]
    assert results == [{"wrong_password"}] * 2 + [{"limit_known_device"}]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "not an address", True),
    ],
)
def test_an_ipv6_line_counts_as_one_address(limits, first, second, same):
    limits(address="1/15")
    person, other = make_user(), make_user()
    results = []
    for address, whose in ((first, person), (second, other)):
        token = origin.set(Origin(address=address))
        try:
            limiter.count_login(whose, whose.username, "some-device-or-other-1234")
            results.append("")
        except limiter.TooMany as refusal:
            results.append(refusal.code)
        finally:
            origin.reset(token)
    assert results == ["", "limit_address" if same else ""]


@pytest.mark.parametrize(("count", "words"), [(1, "1"), (119, "119"), (121, "2"), (1440, "24")])
def test_long_waits_are_said_in_hours(count, words):
    assert words in limiter._minutes(count).split()[0]
