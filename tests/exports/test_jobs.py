"""An export is asked for once, runs, and ends in a file or in words."""

from datetime import timedelta

import pytest
from django.db.models import TextField, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils import timezone
from kombu.exceptions import OperationalError

from houqin.errors import NotAllowed, Refused
from houqin.exports import actions, registry, tasks
from houqin.exports.models import ExportJob
from houqin.exports.registry import Column, DocumentExport
from houqin.history.models import ActionLog
from houqin.notices.models import Notice
from houqin.schools.models import Membership
from tests.exports.factories import KIND, make_export, make_finished_job
from tests.schools.factories import make_membership, make_person, make_place, make_school

State = ExportJob.State
pytestmark = pytest.mark.django_db


def start(owner, school, **fields):
    return actions.start(KIND, by=owner, school=school, **{"format": "csv"} | fields)


def content(job):
    return job.path.read_text(encoding="utf-8-sig")


def test_a_missing_broker_does_not_undo_the_request(export, monkeypatch, django_capture_on_commit_callbacks):
    def broken(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(tasks.run_export, "delay", broken)
    monkeypatch.setattr("houqin.web.waking._rests_until", 0.0)
    school = make_school()
    with django_capture_on_commit_callbacks(execute=True):
        job = start(make_person(school), school)
    assert ExportJob.objects.get(pk=job.pk).state == State.WAITING


def test_start_makes_a_waiting_job_and_runs_it_after_commit(export, django_capture_on_commit_callbacks):
    school = make_school()
    owner = make_person(school)
    make_place(school, code="P1")
    with django_capture_on_commit_callbacks(execute=True):
        job = start(owner, school, params=QueryDict("kind=room&page=abc&q=a&q=b"))
        assert job.state == State.WAITING
        assert job.params == {"kind": ["room"], "q": ["a", "b"]}
        assert job.query.getlist("q") == ["a", "b"]
    job.refresh_from_db()
    assert (job.state, job.rows_done, job.rows_total) == (State.DONE, 1, 1)
    assert "P1" in content(job)
    assert job.size == job.path.stat().st_size
    assert job.file_name.endswith(".csv")
    assert job.expires_at > timezone.now() + timedelta(days=13)


def test_start_twice_gives_one_job(export):
    school = make_school()
    owner = make_person(school)
    assert start(owner, school) == start(owner, school)
    assert start(owner, school, format="xlsx") != start(owner, school)


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("unknown_kind", {"kind": "nothing"}),
        ("unknown_format", {"format": "docx"}),
        ("filter_too_long", {"params": QueryDict("q=" + "a" * 5000)}),
    ],
)
def test_start_is_refused(export, code, fields):
    school = make_school()
    kind = fields.pop("kind", KIND)
    with pytest.raises(Refused) as refusal:
        actions.start(kind, by=make_person(school), school=school, **{"format": "csv"} | fields)
    assert refusal.value.code == code


def test_start_is_refused_when_too_many_are_on_their_way(export, settings):
    settings.EXPORT_JOBS_PER_PERSON = 2
    school = make_school()
    owner = make_person(school)
    start(owner, school, format="csv")
    start(owner, school, format="xlsx")
    with pytest.raises(Refused) as refusal:
        start(owner, school, format="pdf")
    assert refusal.value.code == "too_many_exports"
    assert "2" in refusal.value.sentence
    start(make_person(school), school)


def test_start_needs_the_permission_at_the_school(monkeypatch):
    monkeypatch.setitem(registry._definitions, KIND, make_export(permission="schools.view_people"))
    school, other = make_school(), make_school()
    with pytest.raises(NotAllowed):
        start(make_person(school, "staff"), school)
    with pytest.raises(NotAllowed):
        start(make_person(school, "logistics"), other)


def test_a_filter_cannot_carry_what_the_database_refuses(export):
    school = make_school()
    job = start(make_person(school), school, params=QueryDict("q=a%00b&x%00=1"))
    assert job.params == {"q": ["ab"]}


def test_the_file_holds_what_is_filtered_and_visible(export):
    school, other = make_school(), make_school()
    make_place(school, code="MINE")
    make_place(school, code="GROUND", kind="ground")
    make_place(other, code="THEIRS")
    job = make_finished_job(make_person(school), school, params={"kind": ["room"]})
    assert "MINE" in content(job)
    assert "GROUND" not in content(job)
    assert "THEIRS" not in content(job)


def test_all_schools_are_those_that_the_person_reaches(export):
    central, stranger = make_school(), make_school()
    campus = make_school(parent=central)
    for place_school, code in ((central, "CENTRAL"), (campus, "CAMPUS"), (stranger, "STRANGER")):
        make_place(place_school, code=code)
    job = make_finished_job(make_person(central, "central_officer"))
    assert "CENTRAL" in content(job)
    assert "CAMPUS" in content(job)
    assert "STRANGER" not in content(job)
    assert job.school_ids == sorted([central.pk, campus.pk])


def test_what_is_visible_is_asked_when_the_job_runs(export):
    school, other = make_school(), make_school()
    owner = make_person(school)
    make_membership(owner, other)
    make_place(other, code="OTHER")
    job = start(owner, None)
    Membership.objects.filter(user=owner, school=other).delete()
    assert "OTHER" not in content(actions.run(job))


def test_a_permission_lost_before_the_run_fails_in_words(export):
    school = make_school()
    owner = make_person(school)
    job = start(owner, school)
    Membership.objects.filter(user=owner).delete()
    job = actions.run(job)
    assert job.state == State.FAILED
    assert job.error
    assert not job.path.exists()
    assert Notice.objects.get(cause=f"export:{job.pk}").person == owner
    assert ActionLog.objects.get(code="exports.finish_export").result == "failed"


def test_running_twice_gives_one_file_and_one_notice(export):
    school = make_school()
    job = make_finished_job(make_person(school), school)
    before = job.path.stat().st_mtime_ns
    assert actions.run(job) is None
    tasks.run_export(job.pk)
    assert job.path.stat().st_mtime_ns == before
    assert Notice.objects.filter(cause=f"export:{job.pk}").count() == 1
    assert [part.name for part in job.folder.iterdir()] == ["file.csv"]


def test_an_export_that_is_gone_fails_in_words(export, monkeypatch):
    school = make_school()
    job = start(make_person(school), school)
    monkeypatch.delitem(registry._definitions, KIND)
    assert actions.run(job).error


def test_a_broken_export_fails_in_words_and_leaves_nothing(monkeypatch, caplog):
    def broken(user, school, params):
        raise ZeroDivisionError

    monkeypatch.setitem(registry._definitions, KIND, make_export(queryset=broken))
    school = make_school()
    job = actions.run(start(make_person(school), school))
    assert job.state == State.FAILED
    assert "ZeroDivision" not in job.error
    assert "ZeroDivisionError" in caplog.text
    assert list(job.folder.iterdir()) == []


def test_an_error_of_the_database_fails_the_job_alone(monkeypatch, caplog):
    columns = [Column("x", Cast(Value("abc"), output_field=TextField()), "money")]
    monkeypatch.setitem(registry._definitions, KIND, make_export(columns=columns))
    school = make_school()
    make_place(school)
    job = actions.run(start(make_person(school), school))
    assert job.state == State.FAILED
    assert ExportJob.objects.get().state == State.FAILED


def test_a_document_is_written_by_its_room(monkeypatch):
    def labels(job, path, told):
        path.write_bytes(b"%PDF " + job.query["places"].encode())
        return 3

    document = DocumentExport("tests.labels", "标签", "schools.view_places", labels)
    monkeypatch.setitem(registry._definitions, document.name, document)
    school = make_school()
    job = actions.start(
        document.name, by=make_person(school), school=school, format="pdf", params=QueryDict("places=1")
    )
    job = actions.run(job)
    assert (job.state, job.rows_done) == (State.DONE, 3)
    assert job.path.read_bytes() == b"%PDF 1"
