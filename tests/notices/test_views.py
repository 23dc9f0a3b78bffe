import pytest

from houqin.notices.models import NoticePreference
from tests.notices.factories import make_notice
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    person = make_person(make_school())
    client.force_login(person)
    return person


def test_inbox_shows_the_own_notices_newest_first(client, person):
    first = make_notice(person, title="先说的")
    make_notice(person, title="后说的")
    make_notice(make_person(make_school()), title="别人的")
    page = client.get("/notices/").content.decode()
    assert page.index("后说的") < page.index("先说的")
    assert "别人的" not in page
    assert f"/notices/{first.pk}/" in page


def test_opening_marks_as_read_and_goes_to_the_page(client, person):
    notice = make_notice(person, url="/places/")
    response = client.get(f"/notices/{notice.pk}/")
    assert response.headers["Location"] == "/places/"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_notice_without_page_leads_back_to_the_inbox(client, person):
    notice = make_notice(person)
    assert client.get(f"/notices/{notice.pk}/").headers["Location"] == "/notices/"


def test_somebody_elses_notice_is_not_found(client, person):
    notice = make_notice(make_person(make_school()))
    assert client.get(f"/notices/{notice.pk}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_unread_chip_and_count_follow_what_was_read(client, person):
    read, unread = make_notice(person, title="看过的"), make_notice(person, title="没看过的")
    client.get(f"/notices/{read.pk}/")
    response = client.get("/notices/?chip=unread")
    assert [notice.pk for notice in response.context["rows"]] == [unread.pk]
    client.post("/notices/mark-all-read/")
    assert response.wsgi_request.counts.get("nav:notices") == 1
    assert client.get("/notices/").wsgi_request.counts.get("nav:notices") == 0


def test_words_find_notices(client, person):
    found = make_notice(person, title="窗户修好了", body="请您验收")
    make_notice(person, title="停水")
    response = client.get("/notices/", {"q": "窗户 验收"})
    assert [notice.pk for notice in response.context["rows"]] == [found.pk]


def test_preferences_are_kept(client, person):
    client.post("/notices/preferences/", {"email_enabled": "on", "urgent_only": "on"})
    client.post("/notices/preferences/", {"urgent_only": "on"})
    kept = NoticePreference.objects.get()
    assert (kept.user, kept.email_enabled, kept.urgent_only) == (person, False, False)
