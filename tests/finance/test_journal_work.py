"""A paper journal that was confirmed is posted by a worker: all of it once, or nothing and words why."""

import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone

from finance.journals import actions as journal_actions
from finance.journals import work as journal_work
from finance.journals.job import JournalJob
from finance.journals.tasks import post_waiting
from finance.journals.waiting import waiting
from finance.ledger.models import Posting, Voucher
from finance.ledger.verify import verify
from houqin.celery import app
from houqin.errors import Refused
from houqin.history import labels
from houqin.history.models import ActionLog
from houqin.notices.models import Notice
from houqin.schools.models import Membership
from houqin.web import heart
from tests.finance.journal_factories import HEAD, PAPER, entered, examined, of_file, refused, small, submitted
from tests.finance.ledger_factories import Office, books_of, second_chief


def handed_on(office):
    return submitted(entered(examined([HEAD, *small()], office), office), office)


def set_job(job, **fields):
    JournalJob.objects.filter(pk=job.pk).update(**fields)


def posted(office):
    return Posting.objects.filter(ledger=office.ledger).count()


@pytest.fixture
def office(db):
    return Office(year=2024)


def test_the_sweep_posts_what_no_message_woke(office):
    batch = handed_on(office)
    journal_actions.start(batch, by=office.chief)
    batch.refresh_from_db()
    assert (batch.state, posted(office)) == ("submitted", 0)
    post_waiting()
    batch.refresh_from_db()
    assert (batch.state, batch.confirmed_by, posted(office)) == ("posted", office.chief, 4)
    assert (batch.job.state, batch.job.rows_done, batch.job.rows_total) == ("posted", 3, 3)
    assert app.conf.beat_schedule["journals-post-waiting"]["task"] == "finance.journals.tasks.post_waiting"


def test_a_second_tap_gives_the_same_job_and_a_second_run_posts_nothing(office):
    batch = handed_on(office)
    job = journal_actions.start(batch, by=office.chief)
    assert journal_actions.start(batch, by=second_chief(office)) == job
    journal_work.run_job(job.pk)
    journal_work.run_job(job.pk)
    assert posted(office) == 4
    # The tap that came too late is no mistake of whose it was; another person is told.
    assert journal_actions.start(batch, by=office.chief) == job
    assert refused(journal_actions.start, batch, by=second_chief(office)) == "not_submitted"


def test_only_a_second_person_who_keeps_no_cash_confirms(office):
    batch = handed_on(office)
    assert refused(journal_actions.start, batch, by=office.accountant) == "not_allowed"
    assert refused(journal_actions.start, batch, by=office.cashier) == "not_allowed"
    type(batch).objects.filter(pk=batch.pk).update(prepared_by=office.chief)
    assert refused(journal_actions.start, batch, by=office.chief) == "own_batch"
    assert not JournalJob.objects.exists()


def test_what_is_being_posted_waits_for_nobody_and_can_be_neither_sent_back_nor_given_up(office):
    batch = handed_on(office)
    assert waiting(office.chief, None).exists()
    journal_actions.start(batch, by=office.chief)
    assert not waiting(office.chief, None).exists()
    assert refused(journal_actions.send_back, batch, reason="再看", by=office.chief) == "being_posted"
    assert refused(journal_actions.drop, batch, by=office.accountant) == "being_posted"


def test_a_refusal_is_said_in_words_on_the_page_and_can_be_put_right(office, client):
    """The second month is closed meanwhile: the first one is not posted either."""
    batch = handed_on(office)
    office.close_through(2, 2024)
    job = journal_actions.start(batch, by=office.chief)
    journal_work.run_job(job.pk)
    job.refresh_from_db()
    batch.refresh_from_db()
    assert (job.state, batch.state, posted(office)) == ("refused", "submitted", 0)
    assert not Voucher.objects.filter(ledger=office.ledger).exists()
    assert ActionLog.objects.filter(code="finance.confirm_journal", result="period_closed").count() == 1
    assert Notice.objects.filter(person=office.chief, cause__endswith=":refused").count() == 1
    client.force_login(office.chief)
    page = client.get(batch.get_absolute_url())
    assert job.reason in page.content.decode()
    assert reverse("finance:journals:confirm", args=[batch.pk]) in page.content.decode()
    assert waiting(office.chief, None).exists()
    # Sent back, it begins anew: the old reason is gone.
    journal_actions.send_back(batch, reason="二月已结账", by=office.chief)
    assert job.reason not in client.get(batch.get_absolute_url()).content.decode()


def test_who_lost_the_post_meanwhile_posts_nothing(office):
    batch = handed_on(office)
    job = journal_actions.start(batch, by=office.chief)
    Membership.objects.filter(user=office.chief).delete()
    journal_work.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, posted(office)) == ("refused", 0)


def test_the_page_shows_how_far_it_is_and_then_itself(office, client):
    batch = handed_on(office)
    job = journal_actions.start(batch, by=office.chief)
    set_job(job, rows_done=2, heartbeat=timezone.now())
    client.force_login(office.accountant)
    page = client.get(batch.get_absolute_url()).content.decode()
    assert '<progress class="grow" max="3" value="2"' in page
    part = client.get(batch.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'value="2"' in part
    set_job(job, heartbeat=None)
    journal_work.run_job(job.pk)
    assert client.get(batch.get_absolute_url(), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_a_job_that_kills_its_workers_is_given_up(office):
    job = journal_actions.start(handed_on(office), by=office.chief)
    set_job(job, attempts=JournalJob.MAX_ATTEMPTS)
    post_waiting()
    job.refresh_from_db()
    assert (job.state, posted(office)) == ("refused", 0)
    assert job.reason
    noted = ActionLog.objects.get(code="finance.confirm_journal").result
    assert labels.result_label(noted) != noted


def test_what_a_worker_did_that_lost_its_lease_does_not_count(office, monkeypatch):
    job = journal_actions.start(handed_on(office), by=office.chief)
    confirm = journal_actions.confirm

    def slow(*args, **kwargs):
        confirm(*args, **kwargs)
        set_job(job, lease=None)

    monkeypatch.setattr(journal_actions, "confirm", slow)
    journal_work.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, posted(office)) == ("posting", 0)


def test_what_is_refused_to_a_worker_that_lost_its_lease_is_not_said(office, monkeypatch):
    job = journal_actions.start(handed_on(office), by=office.chief)

    def late(*_args, **_kwargs):
        set_job(job, lease=None)
        raise Refused("late", code="late")

    monkeypatch.setattr(journal_work, "_post", late)
    post_waiting()
    job.refresh_from_db()
    assert (job.state, job.reason) == ("posting", "")
    assert not Notice.objects.filter(cause__endswith=":refused").exists()


def test_two_workers_at_once_post_it_once(committing_db):
    office = Office(year=2024)
    job = journal_actions.start(handed_on(office), by=office.chief)  # eager Celery posts it in this call
    assert posted(office) == 4
    again = submitted(entered(examined([HEAD, *later()], office), office), office)
    job = JournalJob.objects.create(batch=again, started_by=office.chief, rows_total=again.entries)
    begin = threading.Barrier(3)

    def worker():
        begin.wait()
        journal_work.run_job(job.pk)
        connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.refresh_from_db()
    assert (job.state, posted(office)) == ("posted", 5)
    assert verify(books_of(office)) is None


def test_nobody_waits_for_the_worker_who_has_the_journal_locked(committing_db):
    office = Office(year=2024)
    batch = handed_on(office)
    job = JournalJob.objects.create(batch=batch, started_by=office.chief, rows_total=batch.entries)
    worker = connection.copy()
    worker.set_autocommit(False)
    try:
        with worker.cursor() as cursor:
            cursor.execute("SELECT id FROM finance_journalbatch WHERE id = %s FOR NO KEY UPDATE", [batch.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        assert journal_actions.start(batch, by=office.chief) == job
        assert refused(journal_actions.send_back, batch, reason="再看", by=office.chief) == "being_posted"
        assert refused(journal_actions.drop, batch, by=office.accountant) == "being_posted"
    finally:
        worker.rollback()
        worker.close()


def later():
    """A journal that goes on where `small` ends."""
    return [
        [None, None, None, None, "承前页", None, None, None, "借", 200],
        [3, 1, "付", 1, "墨盒", "5001 业务活动费用", None, 20, "借", 180],
    ]


def test_progress_is_seen_from_outside_while_the_transaction_is_open(committing_db, monkeypatch):
    office = Office(year=2024)
    batch = submitted(entered(of_file(PAPER, office), office), office)
    job = JournalJob.objects.create(batch=batch, started_by=office.chief, rows_total=batch.entries)
    monkeypatch.setattr(heart, "BEAT_SECONDS", 0)
    confirm, seen = journal_actions.confirm, []

    def watched(*args, progress, **kwargs):
        def spy(done):
            progress(done)
            other = connection.copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT rows_done FROM finance_journaljob WHERE id = %s", [job.pk])
                seen.append(cursor.fetchone()[0])
                cursor.execute("SELECT count(*) FROM finance_posting WHERE ledger_id = %s", [office.ledger.pk])
                assert cursor.fetchone()[0] == 0
            other.close()

        return confirm(*args, progress=spy, **kwargs)

    monkeypatch.setattr(journal_actions, "confirm", watched)
    journal_work.run_job(job.pk)
    assert seen == sorted(set(seen))
    assert len(seen) == 5
    assert seen[-1] == 230


WORKER = """
import django, time
django.setup()
from finance.journals import actions as journal_actions
from finance.journals import work as journal_work

confirm = journal_actions.confirm

def slow(*args, **kwargs):
    confirm(*args, **kwargs)
    print("posted", flush=True)
    time.sleep(60)

journal_actions.confirm = slow
journal_work.run_job({job})
"""


def test_a_worker_killed_mid_way_leaves_nothing_and_the_sweep_finishes(committing_db):
    office = Office(year=2024)
    batch = handed_on(office)
    job = JournalJob.objects.create(batch=batch, started_by=office.chief, rows_total=batch.entries)
    environ = committing_db.environ | {"PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-W", "ignore", "-c", WORKER.format(job=job.pk)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as worker:
        assert worker.stdout.readline() == b"posted\n"
        worker.send_signal(signal.SIGKILL)
    assert posted(office) == 0
    assert journal_work.due_jobs() == [], "its heartbeat is still young"
    set_job(job, heartbeat=timezone.now() - JournalJob.SILENCE - timedelta(seconds=1))
    deadline = time.monotonic() + 10
    while posted(office) == 0 and time.monotonic() < deadline:
        post_waiting()
    batch.refresh_from_db()
    assert (batch.state, posted(office)) == ("posted", 4)
    assert verify(books_of(office)) is None
