"""What becomes of a finished export: opened, repeated, removed, gone one day."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from houqin.errors import NotAllowed, Refused, WrongState
from houqin.exports import actions, tasks
from houqin.exports.models import ExportJob
from houqin.history.models import ActionLog
from houqin.schools.models import Membership
from tests.exports.factories import make_finished_job, make_job
from tests.schools.factories import make_membership, make_person, make_school, make_user

State = ExportJob.State
pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("state", State.values)
def test_remove_from_every_state(export, state):
    school = make_school()
    owner = make_person(school)
    job = job_in(state, owner, school)
    actions.remove(job, by=owner)
    assert not ExportJob.objects.exists()
    assert ActionLog.objects.filter(code="exports.remove_export", detail=state).exists()


@pytest.mark.parametrize("state", [state for state in State.values if state != "done"])
def test_only_a_finished_file_opens(export, state):
    school = make_school()
    owner = make_person(school)
    with pytest.raises(Refused) as refusal:
        actions.open_file(job_in(state, owner, school), by=owner)
    assert refusal.value.code == "no_file"


def test_a_file_that_vanished_is_said_in_words(export):
    school = make_school()
    owner = make_person(school)
    with pytest.raises(Refused) as refusal:
        actions.open_file(job_in("done", owner, school), by=owner)
    assert refusal.value.code == "no_file"


@pytest.mark.parametrize("step", [actions.repeat, actions.remove, actions.open_file])
def test_nobody_else_may_touch_it(export, step):
    school = make_school()
    job = make_finished_job(make_person(school), school)
    with pytest.raises(NotAllowed):
        step(job, by=make_person(school, "principal"))
    assert list(ExportJob.objects.visible_to(make_user())) == []


def test_whoever_loses_a_school_loses_the_file(export):
    school, other = make_school(), make_school()
    owner = make_person(school)
    make_membership(owner, other)
    job = make_finished_job(owner)
    assert actions.open_file(job, by=type(owner).objects.get(pk=owner.pk)) == job.path
    Membership.objects.filter(user=owner, school=other).delete()
    with pytest.raises(NotAllowed):
        actions.open_file(job, by=type(owner).objects.get(pk=owner.pk))


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
