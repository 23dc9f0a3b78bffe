import pytest

from tests.history.factories import make_entry
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
URL = "/history/"


@pytest.fixture
def school():
    return make_school()


def test_log_of_the_own_school_alone(client, school):
    make_entry(school, record_name="本校的窗")
    make_entry(make_school(), record_name="外校的门")
    client.force_login(make_person(school, "logistics"))
    page = client.get(URL).content.decode()
    assert "本校的窗" in page
    assert "外校的门" not in page


def test_central_officer_sees_the_schools_below(client):
    central = make_school()
    campus = make_school(parent=central)
    make_entry(campus, record_name="校区的窗")
    client.force_login(make_person(central, "central_officer"))
    session = client.session
    session["acting_school"] = "all"
    session.save()
    assert "校区的窗" in client.get(URL).content.decode()


def test_staff_may_not_look(client, school):
    client.force_login(make_person(school, "staff"))
    assert client.get(URL).status_code == 403


def test_chip_keeps_the_refused(client, school):
    make_entry(school, record_name="做成的事")
    make_entry(school, record_name="没做成的事", result="not_allowed")
    client.force_login(make_person(school, "principal"))
    page = client.get(URL, {"chip": "refused", "q": "事"}).content.decode()
    assert "没做成的事" in page
    assert "做成的事</span>" not in page.replace("没做成的事", "")


def test_addresses_of_pages_keep_span_and_person(client, school):
    person = make_person(school, "auditor")
    for _ in range(60):
        make_entry(school, user=person)
    client.force_login(person)
    page = client.get(URL, {"person": person.pk, "since": "2026-01-01"}).content.decode()
    assert f"person={person.pk}" in page
    assert "since=2026-01-01" in page
