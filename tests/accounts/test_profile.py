import pytest
from django.urls import reverse

from houqin.accounts import actions
from houqin.history.models import ActionLog
from tests.accounts.factories import PASSWORD, codes, log_in, make_browser
from tests.schools.factories import make_person, make_school, make_user

pytestmark = pytest.mark.django_db
CONTACT = "accounts:contact"


def test_ones_own_page_shows_who_one_is_and_where():
    person = make_person(make_school(name="黄竹林学校"), username="wang", display_name="王丽", phone="13800001234")
    make_person(make_school(), display_name="别校的人")
    browser = make_browser(HTTP_USER_AGENT="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/605")
    log_in(browser, "wang")
    page = browser.get(reverse("accounts:profile")).content.decode()
    for words in ("王丽", "wang", "13800001234", "黄竹林学校", "iPhone, Safari"):
        assert words in page
    assert "别校的人" not in page
    assert person.known_devices.count() == 1


def test_the_page_costs_the_same_with_many_devices(client, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    person = make_user()
    client.force_login(person)
    client.get(reverse("accounts:profile"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(reverse("accounts:profile"))
    for number in range(50):
        person.known_devices.create(device=f"device {number}")
    with django_assert_num_queries(len(few)):
        client.get(reverse("accounts:profile"))


def test_a_phone_is_changed_without_a_password(client):
    person = make_user(email="w@school.example")
    client.force_login(person)
    form = {"phone": "138 0000 1234", "email": "w@school.example"}
    assert client.post(reverse(CONTACT), form).url == reverse("accounts:profile")
    person.refresh_from_db()
    assert person.phone == "13800001234"
    assert ActionLog.objects.get().code == "accounts.change_contact"


@pytest.mark.parametrize(("password", "refused"), [("", {"password_needed"}), ("wrong", {"wrong_password"})])
def test_an_address_is_not_changed_without_the_password(client, password, refused):
    person = make_user()
    client.force_login(person)
    response = client.post(reverse(CONTACT), {"phone": "", "email": "evil@example.com", "password": password})
    assert codes(response) == refused
    assert response.context["form"]["email"].value() == "evil@example.com"
    person.refresh_from_db()
    assert person.email == ""


def test_an_address_is_changed_with_the_password(client):
    person = make_user()
    client.force_login(person)
    client.post(reverse(CONTACT), {"phone": "", "email": "w@school.example", "password": PASSWORD})
    person.refresh_from_db()
    assert person.email == "w@school.example"


def test_a_phone_that_another_person_has_is_refused_in_words(client):
    make_user(phone="13800001234")
    client.force_login(make_user())
    response = client.post(reverse(CONTACT), {"phone": "138-0000-1234", "email": ""})
    assert response.status_code == 422
    assert codes(response) == {"phone_taken"}


@pytest.mark.parametrize("form", [{"phone": "call me"}, {"email": "not an address"}])
def test_what_is_no_phone_or_address_is_refused(client, form):
    client.force_login(make_user())
    assert client.post(reverse(CONTACT), {"phone": "", "email": ""} | form).status_code == 422


def test_who_one_is_cannot_be_changed_by_oneself(client):
    person = make_user(username="wang", display_name="王丽")
    client.force_login(person)
    client.post(reverse(CONTACT), {"phone": "", "email": "", "username": "principal", "display_name": "校长"})
    person.refresh_from_db()
    assert (person.username, person.display_name) == ("wang", "王丽")


def test_changing_the_contact_keeps_the_history():
    person = make_user()
    actions.change_contact(person, phone="13800001234", email="", by=person)
    assert person.events.count() == 2
