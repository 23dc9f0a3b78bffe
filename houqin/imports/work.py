"""What a worker does with an import: read it, check it, write it.

Safe to run twice and at the same time: a worker takes a job by a lease, shows by a heartbeat that it lives,
and its result only counts while the lease is its own. Written rows and the end of the job are one transaction.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pghistory
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from houqin.accounts.models import User
from houqin.errors import NotAllowed, Refused
from houqin.imports import reader
from houqin.imports.checking import Examined, examine
from houqin.imports.columns import find_header, match_columns, shown, titles_at
from houqin.imports.models import ImportJob
from houqin.imports.registry import ImportKind, ImportRow, RowError
from houqin.web.heart import Heart
from houqin.web.trail import record_action

logger = logging.getLogger(__name__)
State = ImportJob.State
PREVIEW_ROWS = 6
PREVIEW_TEXT = 60
# What nobody went on with is cancelled, and the files of what ended are removed, after these times.
GIVE_UP_AFTER = timedelta(days=14)
FORGET_FILE_AFTER = timedelta(days=30)


class LeaseLost(Exception):
    """Somebody else has the job now: whatever this worker did is rolled back."""


def run_job(job_id: int) -> None:
    """Take the job if it is due and do what its state asks for, until it waits for a person or has ended."""
    while (job := _claim(job_id)) is not None:
        with translation.override(job.language):
            try:
                _step(job)
            except LeaseLost:
                logger.info("import %s went on elsewhere", job_id)
                return


def due_jobs() -> list[int]:
    """Return the ids of the jobs that no worker is at."""
    return list(ImportJob.objects.due().order_by("uploaded_at").values_list("pk", flat=True)[:50])


def remove_old() -> None:
    """Cancel what was left lying, and remove the files of what ended long ago."""
    now = timezone.now()
    left = ImportJob.objects.exclude(state__in=[*ImportJob.ENDED, *ImportJob.WORKING])
    left.filter(uploaded_at__lt=now - GIVE_UP_AFTER).update(state=State.CANCELLED, ended_at=now)
    ended = ImportJob.objects.filter(state__in=ImportJob.ENDED, ended_at__lt=now - FORGET_FILE_AFTER)
    for job in ended.exclude(stored_path="")[:100]:
        default_storage.delete(job.stored_path)
        ImportJob.objects.filter(pk=job.pk).update(stored_path="", preview=[], errors=[])


def _claim(job_id: int) -> ImportJob | None:
    """Take the lease of a due job; None when it is not due or another worker was quicker."""
    lease = uuid.uuid4()
    taken = (
        ImportJob.objects.due()
        .filter(pk=job_id)
        .update(lease=lease, heartbeat=timezone.now(), attempts=F("attempts") + 1)
    )
    if not taken:
        return None
    return ImportJob.objects.select_related("school").get(pk=job_id)


def _settle(job: ImportJob, **fields: Any) -> None:
    """Write a step's result and let the job go; raise LeaseLost when it went on without this worker."""
    if fields["state"] in ImportJob.ENDED:
        fields["ended_at"] = timezone.now()
    kept = ImportJob.objects.filter(pk=job.pk, lease=job.lease)
    if not kept.update(lease=None, heartbeat=None, attempts=0, **fields):
        raise LeaseLost


def _step(job: ImportJob) -> None:
    """Do one step; every way out leaves the job in a state with words for people."""
    kind = job.definition
    # A fresh person: what was allowed when the file came may no longer be.
    by = User.objects.get(pk=job.started_by_id)
    if kind is None:
        _fail(job, "kind_gone", _("This can no longer be imported."))
    elif not by.has_perm(kind.permission, job.school):
        _fail(job, "not_allowed", NotAllowed(permission=kind.permission).sentence)
    elif job.attempts > ImportJob.MAX_ATTEMPTS:
        _fail(job, "gave_up", _("This was tried several times and never ended. Split the file and try again."))
    else:
        work: Callable[[ImportJob, ImportKind, Any], None] = {
            State.UPLOADED: _read,
            State.READING: _read,
            State.CHECKING: _check,
            State.WRITING: _write,
        }[State(job.state)]
        try:
            work(job, kind, by)
        except Refused as refusal:
            _refuse(job, [RowError(0, "", str(refusal.code), refusal.sentence)])
        except LeaseLost:
            raise
        except Exception:
            logger.exception("import %s failed", job.pk)
            _fail(job, "broken", _("Something went wrong here. Nothing was written. Try again, or tell the office."))


def _content_of(job: ImportJob) -> bytes:
    with default_storage.open(job.stored_path) as file:
        content: bytes = file.read()
    return content


def _read(job: ImportJob, kind: ImportKind, by: Any) -> None:
    """Look into the file: its sheets, the row of column titles, which column is what."""
    ImportJob.objects.filter(pk=job.pk, lease=job.lease).update(state=State.READING)
    sheets = reader.survey(_content_of(job))
    sheet = next((one for one in sheets if one.name == job.sheet), None)
    # Without a choice, the sheet whose titles say most; the first of equals.
    sheet = sheet or max(sheets, key=lambda one: find_header(one, kind)[1])
    header_row = job.header_row if job.header_row and sheet.name == job.sheet else find_header(sheet, kind)[0]
    lines = sheet.head[header_row - 1 : header_row + PREVIEW_ROWS] or [[]]
    # Columns without a title can be chosen too: the table is as wide as its widest row.
    heads = titles_at(sheet.head, header_row, kind)
    heads += [""] * (sheet.columns - len(heads))
    preview = [
        [number, [shown(cell)[:PREVIEW_TEXT] for cell in line]]
        for number, line in enumerate(lines[1:], start=header_row + 1)
    ]
    _settle(
        job,
        state=State.MAPPED,
        sheets=[{"name": one.name, "rows": one.rows} for one in sheets],
        sheet=sheet.name,
        header_row=header_row,
        headers=heads,
        preview=preview,
        mapping=match_columns(heads, kind),
        rows_total=max(sheet.rows - header_row, 0),
        rows_done=0,
        errors=[],
        error_count=0,
        summary={},
    )


def _examined(job: ImportJob, kind: ImportKind, by: Any, heart: Heart) -> Examined:
    # Some rows above the table and some totals in it are no records.
    lines = reader.rows_of(_content_of(job), job.sheet, max_rows=kind.max_rows * 2 + 100)
    heart.beat(0)
    return examine(
        kind,
        lines,
        header_row=job.header_row or 1,
        mapping=job.mapping,
        school=job.school,
        by=by,
        progress=heart.beat,
    )


def _check(job: ImportJob, kind: ImportKind, by: Any) -> None:
    """Check every row; with errors the file is refused whole."""
    with Heart(job) as heart:
        found = _examined(job, kind, by, heart)
    if found.errors:
        _refuse(job, found.errors)
        return
    _settle(
        job,
        state=State.READY,
        rows_total=len(found.rows),
        rows_done=0,
        errors=[],
        error_count=0,
        summary={
            "figures": [[str(name), str(value)] for name, value in (kind.summarise or _nothing)(found.rows)],
            "skipped": found.skipped[:50],
        },
    )


def _write(job: ImportJob, kind: ImportKind, by: Any) -> None:
    """Check again, for the records may have changed, and write everything in one transaction."""
    done = 0

    def progress(rows: int) -> None:
        nonlocal done
        done = rows
        heart.beat(rows)

    with Heart(job) as heart, pghistory.context(user=by.pk, path=job.get_absolute_url()):
        found = _examined(job, kind, by, heart)
        if found.errors:
            _refuse(job, found.errors)
            return
        rows = sorted(found.rows, key=kind.write_order) if kind.write_order else found.rows
        try:
            with transaction.atomic():
                written = kind.write(rows, school=job.school, by=by, progress=progress)
                _settle(job, state=State.DONE, written=written, rows_total=len(found.rows), rows_done=len(found.rows))
                record_action("imports.write", by=by, record=job, detail=str(written))
        except Refused as refusal:
            number = rows[done].number if done < len(rows) else 0
            _refuse(job, [RowError(number, refusal.field or "", str(refusal.code), refusal.sentence)])
        except IntegrityError:
            sentence = _("Somebody entered the same thing a moment ago. Check the rows again.")
            _refuse(job, [RowError(0, "", "conflict", sentence)])


def _nothing(rows: Sequence[ImportRow]) -> Sequence[tuple[str, str]]:
    return ()


def _refuse(job: ImportJob, errors: Sequence[RowError]) -> None:
    """End in "has errors", keeping the first errors for people to read."""
    kept = [
        {
            "row": error.row,
            "column": error.column,
            "code": error.code,
            "message": str(error.message),
            "cell": error.cell,
        }
        for error in errors[: ImportJob.SHOWN_ERRORS]
    ]
    _settle(job, state=State.REFUSED, errors=kept, error_count=len(errors), rows_done=0, summary={})


def _fail(job: ImportJob, code: str, message: str) -> None:
    """End in "failed", with a sentence."""
    error = {"row": 0, "column": "", "code": code, "message": message, "cell": ""}
    _settle(job, state=State.FAILED, errors=[error], error_count=1, summary={})
