import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse

from houqin.exports.models import ExportJob
from houqin.history.models import ActionLog
from houqin.schools.access import access_of
from tests.exports.factories import KIND, make_finished_job, make_job
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def owner(school, client):
    person = make_person(school)
    client.force_login(person)
    return person


def test_the_empty_list_says_what_to_do(client, owner):
    response = client.get(reverse("exports:list"))
    assert response.status_code == 200
    assert 'class="hq-empty"' in response.text


def test_a_list_is_exported_with_its_own_query_string(
    client, owner, school, export, django_capture_on_commit_callbacks
):
    make_place(school, code="ROOM")
    make_place(school, code="YARD", kind="ground")
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            reverse("exports:start"),
            {"kind": KIND, "format": "csv", "query": "kind=ground&page=x", "back": "/places/?kind=ground"},
        )
    job = ExportJob.objects.get()
    assert response.url == f"{job.get_absolute_url()}?back=%2Fplaces%2F%3Fkind%3Dground"
    assert job.school == school
    page = client.get(response.url)
    assert 'href="/places/?kind=ground"' in page.text
    assert reverse("exports:download", args=[job.pk]) in page.text
    file = client.get(reverse("exports:download", args=[job.pk]))
    assert file.headers["Content-Disposition"].startswith("attachment")
    text = b"".join(file.streaming_content).decode("utf-8-sig")
    assert "YARD" in text
    assert "ROOM" not in text
    assert ActionLog.objects.filter(code="exports.download_export", user=owner).exists()


def test_the_way_back_never_leads_elsewhere(client, owner, export):
    response = client.post(
        reverse("exports:start"), {"kind": KIND, "format": "csv", "back": "https://elsewhere.example/"}
    )
    assert "elsewhere" not in response.url
    page = client.get(f"{ExportJob.objects.get().get_absolute_url()}?back=//elsewhere.example/")
    assert 'href="//elsewhere' not in page.text


def test_an_unknown_export_is_not_found(client, owner):
    assert client.post(reverse("exports:start"), {"kind": "nothing", "format": "csv"}).status_code == 404


def test_a_refusal_is_said_on_the_page_and_logged(client, owner, export):
    response = client.post(reverse("exports:start"), {"kind": KIND, "format": "docx"}, follow=True)
    assert 'role="alert"' in response.text
    assert ActionLog.objects.get(code="exports.start_export").result == "unknown_format"


def test_who_may_not_see_the_list_may_not_export_it(client, owner, monkeypatch):
    from houqin.exports import registry
    from tests.exports.factories import make_export

    monkeypatch.setitem(registry._definitions, KIND, make_export(permission="schools.view_people"))
    response = client.post(reverse("exports:start"), {"kind": KIND, "format": "csv"})
    assert response.status_code == 403
    assert not ExportJob.objects.exists()


def test_changes_are_post_only(client, owner, school, export):
    job = make_finished_job(owner, school)
    for name in ("repeat", "remove"):
        assert client.get(reverse(f"exports:{name}", args=[job.pk])).status_code == 405
    assert client.get(reverse("exports:start")).status_code == 405


def test_a_strangers_export_is_not_found(client, owner, school, export):
    job = make_finished_job(make_person(school, "principal"), school)
    for name in ("detail", "download"):
        assert client.get(reverse(f"exports:{name}", args=[job.pk])).status_code == 404
    for name in ("repeat", "remove"):
        assert client.post(reverse(f"exports:{name}", args=[job.pk])).status_code == 404
    assert job.file_name not in client.get(reverse("exports:list")).text


def test_a_download_asks_the_permission_again(client, school, export):
    other = make_school()
    person = make_person(school)
    job = make_finished_job(person, school)
    ExportJob.objects.filter(pk=job.pk).update(school_ids=[other.pk])
    client.force_login(person)
    assert client.get(reverse("exports:download", args=[job.pk])).status_code == 403


def test_a_removed_file_is_said_in_words(client, owner, school, export):
    job = make_finished_job(owner, school)
    job.path.unlink()
    response = client.get(reverse("exports:download", args=[job.pk]), follow=True)
    assert 'role="alert"' in response.text


def test_repeat_and_remove_from_the_list(client, owner, school, export, django_capture_on_commit_callbacks):
    job = make_finished_job(owner, school)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("exports:repeat", args=[job.pk]))
    assert ExportJob.objects.filter(state="done").count() == 2
    client.post(reverse("exports:remove", args=[job.pk]))
    assert list(ExportJob.objects.values_list("pk", flat=True)) != [job.pk]
    assert not job.folder.exists()


def test_the_list_polls_while_something_is_on_its_way(client, owner, school, export):
    job = make_job(owner, school, rows_done=0)
    page = client.get(reverse("exports:list"))
    assert 'hx-trigger="every 1s"' in page.text
    fragment = client.get(reverse("exports:list"), headers=HTMX).text
    assert fragment.strip().startswith('<div id="jobs"')
    assert "<progress" in fragment
    assert 'hx-trigger="every 1s"' in client.get(job.get_absolute_url(), headers=HTMX).text
    ExportJob.objects.all().delete()
    make_finished_job(owner, school)
    for url in (reverse("exports:list"), ExportJob.objects.get().get_absolute_url()):
        fragment = client.get(url, headers=HTMX).text
        assert "hx-get" not in fragment
        assert reverse("exports:download", args=[ExportJob.objects.get().pk]) in fragment


def test_a_running_export_shows_rows_done_of_all(client, owner, school):
    from django.utils import timezone

    now = timezone.now()
    make_job(owner, school, state="running", attempt=1, started_at=now, heartbeat_at=now, rows_done=168, rows_total=214)
    page = client.get(reverse("exports:list")).text
    assert 'max="214" value="168"' in page


def test_the_badge_counts_until_the_file_is_seen(client, owner, school, export):
    job = make_finished_job(owner, school)
    assert ExportJob.objects.visible_to(owner).unseen().count() == 1
    client.get(reverse("exports:list"))
    assert ExportJob.objects.visible_to(owner).unseen().count() == 0
    job.refresh_from_db()
    assert job.seen_at is not None


def test_the_list_costs_the_same_for_one_and_for_twenty(client, owner, school, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_job(owner, school)
    client.get(reverse("exports:list"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("exports:list"))
    for _n in range(19):
        make_job(owner, make_school())
    with django_assert_num_queries(len(one)):
        client.get(reverse("exports:list"))


def button(person, school, count=""):
    request = RequestFactory().get("/places/?kind=room&q=%E9%97%A8")
    request.user = person
    request.acting = type("Acting", (), {"school": school})()
    template = Template('{% include "exports/_button.html" with kind="' + KIND + '" %}')
    return template.render(Context({"request": request, "csrf_token": "token", "count": count}))


def test_the_button_keeps_the_query_string(school, export, django_assert_num_queries):
    person = make_person(school)
    access_of(person)
    with django_assert_num_queries(0):
        html = button(person, school, count="128")
    assert 'name="query" value="kind=room&amp;q=%E9%97%A8"' in html
    assert "128" in html
    assert [f'value="{code}"' in html for code in ("xlsx", "csv", "pdf")] == [True, True, True]


def test_the_button_is_not_there_without_permission(school, monkeypatch):
    from houqin.exports import registry
    from tests.exports.factories import make_export

    assert button(make_person(school), school).strip() == ""
    monkeypatch.setitem(registry._definitions, KIND, make_export(permission="schools.manage_places"))
    assert button(make_person(school), school).strip() == ""
