from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import get_user
from django.db import connection
from django.urls import reverse

from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.history.models import ActionLog
from houqin.schools.first_run import first_run
from houqin.schools.models import School
from tests.schools.factories import make_user

URL = "schools:first_run"
FORM = {
    "school_name": "太平中心学校",
    "school_code": "tp",
    "display_name": "李主任",
    "username": "li",
    "phone": "13800001234",
    "new_password": "quite-new-words-7",
    "repeated": "quite-new-words-7",
}
TOKEN = "a-long-token-of-the-server"


def codes(response):
    return {error.code for field in response.context["form"].errors.as_data().values() for error in field}


@pytest.mark.django_db
def test_the_first_person_gets_a_school_and_may_manage_it(client):
    assert client.get(reverse(URL)).status_code == 200
    assert client.post(reverse(URL), FORM).url == reverse("web:home")
    person, school = User.objects.get(), School.objects.get()
    assert get_user(client) == person
    assert school.name == "太平中心学校"
    assert sorted(person.memberships.values_list("role", flat=True)) == ["central_officer", "logistics"]
    assert person.has_perm("schools.manage_schools", school)
    assert person.has_perm("assets.manage_register", school)
    assert ActionLog.objects.filter(code="schools.first_run", user=person, school=school, result="done").exists()


@pytest.mark.django_db
def test_it_is_not_found_once_somebody_exists(client):
    make_user(is_active=False)
    assert client.get(reverse(URL)).status_code == 404
    assert client.post(reverse(URL), FORM).status_code == 404
    with pytest.raises(Refused) as refusal:
        first_run(school_name="x", school_code="x", display_name="x", username="x", password="quite-new-words-7")
    assert refusal.value.code == "already_set_up"
    assert not School.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"repeated": "another"}, "password_mismatch"),
        ({"new_password": "12345678", "repeated": "12345678"}, "weak_password"),
        ({"school_name": ""}, "required"),
        ({"school_code": "黄竹林"}, "invalid"),
        ({"username": "li zhu ren"}, "invalid"),
        ({"phone": "call me"}, "invalid"),
    ],
)
def test_nothing_is_made_of_a_bad_form(client, changes, code):
    response = client.post(reverse(URL), FORM | changes)
    assert response.status_code == 422
    assert codes(response) == {code}
    assert response.context["form"]["display_name"].value() == "李主任"
    assert not User.objects.exists()
    assert not School.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_stranger_without_the_token_sets_nothing_up(client, settings, token):
    settings.FIRST_RUN_NEEDS_TOKEN = True
    settings.FIRST_RUN_TOKEN = TOKEN
    assert codes(client.post(reverse(URL), FORM | {"token": token})) == ({"wrong_token"} if token else {"required"})
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_token_opens(client, settings):
    settings.FIRST_RUN_NEEDS_TOKEN = True
    settings.FIRST_RUN_TOKEN = TOKEN
    assert client.post(reverse(URL), FORM | {"token": TOKEN}).status_code == 302
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_without_a_token_on_the_server_the_page_says_how_to_set_one(client, settings):
    settings.FIRST_RUN_NEEDS_TOKEN = True
    settings.FIRST_RUN_TOKEN = ""
    assert "FIRST_RUN_TOKEN" in client.get(reverse(URL)).content.decode()
    assert client.post(reverse(URL), FORM | {"token": ""}).status_code == 200
    with pytest.raises(Refused) as refusal:
        first_run(school_name="x", school_code="x", display_name="x", username="x", password="quite-new-words-7")
    assert refusal.value.code == "wrong_token"
    assert not User.objects.exists()


def test_of_several_people_at_once_one_sets_it_up(committing_db):
    def attempt(number):
        try:
            first_run(
                school_name=f"学校{number}",
                school_code=f"s{number}",
                display_name="李主任",
                username=f"li{number}",
                password="quite-new-words-7",
            )
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(attempt, range(8)))
    assert sorted(results) == ["already_set_up"] * 7 + ["done"]
    assert User.objects.count() == School.objects.count() == 1
