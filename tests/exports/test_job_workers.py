"""Workers at an export: progress while they write, stops, two at once, killed ones."""

import subprocess
import sys
import threading

import pytest
from django.db import connections
from django.db.models import Func, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from houqin.exports import actions, progress, registry, tasks
from houqin.exports.models import SILENCE, ExportJob
from houqin.exports.registry import Column, DocumentExport
from houqin.exports.writers import csv_writer
from houqin.notices.models import Notice
from tests.exports.factories import KIND, make_export, make_job
from tests.schools.factories import make_person, make_place, make_school

State = ExportJob.State
single = pytest.mark.django_db


def fall_silent(job):
    ExportJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - SILENCE * 2)


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
