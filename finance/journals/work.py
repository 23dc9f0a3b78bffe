"""What a worker does with a paper journal that was confirmed: post all of it, or say why not.

Safe to run twice and at the same time: a worker takes the job by a lease and shows by a heartbeat that it lives. What
is posted and the end of the job are one transaction, which counts only while the lease is the worker's own.
"""

import logging
import uuid
from contextlib import suppress
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.journals import actions
from finance.journals.job import JournalJob
from houqin.accounts.models import User
from houqin.errors import NotAllowed, Refused
from houqin.notices.actions import notify
from houqin.web.heart import Heart
from houqin.web.trail import record_action

logger = logging.getLogger(__name__)
State = JournalJob.State


class LeaseLost(Exception):
    """Another worker has the job now: whatever this one did is rolled back."""


def due_jobs() -> list[int]:
    """Return the ids of the jobs that no worker is at."""
    return list(JournalJob.objects.due().order_by("started_at").values_list("pk", flat=True)[:50])


def run_job(job_id: int) -> None:
    """Take the job if it is due, and post its journal; every way out leaves words for people."""
    job = _claim(job_id)
    if job is None:
        return
    # A fresh person: what was allowed when the journal was confirmed may no longer be.
    by = User.objects.get(pk=job.started_by_id)
    with translation.override(job.language):
        try:
            _post(job, by)
        except (Refused, NotAllowed) as refusal:
            _refuse(job, by, str(refusal.code), refusal.sentence)
        except LeaseLost:
            logger.info("the posting of journal %s went on elsewhere", job.batch_id)
        except Exception:
            logger.exception("the posting of journal %s failed", job.batch_id)
            _refuse(job, by, "broken", _("Something went wrong here. Try again, or tell the administrator."))


def _claim(job_id: int) -> JournalJob | None:
    """Take the lease of a due job; None when it is not due or another worker was quicker."""
    lease = uuid.uuid4()
    due = JournalJob.objects.due().filter(pk=job_id)
    if not due.update(lease=lease, heartbeat=timezone.now(), attempts=F("attempts") + 1, rows_done=0):
        return None
    return JournalJob.objects.select_related("batch__school").get(pk=job_id)


def _post(job: JournalJob, by: User) -> None:
    """Post the journal; the job ends in the same transaction."""
    if job.attempts > JournalJob.MAX_ATTEMPTS:
        raise Refused(
            _("This was tried several times and never ended. Tell the administrator."),
            code="gave_up",
        )
    path = job.batch.get_absolute_url()
    with Heart(job) as heart, pghistory.context(user=by.pk, path=path), transaction.atomic():
        actions.confirm(job.batch, by=by, progress=heart.beat)
        _settle(job, state=State.POSTED, rows_done=job.rows_total)


def _refuse(job: JournalJob, by: User, code: str, sentence: str) -> None:
    """End with the reason, and tell the person who confirmed it; no word where it went on elsewhere."""
    with transaction.atomic(), suppress(LeaseLost):
        _settle(job, state=State.REFUSED, reason=sentence[:300], rows_done=0)
        record_action("finance.confirm_journal", by=by, record=job.batch, result=code, detail=str(job.batch))
        notify(
            by,
            cause=f"finance.journal:{job.batch_id}:refused",
            moment=timezone.now(),
            title=format_lazy(gettext_lazy("The paper journal could not be posted: {batch}"), batch=str(job.batch)),
            body=_("%(reason)s Nothing was posted.") % {"reason": sentence},
            school=job.batch.school,
            url=job.batch.get_absolute_url(),
        )


def _settle(job: JournalJob, **fields: Any) -> None:
    """Write how it ended and let the job go; raise LeaseLost when it went on without this worker."""
    kept = JournalJob.objects.filter(pk=job.pk, lease=job.lease)
    if not kept.update(lease=None, heartbeat=None, attempts=0, ended_at=timezone.now(), **fields):
        raise LeaseLost
