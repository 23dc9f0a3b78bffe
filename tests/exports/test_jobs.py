import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.db.models import Func, TextField, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils import timezone
from kombu.exceptions import OperationalError

from houqin.errors import NotAllowed, Refused, WrongState
from houqin.exports import actions, progress, registry, tasks
from houqin.exports.models import SILENCE, ExportJob
from houqin.exports.registry import Column, DocumentExport
from houqin.exports.writers import csv_writer
from houqin.history.models import ActionLog
from houqin.notices.models import Notice
from houqin.schools.models import Membership
from tests.exports.factories import KIND, make_export, make_finished_job, make_job
from tests.schools.factories import make_membership, make_person, make_place, make_school, make_user

State = ExportJob.State
single = pytest.mark.django_db


def start(owner, school, **fields):
    return actions.start(KIND, by=owner, school=school, **{"format": "csv"} | fields)


def content(job):
    return job.path.read_text(encoding="utf-8-sig")


def fall_silent(job):
    ExportJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - SILENCE * 2)


# --- asking -------------------------------------------------------------------------------------------------


@single
def test_a_missing_broker_does_not_undo_the_request(export, monkeypatch, django_capture_on_commit_callbacks):
    def broken(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(tasks.run_export, "delay", broken)
    monkeypatch.setattr("houqin.web.waking._rests_until", 0.0)
    school = make_school()
    with django_capture_on_commit_callbacks(execute=True):
        job = start(make_person(school), school)
    assert ExportJob.objects.get(pk=job.pk).state == State.WAITING


@single
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


@single
def test_start_twice_gives_one_job(export):
    school = make_school()
    owner = make_person(school)
    assert start(owner, school) == start(owner, school)
    assert start(owner, school, format="xlsx") != start(owner, school)


@single
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


@single
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


@single
def test_start_needs_the_permission_at_the_school(monkeypatch):
    monkeypatch.setitem(registry._definitions, KIND, make_export(permission="schools.view_people"))
    school, other = make_school(), make_school()
    with pytest.raises(NotAllowed):
        start(make_person(school, "staff"), school)
    with pytest.raises(NotAllowed):
        start(make_person(school, "logistics"), other)


@single
def test_a_filter_cannot_carry_what_the_database_refuses(export):
    school = make_school()
    job = start(make_person(school), school, params=QueryDict("q=a%00b&x%00=1"))
    assert job.params == {"q": ["ab"]}


# --- running ------------------------------------------------------------------------------------------------


@single
def test_the_file_holds_what_is_filtered_and_visible(export):
    school, other = make_school(), make_school()
    make_place(school, code="MINE")
    make_place(school, code="GROUND", kind="ground")
    make_place(other, code="THEIRS")
    job = make_finished_job(make_person(school), school, params={"kind": ["room"]})
    assert "MINE" in content(job)
    assert "GROUND" not in content(job)
    assert "THEIRS" not in content(job)


@single
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


@single
def test_what_is_visible_is_asked_when_the_job_runs(export):
    school, other = make_school(), make_school()
    owner = make_person(school)
    make_membership(owner, other)
    make_place(other, code="OTHER")
    job = start(owner, None)
    Membership.objects.filter(user=owner, school=other).delete()
    assert "OTHER" not in content(actions.run(job))


@single
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


@single
def test_running_twice_gives_one_file_and_one_notice(export):
    school = make_school()
    job = make_finished_job(make_person(school), school)
    before = job.path.stat().st_mtime_ns
    assert actions.run(job) is None
    tasks.run_export(job.pk)
    assert job.path.stat().st_mtime_ns == before
    assert Notice.objects.filter(cause=f"export:{job.pk}").count() == 1
    assert [part.name for part in job.folder.iterdir()] == ["file.csv"]


@single
def test_an_export_that_is_gone_fails_in_words(export, monkeypatch):
    school = make_school()
    job = start(make_person(school), school)
    monkeypatch.delitem(registry._definitions, KIND)
    assert actions.run(job).error


@single
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


@single
def test_an_error_of_the_database_fails_the_job_alone(monkeypatch, caplog):
    columns = [Column("x", Cast(Value("abc"), output_field=TextField()), "money")]
    monkeypatch.setitem(registry._definitions, KIND, make_export(columns=columns))
    school = make_school()
    make_place(school)
    job = actions.run(start(make_person(school), school))
    assert job.state == State.FAILED
    assert ExportJob.objects.get().state == State.FAILED


@single
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


# --- two workers, killed workers ----------------------------------------------------------------------------


def _document(monkeypatch, write):
    document = DocumentExport(KIND, "标签", "schools.view_places", write)
    monkeypatch.setitem(registry._definitions, KIND, document)
    school = make_school()
    return make_job(make_person(school), school, format="pdf")


def test_progress_is_visible_while_a_document_is_written(committing_db, monkeypatch):
    monkeypatch.setattr(progress, "BEAT_SECONDS", 0.01)
    seen = []

    def write(job, path, told):
        path.write_bytes(b"%PDF")
        told.of(10)
        told.at(5)
        seen.append(_wait_for(job, lambda row: row.rows_done == 5))
        return 10

    job = actions.run(_document(monkeypatch, write))
    assert (seen[0].rows_done, seen[0].rows_total) == (5, 10)
    assert (job.rows_done, job.rows_total) == (10, 10)


def _wait_for(job, condition):
    for _attempt in range(500):
        row = ExportJob.objects.get(pk=job.pk)
        if condition(row):
            return row
        threading.Event().wait(0.01)
    raise AssertionError("did not come")


def test_progress_is_visible_while_postgresql_copies(committing_db, monkeypatch):
    monkeypatch.setattr(progress, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(csv_writer, "NOTE_EVERY", 1)
    slow = Column("x", Cast(Func(Value(0.05), function="pg_sleep", output_field=TextField()), TextField()))
    # more than PostgreSQL gathers before it sends
    large = Column("y", Value("字" * 5000))
    monkeypatch.setitem(registry._definitions, KIND, make_export(columns=[slow, large]))
    school = make_school()
    owner = make_person(school)
    for _n in range(20):
        make_place(school)
    job = make_job(owner, school)
    seen = []

    def watch():
        seen.append(_wait_for(job, lambda row: 0 < row.rows_done < 20))
        connections.close_all()

    watcher = threading.Thread(target=watch)
    watcher.start()
    done = actions.run(job)
    watcher.join()
    assert seen[0].state == State.RUNNING
    assert seen[0].rows_total == 20
    assert done.rows_done == 20


def test_removing_a_running_export_stops_it(committing_db, monkeypatch):
    monkeypatch.setattr(progress, "BEAT_SECONDS", 0.01)

    def write(job, path, told):
        path.write_bytes(b"%PDF")
        actions.remove(job, by=job.owner)
        for rows in range(500):
            told.at(rows)
            threading.Event().wait(0.01)
        raise AssertionError("was not stopped")

    job = _document(monkeypatch, write)
    assert actions.run(job) is None
    assert not ExportJob.objects.exists()
    assert not job.folder.exists()


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
def test_a_table_stops_in_the_middle_and_the_connection_lives_on(committing_db, monkeypatch, format):
    monkeypatch.setattr(csv_writer, "NOTE_EVERY", 1)
    monkeypatch.setitem(registry._definitions, KIND, make_export())
    school = make_school()
    owner = make_person(school)
    for _n in range(5):
        make_place(school)

    def stop(self, rows):
        if rows > 1:
            raise progress.Interrupted

    monkeypatch.setattr(progress.Progress, "at", stop)
    job = make_job(owner, school, format=format)
    assert actions.run(job) is None
    assert not job.path.exists()
    assert ExportJob.objects.get().state == State.RUNNING


def test_two_workers_write_one_file(committing_db, monkeypatch):
    written = []
    both = threading.Barrier(2)

    def write(job, path, told):
        written.append(job.attempt)
        path.write_bytes(b"%PDF")
        return 1

    job = _document(monkeypatch, write)
    results = []

    def work():
        both.wait()
        results.append(actions.run(ExportJob.objects.get(pk=job.pk)))
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert written == [1]
    assert sorted(result is None for result in results) == [False, True]
    assert Notice.objects.count() == 1


def test_a_worker_that_was_given_up_cannot_put_its_file_in_place(committing_db, monkeypatch):
    def write(job, path, told):
        path.write_bytes(b"%PDF attempt " + str(job.attempt).encode())
        if job.attempt == 1:
            fall_silent(job)
            assert actions.run(ExportJob.objects.get(pk=job.pk)).state == State.DONE
        return job.attempt

    job = _document(monkeypatch, write)
    assert actions.run(job) is None
    job.refresh_from_db()
    assert (job.state, job.attempt, job.rows_done) == (State.DONE, 2, 2)
    assert job.path.read_bytes() == b"%PDF attempt 2"
    assert [path.name for path in job.folder.iterdir()] == ["file.pdf"]


_KILLED = """
import os, signal, django
django.setup()
from houqin.exports import actions, registry
from houqin.exports.models import ExportJob

def write(job, path, progress):
    path.write_bytes(b"%PDF half")
    os.kill(os.getpid(), signal.SIGKILL)

registry.register(registry.DocumentExport("tests.places", "x", "schools.view_places", write))
actions.run(ExportJob.objects.get())
"""


def test_a_killed_worker_leaves_no_file_and_the_sweep_finishes_the_job(committing_db, monkeypatch):
    def write(job, path, told):
        path.write_bytes(b"%PDF whole")
        return 1

    job = _document(monkeypatch, write)
    killed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _KILLED], env=committing_db.environ, capture_output=True, check=False
    )
    assert killed.returncode == -9, killed.stderr.decode()
    job.refresh_from_db()
    assert job.state == State.RUNNING
    assert not job.path.exists()
    tasks.run_waiting()
    job.refresh_from_db()
    assert job.state == State.RUNNING, "its worker may still be alive"
    fall_silent(job)
    tasks.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.DONE, 2)
    assert [path.name for path in job.folder.iterdir()] == ["file.pdf"]
    assert job.path.read_bytes() == b"%PDF whole"


@single
def test_the_sweep_runs_what_no_message_woke(export):
    school = make_school()
    job = make_job(make_person(school), school)
    tasks.run_waiting()
    job.refresh_from_db()
    assert job.state == State.DONE


@single
def test_a_job_that_kills_every_worker_fails(export):
    school = make_school()
    now = timezone.now()
    job = make_job(
        make_person(school), school, state="running", attempt=3, started_at=now, heartbeat_at=now - SILENCE * 2
    )
    tasks.run_waiting()
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert job.error


# --- afterwards ---------------------------------------------------------------------------------------------


@single
def test_expiry_removes_the_file_and_keeps_the_row(export):
    school = make_school()
    job, fresh = (make_finished_job(make_person(school), school) for _ in range(2))
    ExportJob.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=20))
    ExportJob.objects.filter(pk=job.pk).update(expires_at=timezone.now() - timedelta(days=6))
    tasks.remove_expired()
    job.refresh_from_db()
    fresh.refresh_from_db()
    assert (job.state, fresh.state) == (State.EXPIRED, State.DONE)
    assert not job.folder.exists()
    assert fresh.path.exists()


STATES = {
    State.WAITING: {},
    State.RUNNING: {"attempt": 1},
    State.DONE: {"size": 1, "file_name": "x.csv"},
    State.FAILED: {"error": "x"},
    State.EXPIRED: {},
}


def job_in(state, owner, school):
    now = timezone.now()
    times = {
        "started_at": now,
        "heartbeat_at": now,
        "finished_at": now,
        "expires_at": now + timedelta(days=1),
    }
    return make_job(owner, school, state=state, **times, **STATES[state])


@single
@pytest.mark.parametrize("state", State.values)
def test_repeat_from_every_state(export, state):
    school = make_school()
    owner = make_person(school)
    job = job_in(state, owner, school)
    if state in ("waiting", "running"):
        with pytest.raises(WrongState) as refusal:
            actions.repeat(job, by=owner)
        assert refusal.value.code == "wrong_state"
    else:
        again = actions.repeat(job, by=owner)
        assert (again.pk != job.pk, again.state, again.params) == (True, State.WAITING, job.params)


@single
@pytest.mark.parametrize("state", State.values)
def test_remove_from_every_state(export, state):
    school = make_school()
    owner = make_person(school)
    job = job_in(state, owner, school)
    actions.remove(job, by=owner)
    assert not ExportJob.objects.exists()
    assert ActionLog.objects.filter(code="exports.remove_export", detail=state).exists()


@single
@pytest.mark.parametrize("state", [state for state in State.values if state != "done"])
def test_only_a_finished_file_opens(export, state):
    school = make_school()
    owner = make_person(school)
    with pytest.raises(Refused) as refusal:
        actions.open_file(job_in(state, owner, school), by=owner)
    assert refusal.value.code == "no_file"


@single
def test_a_file_that_vanished_is_said_in_words(export):
    school = make_school()
    owner = make_person(school)
    with pytest.raises(Refused) as refusal:
        actions.open_file(job_in("done", owner, school), by=owner)
    assert refusal.value.code == "no_file"


@single
@pytest.mark.parametrize("step", [actions.repeat, actions.remove, actions.open_file])
def test_nobody_else_may_touch_it(export, step):
    school = make_school()
    job = make_finished_job(make_person(school), school)
    with pytest.raises(NotAllowed):
        step(job, by=make_person(school, "principal"))
    assert list(ExportJob.objects.visible_to(make_user())) == []


@single
def test_whoever_loses_a_school_loses_the_file(export):
    school, other = make_school(), make_school()
    owner = make_person(school)
    make_membership(owner, other)
    job = make_finished_job(owner)
    assert actions.open_file(job, by=type(owner).objects.get(pk=owner.pk)) == job.path
    Membership.objects.filter(user=owner, school=other).delete()
    with pytest.raises(NotAllowed):
        actions.open_file(job, by=type(owner).objects.get(pk=owner.pk))


@single
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("exports_job_state", {"state": "lost"}),
        ("exports_job_format", {"format": "doc"}),
        ("exports_job_running", {"state": "running"}),
        ("exports_job_done", {"state": "done"}),
        ("exports_job_failed", {"state": "failed"}),
        ("exports_job_failed", {"error": "x"}),
        ("exports_job_expiry", {"finished_at": "2026-01-02T00:00Z", "expires_at": "2026-01-01T00:00Z"}),
    ],
)
def test_the_database_refuses_impossible_jobs(name, fields):
    job = make_job(make_user())
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ExportJob.objects.filter(pk=job.pk).update(**fields)
