import io

import openpyxl
import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from houqin.imports import actions
from houqin.imports.models import ImportJob
from houqin.schools.models import Place
from tests.imports.factories import HEAD, KIND, checked, make_job, read, workbook, worked
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
START = "/imports/start/test.things/"


@pytest.fixture
def page(client, head):
    client.force_login(head)
    return client


def send(client, content, **data):
    return client.post(START, {"file": SimpleUploadedFile("清册.xlsx", content)} | data)


def text(response):
    return response.content.decode()


def test_the_whole_way_in_pages(page, school, head, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(page, workbook(above=[["清册"]]))
    job = ImportJob.objects.get()
    assert answer["Location"] == job.get_absolute_url()
    shown = text(page.get(job.get_absolute_url()))
    assert "课桌、椅子、黑板" in shown
    with django_capture_on_commit_callbacks(execute=True):
        page.post(reverse("imports:columns", args=[job.pk]), {name: str(p) for name, p in worked(job).mapping.items()})
    assert "in all" in text(page.get(job.get_absolute_url()))
    with django_capture_on_commit_callbacks(execute=True):
        page.post(reverse("imports:confirm", args=[job.pk]))
    assert Place.objects.filter(school=school).count() == 3
    assert reverse(KIND.list_url) in text(page.get(job.get_absolute_url()))


def test_the_upload_page_says_what_is_understood(page):
    shown = text(page.get(START))
    for words in ("名称", "物品名称", "One row is one thing.", "As on it.", "A1"):
        assert words in shown


def test_a_second_tap_uploads_once(page):
    key, content = page.get(START).context["form"]["form_key"].value(), workbook()
    answers = {send(page, content, form_key=key)["Location"] for _ in range(2)}
    assert len(answers) == 1
    assert ImportJob.objects.count() == 1


def test_a_file_that_cannot_be_taken_is_said_beside_the_field(page):
    for content in (b"", b"%PDF-1.7"):
        answer = send(page, content)
        assert answer.status_code == 422
        assert answer.context["form"].errors["file"]
    assert page.post(START, {}).status_code == 422


def test_the_template_is_understood_again(page, school, head):
    answer = page.get("/imports/template/test.things/")
    assert answer["Content-Disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert [cell.value for cell in book.worksheets[0][1]] == HEAD
    book.worksheets[0].append(["课桌", "A1"])
    out = io.BytesIO()
    book.save(out)
    assert checked(out.getvalue(), school=school, by=head).state == "ready"


def test_chosen_columns_stay_when_they_cannot_be(page, school, head):
    job = read(workbook(), school=school, by=head)
    answer = page.post(reverse("imports:columns", args=[job.pk]), {"name": "1", "code": "1", "price": "2"})
    assert answer.status_code == 422
    form = answer.context["columns_form"]
    assert form.errors.as_data()["code"][0].code == "column_twice"
    assert form["price"].value() == "2"
    job.refresh_from_db()
    assert job.state == "mapped"


def test_another_sheet_or_row_that_is_not_there_is_said_beside_the_field(page, school, head):
    job = read(workbook(), school=school, by=head)
    answer = page.post(reverse("imports:sheet", args=[job.pk]), {"sheet": "清册", "header_row": "30"})
    assert answer.status_code == 422
    assert answer.context["sheet_form"].errors.as_data()["header_row"][0].code == "header_row"
    assert page.post(reverse("imports:sheet", args=[job.pk]), {"sheet": "x", "header_row": "y"}).status_code == 422
    assert page.post(reverse("imports:sheet", args=[job.pk]), {"sheet": "清册", "header_row": "2"}).status_code == 302


def test_errors_are_shown_and_downloaded_without_formulas(page, school, head):
    job = checked(workbook([["课桌", "A1", "=cmd()"]]), school=school, by=head)
    assert "=cmd()" in text(page.get(job.get_absolute_url()))
    answer = page.get(reverse("imports:errors", args=[job.pk]))
    assert "'=cmd()" in answer.content.decode("utf-8-sig")
    assert answer["Content-Disposition"].startswith("attachment")


def test_cells_are_escaped(page, school, head):
    job = checked(workbook([["<script>alert(1)</script>", "A1", "<img>"]]), school=school, by=head)
    shown = text(page.get(job.get_absolute_url()))
    assert "<script>alert" not in shown
    assert "<img>" not in shown


def test_while_a_worker_is_at_it_htmx_gets_the_progress(page, school, head):
    job = make_job(workbook(), school=school, by=head)
    answer = page.get(job.get_absolute_url(), headers={"HX-Request": "true"})
    assert "hx-get" in text(answer)
    assert "<html" not in text(answer)
    assert "hx-get" in text(page.get(job.get_absolute_url()))
    answer = page.get(worked(job).get_absolute_url(), headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"


@pytest.mark.parametrize("state", ["failed", "cancelled", "done", "checking", "writing"])
def test_every_state_has_a_page(page, school, head, state):
    job = checked(workbook(), school=school, by=head)
    fields = {"done": {"written": 3}}.get(state, {})
    ended = job.uploaded_at if state in ImportJob.ENDED else None
    ImportJob.objects.filter(pk=job.pk).update(state=state, ended_at=ended, **fields)
    assert page.get(job.get_absolute_url()).status_code == 200


def test_a_step_too_late_is_said_in_words(page, school, head):
    job = read(workbook(), school=school, by=head)
    actions.cancel(job, by=head)
    for name in ("confirm", "columns", "sheet"):
        data = {"name": "0", "code": "1", "sheet": "清册", "header_row": "1"}
        answer = page.post(reverse(f"imports:{name}", args=[job.pk]), data)
        assert answer.status_code == 302
        assert get_messages(answer.wsgi_request)


def test_cancel(page, school, head):
    job = read(workbook(), school=school, by=head)
    page.post(reverse("imports:cancel", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_other_people_and_other_campuses_find_nothing(client, school, head):
    job = read(workbook(), school=school, by=head)
    for person in (make_person(school, "logistics"), make_person(make_school(), "logistics")):
        client.force_login(person)
        for name in ("detail", "errors"):
            assert client.get(reverse(f"imports:{name}", args=[job.pk])).status_code == 404
        for name in ("sheet", "columns", "confirm", "cancel"):
            assert client.post(reverse(f"imports:{name}", args=[job.pk])).status_code == 404
        assert "things.xlsx" not in text(client.get("/imports/"))


def test_those_who_may_not_are_told(client, school):
    client.force_login(make_person(school, "staff"))
    assert client.get(START).status_code == 403
    assert client.post(START).status_code == 403
    assert client.get("/imports/template/test.things/").status_code == 403
    assert client.get("/imports/start/nonsense/").status_code == 404
    assert KIND.name not in text(client.get("/imports/"))


def test_who_looks_at_all_schools_is_asked_to_choose_one(client):
    central = make_school()
    make_school(parent=central)
    client.force_login(make_person(central, "central_officer"))
    session = client.session
    session["acting_school"] = "all"
    session.save()
    answer = client.get(START)
    assert answer.templates[0].name == "imports/choose_school.html"
    client.post(START, {"file": SimpleUploadedFile("a.xlsx", workbook())})
    assert not ImportJob.objects.exists()


def test_changes_are_posted(page, school, head):
    job = read(workbook(), school=school, by=head)
    for name in ("sheet", "columns", "confirm", "cancel"):
        assert page.get(reverse(f"imports:{name}", args=[job.pk])).status_code == 405


def test_the_list_costs_the_same_for_1_and_50(page, school, head):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert page.get("/imports/").status_code == 200
        return len(asked)

    job = read(workbook(), school=school, by=head)
    queries()
    one = queries()
    fields = {f.attname: getattr(job, f.attname) for f in ImportJob._meta.concrete_fields if f.attname != "id"}
    ImportJob.objects.bulk_create(ImportJob(**fields) for _ in range(50))
    assert queries() == one


def test_the_page_costs_the_same_for_few_and_many_errors(page, school, head):
    few = checked(workbook([["", "A1"]]), school=school, by=head)
    many = checked(workbook([["", f"A{n}"] for n in range(300)]), school=school, by=head)

    def queries(job):
        with CaptureQueriesContext(connection) as asked:
            page.get(job.get_absolute_url())
        return len(asked)

    queries(few)
    assert queries(few) == queries(many)
