import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.utils import timezone

from houqin.imports import actions, registry, work
from houqin.imports.models import ImportJob
from houqin.imports.tasks import run_waiting
from houqin.schools.models import Place
from houqin.web import heart
from tests.imports.factories import HEAD, KIND, checked, codes, make_job, read, workbook, worked
from tests.schools.factories import make_person, make_school


def set_job(job, **fields):
    ImportJob.objects.filter(pk=job.pk).update(**fields)


@pytest.mark.django_db
def test_the_sweep_takes_what_no_message_woke(school, head):
    job = make_job(workbook(), school=school, by=head)
    run_waiting()
    job.refresh_from_db()
    assert job.state == "mapped"


@pytest.mark.django_db
def test_a_job_that_a_living_worker_has_is_left_alone(school, head):
    job = make_job(workbook(), school=school, by=head)
    set_job(job, heartbeat=timezone.now() - timedelta(seconds=60))
    assert work.due_jobs() == []
    set_job(job, heartbeat=timezone.now() - ImportJob.SILENCE - timedelta(seconds=1))
    assert work.due_jobs() == [job.pk]


@pytest.mark.django_db
def test_a_job_that_kills_its_workers_is_given_up(school, head):
    job = make_job(workbook(), school=school, by=head)
    set_job(job, attempts=ImportJob.MAX_ATTEMPTS, state="reading")
    assert worked(job).state == "failed"
    assert codes(job) == [(0, "", "gave_up")]


@pytest.mark.django_db
def test_the_result_of_a_worker_that_lost_its_lease_does_not_count(school, head, monkeypatch):
    """The person cancels while the worker checks: cancelled it stays."""
    job = read(workbook(), school=school, by=head)
    actions.choose_columns(job, mapping=job.mapping, by=head)

    def check(rows, **kwargs):
        actions.cancel(job, by=head)
        return []

    slow = registry.ImportKind(KIND.name, "", KIND.permission, KIND.columns, check, KIND.write)
    monkeypatch.setitem(registry._kinds, KIND.name, slow)
    assert worked(job).state == "cancelled"


@pytest.mark.django_db
def test_a_writer_that_lost_its_lease_writes_nothing(school, head, monkeypatch):
    job = checked(workbook(), school=school, by=head)
    actions.confirm(job, by=head)

    def write(rows, **kwargs):
        written = KIND.write(rows, **kwargs)
        set_job(job, lease=None)
        return written

    overtaken = registry.ImportKind(KIND.name, "", KIND.permission, KIND.columns, KIND.check, write)
    monkeypatch.setitem(registry._kinds, KIND.name, overtaken)
    assert worked(job).state == "writing"
    assert not Place.objects.exists()


@pytest.mark.django_db
def test_a_refusal_on_the_way_names_its_row_in_whatever_order(school, head, monkeypatch):
    monkeypatch.setitem(registry._kinds, KIND.name, replace(KIND, write_order=lambda row: -row.number))
    job = checked(workbook([["拒绝", "A1"], ["课桌", "A2"], ["黑板", "A3"]], head=HEAD[:2]), school=school, by=head)
    actions.confirm(job, by=head)
    assert codes(worked(job)) == [(2, "name", "not_this_one")]
    assert not Place.objects.exists()


@pytest.mark.django_db
def test_what_was_left_lying_ends_and_its_file_goes(school, head):
    job = read(workbook(), school=school, by=head)
    set_job(job, uploaded_at=timezone.now() - timedelta(days=15))
    work.remove_old()
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert default_storage.exists(job.stored_path)
    set_job(job, ended_at=timezone.now() - timedelta(days=31))
    work.remove_old()
    assert not default_storage.exists(job.stored_path)
    job.refresh_from_db()
    assert (job.stored_path, job.preview) == ("", [])


def test_two_workers_at_once_write_once(committing_db):
    school = make_school()
    head = make_person(school, "logistics")
    job = checked(workbook(), school=school, by=head)
    actions.confirm(job, by=head)  # eager Celery writes it in this call
    set_job(job, state="writing", written=None, ended_at=None, lease=None, heartbeat=None)
    Place.objects.all().delete()
    start = threading.Barrier(2)

    def worker():
        start.wait()
        work.run_job(job.pk)
        connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.refresh_from_db()
    assert (job.state, job.written, Place.objects.count()) == ("done", 3, 3)


def test_progress_is_seen_from_outside_while_the_transaction_is_open(committing_db, monkeypatch):
    school = make_school()
    head = make_person(school, "logistics")
    job = checked(workbook(), school=school, by=head)
    monkeypatch.setattr(heart, "BEAT_SECONDS", 0)
    seen = []

    def write(rows, *, progress, **kwargs):
        def spy(done):
            progress(done)
            other = connection.copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT rows_done FROM imports_importjob WHERE id = %s", [job.pk])
                seen.append(cursor.fetchone()[0])
            other.close()

        return KIND.write(rows, progress=spy, **kwargs)

    watched = registry.ImportKind(KIND.name, "", KIND.permission, KIND.columns, KIND.check, write)
    monkeypatch.setitem(registry._kinds, KIND.name, watched)
    actions.confirm(job, by=head)
    assert seen == [1, 2, 3]


WORKER = """
import django, time
django.setup()
from houqin.imports import registry, work
from houqin.imports.models import ImportJob
from tests.imports import factories

def write(rows, **kwargs):
    written = factories.write(rows, **kwargs)
    print("written", flush=True)
    time.sleep(60)
    return written

kind = factories.KIND
registry.register(registry.ImportKind(kind.name, "", kind.permission, kind.columns, kind.check, write))
work.run_job({job})
"""


def test_a_worker_killed_mid_way_leaves_nothing_and_the_sweep_finishes(committing_db, settings, monkeypatch):
    school = make_school()
    head = make_person(school, "logistics")
    job = checked(workbook(), school=school, by=head)
    set_job(job, state="writing")
    environ = committing_db.environ | {"HOUQIN_HOME": str(settings.MEDIA_ROOT.parent), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-W", "ignore", "-c", WORKER.format(job=job.pk)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as worker:
        assert worker.stdout.readline() == b"written\n"
        worker.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while Place.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    job.refresh_from_db()
    assert (job.state, Place.objects.count()) == ("writing", 0)
    assert work.due_jobs() == [], "its heartbeat is still young"
    set_job(job, heartbeat=timezone.now() - ImportJob.SILENCE * 2)
    run_waiting()
    job.refresh_from_db()
    assert (job.state, job.written, Place.objects.count()) == ("done", 3, 3)
