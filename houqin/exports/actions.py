"""What happens to exports: asked for, written, repeated, removed, expired."""

import logging
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from houqin.accounts.models import User
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.exports import registry
from houqin.exports.models import ExportJob, ExportJobQuerySet
from houqin.exports.progress import Interrupted, Progress
from houqin.exports.registry import DocumentExport, Export
from houqin.exports.table import make_table, snapshot
from houqin.notices.actions import notify
from houqin.schools.access import access_of
from houqin.schools.permissions import require
from houqin.web.trail import record_action
from houqin.web.waking import wake_after_commit

logger = logging.getLogger(__name__)

State = ExportJob.State
# A job whose workers were killed this often is not tried again.
MAX_ATTEMPTS = 3
MAX_QUERY_CHARACTERS = 4000
# Of a page's query string: where one was in the list, which no export repeats.
_NOT_FILTERS = frozenset({"page"})


@transaction.atomic
def start(kind: str, *, by: User, school: Any, format: str, params: QueryDict | None = None) -> ExportJob:
    """Ask for a file of what the list with this query string shows; the same one still being made is returned.

    `school` None means all schools that the person reaches.
    """
    definition = registry.get(kind)
    if definition is None:
        raise Refused(_("This export does not exist any more."), code="unknown_kind")
    require(by, definition.permission, school)
    if format not in definition.formats:
        raise Refused(_("This export does not come in that format. Choose another one."), code="unknown_format")
    filters = _filters(params or QueryDict())

    # The person's row is the lock under which two taps, or a hundred, are counted one after the other.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    active = ExportJob.objects.visible_to(by).active()
    same = active.filter(kind=kind, format=format, school=school, params=filters).first()
    if same is not None:
        return same
    if active.count() >= settings.EXPORT_JOBS_PER_PERSON:
        raise Refused(
            _("You already have %(count)d exports on their way. Wait until one is ready, or remove one."),
            code="too_many_exports",
            params={"count": settings.EXPORT_JOBS_PER_PERSON},
        )
    job = ExportJob.objects.create(
        kind=kind,
        title=_title(definition, params or QueryDict())[:120],
        format=format,
        params=filters,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        school=school,
        owner=by,
    )
    record_action("exports.start_export", by=by, record=job, detail=job.query.urlencode())
    _wake(job)
    return job


def _title(definition: Export | DocumentExport, params: QueryDict) -> str:
    if isinstance(definition, DocumentExport) and definition.titled:
        return definition.titled(params)
    return str(definition.title)


def _filters(wanted: QueryDict) -> dict[str, list[str]]:
    """Return what a query string filters by, as the job keeps it; PostgreSQL holds no NUL."""
    if len(wanted.urlencode()) > MAX_QUERY_CHARACTERS:
        raise Refused(_("The filter is too long. Take some of it away."), code="filter_too_long")
    return {
        name: [value.replace("\x00", "") for value in wanted.getlist(name)]
        for name in sorted(wanted)
        if name not in _NOT_FILTERS and "\x00" not in name
    }


def _wake(job: ExportJob) -> None:
    """Send a worker the message that there is something to do; lost messages are made good by the sweep."""
    wake_after_commit("houqin.exports.tasks.run_export", job.pk)


@transaction.atomic
def repeat(job: ExportJob, *, by: User) -> ExportJob:
    """Ask for the same file again, as of now."""
    job = _own(job, by)
    if job.is_active:
        raise WrongState(_("This export is still on its way."))
    return start(job.kind, by=by, school=job.school, format=job.format, params=job.query)


@transaction.atomic
def remove(job: ExportJob, *, by: User) -> None:
    """Remove an export with its file; one that is on its way stops.

    The file goes first: a row without a file can be repeated, a file without a row would lie there for ever.
    """
    job = _own(job, by)
    record_action("exports.remove_export", by=by, record=job, detail=job.state)
    shutil.rmtree(job.folder, ignore_errors=True)
    job.delete()


def _own(job: ExportJob, by: User) -> ExportJob:
    """Lock the job of its owner."""
    locked = ExportJob.objects.visible_to(by).select_for_update().filter(pk=job.pk).first()
    if locked is None:
        raise NotAllowed(_("Only the person who asked for an export may change it."))
    return locked


@transaction.atomic
def open_file(job: ExportJob, *, by: User) -> Path:
    """Return the finished file for its owner, who must still have the permission at every school in it."""
    job = _own(job, by)
    if job.state != State.DONE:
        raise WrongState(_("This file is not there (any more). Ask for it again."), code="no_file")
    definition = registry.get(job.kind)
    if definition is None or not access_of(by).schools_with(definition.permission).issuperset(job.school_ids):
        raise NotAllowed(_("Your role does not allow to see what is in this file any more."))
    if not job.path.is_file():
        raise Refused(_("This file is not there (any more). Ask for it again."), code="no_file")
    record_action("exports.download_export", by=by, record=job, detail=job.file_name)
    return job.path


def mark_seen(by: User) -> None:
    """Note that the person has seen which files are ready; the badge counts them no longer."""
    ready = ExportJob.objects.visible_to(by).filter(state=State.DONE, seen_at__isnull=True)
    ready.update(seen_at=timezone.now())


def run(job: ExportJob) -> ExportJob | None:
    """Write the job's file, unless another worker does or did; return the job, None when there was nothing to do.

    Safe to run any number of times: the row is claimed first, each claim is an attempt with a part file of its own,
    and only the attempt that still holds the row puts its file in place.
    """
    claimed = _claim(job)
    if claimed is None:
        return None
    if claimed.state == State.FAILED:
        return claimed
    try:
        with translation.override(claimed.language):
            rows, as_of = _write(claimed)
            return _finish(claimed, rows, as_of)
    except Interrupted:
        logger.info("export %s was removed or taken over", claimed.pk)
        return None
    except (Refused, NotAllowed) as refusal:
        return _fail(claimed, refusal.sentence)
    except Exception:
        if not _held(claimed).exists():
            return None  # the job was removed or taken over, and its folder with it
        logger.exception("export %s (%s) failed", claimed.pk, claimed.kind)
        with translation.override(claimed.language):
            sentence = _("The file could not be written. Try again; if it fails again, tell the administrator.")
        return _fail(claimed, sentence)
    finally:
        claimed.part_path.unlink(missing_ok=True)


@transaction.atomic
def _claim(job: ExportJob) -> ExportJob | None:
    """Take a job that is due; one that has killed its workers too often fails."""
    due = ExportJob.objects.due().select_for_update(of=("self",), skip_locked=True)
    claimed = due.select_related("owner", "school").filter(pk=job.pk).first()
    if claimed is None:
        return None
    if claimed.attempt >= MAX_ATTEMPTS:
        with translation.override(claimed.language):
            sentence = _("The export was interrupted several times. Narrow the filter and ask for it again.")
        return _fail(claimed, sentence)
    now = timezone.now()
    claimed.state = State.RUNNING
    claimed.attempt += 1
    claimed.started_at = claimed.heartbeat_at = now
    claimed.rows_done, claimed.rows_total = 0, None
    claimed.save(update_fields=["state", "attempt", "started_at", "heartbeat_at", "rows_done", "rows_total"])
    return claimed


def _write(job: ExportJob) -> tuple[int, datetime]:
    """Write the part file; return how many rows it holds, and as of when they are.

    The person's rights are asked now, not when the file was asked for.
    """
    definition = registry.get(job.kind)
    if definition is None:
        raise Refused(_("This export does not exist any more."), code="unknown_kind")
    require(job.owner, definition.permission, job.school)
    reached = access_of(job.owner).schools_with(definition.permission)
    job.school_ids = sorted(reached if job.school_id is None else {job.school_id})
    job.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    as_of = timezone.now()
    with Progress(job) as progress:
        if isinstance(definition, DocumentExport):
            rows = definition.write(job, job.part_path, progress)
        else:
            rows = _write_table(job, definition, as_of, progress)
        progress.at(rows)
    with job.part_path.open("rb") as file:
        os.fsync(file.fileno())
    return rows, as_of


def _write_table(job: ExportJob, export: Export, as_of: datetime, progress: Progress) -> int:
    from houqin.exports.writers.by_format import WRITERS  # fpdf2 and its fonts' tools: only where files are written

    table = make_table(
        export,
        export.queryset(job.owner, job.school, job.query),
        school=str(job.school) if job.school else _("All schools"),
        owner=str(job.owner),
        as_of=as_of,
    )
    with snapshot():
        progress.of(table.count())
        return WRITERS[job.format](table, job.part_path, progress)


@transaction.atomic
def _finish(job: ExportJob, rows: int, as_of: datetime) -> ExportJob:
    """Put the whole file in its place and tell the owner; raise Interrupted when this attempt lost the job."""
    if not _held(job).select_for_update().exists():
        raise Interrupted
    now = timezone.now()
    job.size = job.part_path.stat().st_size
    job.part_path.replace(job.path)
    _clear_parts(job)
    job.state = State.DONE
    job.rows_done = job.rows_total = rows
    job.file_name = file_name(job, as_of)
    job.heartbeat_at = job.finished_at = now
    job.expires_at = now + timedelta(days=settings.EXPORT_KEEP_DAYS)
    job.save(
        update_fields=[
            "state", "rows_done", "rows_total", "file_name", "size",
            "school_ids", "heartbeat_at", "finished_at", "expires_at",
        ]
    )  # fmt: skip
    record_action("exports.finish_export", by=job.owner, record=job, detail=f"{job.file_name}, {rows}")
    _tell(job, gettext_lazy("Ready to download: {file}"), job.file_name)
    return job


@transaction.atomic
def _fail(job: ExportJob, sentence: str) -> ExportJob:
    """End the job with the reason in words, if this attempt still holds it."""
    if not _held(job).select_for_update().exists():
        return job
    job.state = State.FAILED
    job.error = sentence[:300]
    job.finished_at = timezone.now()
    job.save(update_fields=["state", "error", "finished_at"])
    _clear_parts(job)
    record_action("exports.finish_export", by=job.owner, record=job, result="failed", detail=job.error)
    _tell(job, gettext_lazy("The export failed: {file}"), job.title)
    return job


def _held(job: ExportJob) -> ExportJobQuerySet:
    """Return the job's row while it belongs to this attempt."""
    return ExportJob.objects.filter(pk=job.pk, attempt=job.attempt, state=State.RUNNING)


def _clear_parts(job: ExportJob) -> None:
    """Remove what killed attempts left behind."""
    for part in job.folder.glob("*.part"):
        part.unlink(missing_ok=True)


def _tell(job: ExportJob, title: Any, name: str) -> None:
    notify(
        job.owner,
        cause=f"export:{job.pk}",
        title=format_lazy(title, file=name),
        body=job.error,
        url=job.get_absolute_url(),
        school=job.school,
    )


def file_name(job: ExportJob, as_of: datetime) -> str:
    """Return what the file is called when it is saved: title, whose it is, moment."""
    moment = timezone.localtime(as_of).strftime("%Y%m%d-%H%M")
    name = f"{job.title}_{_whose(job)}_{moment}.{job.format}"
    return "".join(" " if character in '\\/:*?"<>|' or character < " " else character for character in name)[-200:]


def _whose(job: ExportJob) -> str:
    definition = registry.get(job.kind)
    if isinstance(definition, DocumentExport) and definition.whose and (whose := definition.whose(job)):
        return whose
    return (job.school.short_name or job.school.name) if job.school else _("All schools")


@transaction.atomic
def expire(job: ExportJob) -> None:
    """Remove the file of an export whose time is over; the row stays, so that it can be repeated."""
    locked = ExportJob.objects.select_for_update(skip_locked=True).filter(pk=job.pk, state=State.DONE).first()
    if locked is None or locked.expires_at is None or locked.expires_at > timezone.now():
        return
    locked.state = State.EXPIRED
    locked.save(update_fields=["state"])
    record_action("exports.expire_export", by=None, record=locked, detail=locked.file_name)
    shutil.rmtree(locked.folder, ignore_errors=True)
