import pytest

from houqin.files import access
from houqin.files.models import StoredFile
from tests.files.factories import make_pdf, make_photo
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db


def get(client, url, **options):
    """The answer, read to its end as a server does."""
    answer = client.get(url, **options)
    answer.bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


@pytest.fixture
def shown_to():
    """People to whom a room shows every file."""
    people = []
    access.register("test", lambda user, file: user in people)
    yield people
    access.unregister("test")


def test_the_uploader_sees_photo_and_thumbnail(client):
    person = make_person(make_school())
    file = make_photo(by=person)
    client.force_login(person)
    answer = get(client, file.url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")
    assert answer["Content-Disposition"] == 'inline; filename="photo.jpg"'
    assert answer.bytes.startswith(b"\xff\xd8\xff")
    assert get(client, file.thumb_url).status_code == 200


def test_a_browser_that_has_it_gets_304(client):
    person = make_person(make_school())
    file = make_photo(by=person)
    client.force_login(person)
    etag = get(client, file.url)["ETag"]
    again = get(client, file.url, headers={"if-none-match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert get(client, file.thumb_url, headers={"if-none-match": etag}).status_code == 200


def test_strangers_find_nothing(client):
    school = make_school()
    file = make_photo(school=school, by=make_person(school))
    client.force_login(make_person(school))
    assert get(client, file.url).status_code == 404
    assert get(client, file.thumb_url).status_code == 404
    assert get(client, "/files/not-a-token/").status_code == 404


def test_guests_must_log_in(client):
    assert get(client, make_photo().url).status_code == 302


def test_a_room_opens_a_file_to_those_it_names(client, shown_to):
    school = make_school()
    file = make_photo(school=school, by=make_person(school))
    reader = make_person(school)
    client.force_login(reader)
    assert get(client, file.url).status_code == 404
    shown_to.append(reader)
    assert get(client, file.url).status_code == 200


def test_pdfs_are_downloaded_never_opened_here(client):
    person = make_person(make_school())
    file = make_pdf(by=person)
    client.force_login(person)
    answer = get(client, file.url)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert get(client, file.thumb_url).status_code == 404


def test_nothing_but_reading(client):
    person = make_person(make_school())
    file = make_photo(by=person)
    client.force_login(person)
    assert client.post(file.url).status_code == 405


def test_a_chinese_label_survives_the_header(client):
    person = make_person(make_school())
    file = make_photo(by=person)
    StoredFile.objects.filter(pk=file.pk).update(name='窗户"破了\r\n.png')
    client.force_login(person)
    disposition = get(client, file.url)["Content-Disposition"]
    assert "utf-8''" in disposition
    assert "\n" not in disposition
    assert disposition.endswith(".jpg")
