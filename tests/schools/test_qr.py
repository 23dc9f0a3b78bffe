import pytest
from django.urls import reverse

from houqin.schools import qr, scan
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def resolvers(monkeypatch):
    """An empty registry of codes."""
    found = {}
    monkeypatch.setattr(qr, "_resolvers", found)
    return found


def open_code(client, token):
    return client.get(reverse("schools:qr", args=[token]))


def test_a_place_leads_where_the_rooms_say_and_needs_no_account(client, resolvers):
    place = make_place(make_school())
    qr.register("place", lambda place: f"/report/{place.code}/")
    answer = open_code(client, place.token)
    assert answer.status_code == 302
    assert answer.url == f"/report/{place.code}/"


def test_without_a_room_a_place_leads_to_its_page(client, resolvers):
    place = make_place(make_school())
    assert open_code(client, place.token).url == place.get_absolute_url()


def test_other_kinds_get_the_token(client, resolvers):
    qr.register("asset", lambda token: "/asset/" if token == "thing-token" else None)
    assert open_code(client, "thing-token").url == "/asset/"
    assert open_code(client, "other-token").status_code == 404


@pytest.mark.parametrize("closed", ["place", "school"])
def test_what_is_out_of_use_answers_no_more(client, resolvers, closed):
    place = make_place(make_school())
    record = place if closed == "place" else place.school
    record.is_active = False
    record.save()
    answer = open_code(client, place.token)
    assert answer.status_code == 404
    assert answer.templates[0].name == "schools/qr/unknown.html"


def test_only_unknown_labels_are_counted(client, resolvers, monkeypatch):
    monkeypatch.setattr(scan, "MISSES_ALLOWED", 3)
    place = make_place(make_school())
    assert {open_code(client, place.token).status_code for _n in range(10)} == {302}
    assert [open_code(client, f"guess{n}").status_code for n in range(5)] == [404, 404, 404, 429, 429]
    assert open_code(client, place.token).status_code == 302


def test_tokens_are_long_random_and_not_the_key():
    school = make_school()
    tokens = {make_place(school).token for _n in range(50)}
    assert len(tokens) == 50
    assert all(len(token) == 12 for token in tokens)


def test_the_drawing_says_the_whole_address(settings):
    settings.SITE_URL = "https://hq.example.cn"
    assert qr.address_of("abc") == "https://hq.example.cn/q/abc/"
    assert qr.address_of("abc", site="http://10.0.0.5:8000") == "http://10.0.0.5:8000/q/abc/"
    assert b"<svg" in qr.drawing("abc")


def test_the_picture_of_a_code_is_kept_by_browsers(client):
    school = make_school()
    client.force_login(make_person(school))
    answer = client.get(reverse("schools:qr_image", args=[make_place(school).token]))
    assert answer["Content-Type"] == "image/svg+xml"
    assert "immutable" in answer["Cache-Control"]
    assert b"<svg" in answer.content
    assert client.get(reverse("schools:qr_image", args=["short"])).status_code == 404


def test_somebody_logged_in_is_led_as_well(client, resolvers):
    school = make_school()
    client.force_login(make_person(school))
    assert open_code(client, make_place(school).token).status_code == 302
