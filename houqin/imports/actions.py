"""What people do with an import: upload, agree on the columns, confirm, cancel. Workers do the rest (work.py)."""

from secrets import token_hex
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from houqin.errors import NotAllowed, Refused, WrongState
from houqin.files.uploads import label
from houqin.imports.models import ImportJob
from houqin.imports.reader import FILE_BYTES, HEAD, MEGABYTE
from houqin.imports.registry import ImportKind
from houqin.schools.permissions import require
from houqin.web.trail import record_action
from houqin.web.waking import wake_after_commit

State = ImportJob.State
FOLDER = "imports"


@transaction.atomic
def upload(file: UploadedFile, *, kind: ImportKind, school: Any, by: Any) -> ImportJob:
    """Take in a file and let a worker read it.

    Refused: file_empty, file_too_large, file_kind. What is inside is looked at by the worker.
    """
    require(by, kind.permission, school)
    content = _content_of(file)
    path = f"{FOLDER}/{timezone.localdate():%Y/%m}/{token_hex(16)}"
    job = ImportJob.objects.create(
        kind=kind.name,
        school=school,
        started_by=by,
        name=label(file.name),
        stored_path=default_storage.save(path, ContentFile(content)),
        size=len(content),
        language=get_language() or "zh-hans",
    )
    record_action("imports.upload", by=by, record=job)
    _wake(job)
    return job


@transaction.atomic
def choose_sheet(job: ImportJob, *, sheet: str, header_row: int, by: Any) -> ImportJob:
    """Look at another sheet, or take another row as the column titles; the columns are recognised anew.

    Refused: sheet_missing, header_row.
    """
    job = _locked(job, by, State.MAPPED, State.REFUSED, State.READY)
    size = next((one["rows"] for one in job.sheets if one["name"] == sheet), None)
    if size is None:
        raise Refused(_("This sheet is not in the file."), code="sheet_missing", field="sheet")
    # Another sheet begins differently: its row of titles is found again.
    changed = sheet != job.sheet
    if not changed and not 1 <= header_row < min(max(size, 2), HEAD):
        raise Refused(_("There is no such row with rows below it."), code="header_row", field="header_row")
    job.sheet, job.header_row = sheet, None if changed else header_row
    return _hand_over(job, State.UPLOADED, "imports.choose_sheet", by, "sheet", "header_row")


@transaction.atomic
def choose_columns(job: ImportJob, *, mapping: dict[str, int], by: Any) -> ImportJob:
    """Agree on what each column of the file is, and let a worker check every row.

    Refused: column_unknown, column_twice, column_missing.
    """
    job = _locked(job, by, State.MAPPED, State.REFUSED, State.READY)
    kind = _kind_of(job)
    _check_mapping(kind, mapping, len(job.headers))
    job.mapping = mapping
    return _hand_over(job, State.CHECKING, "imports.choose_columns", by, "mapping")


@transaction.atomic
def confirm(job: ImportJob, *, by: Any) -> ImportJob:
    """Let a worker write what was checked; a second confirmation changes nothing and gives the same import."""
    job = _locked(job, by, State.READY, State.WRITING, State.DONE)
    if job.state != State.READY:
        return job
    return _hand_over(job, State.WRITING, "imports.confirm", by)


@transaction.atomic
def cancel(job: ImportJob, *, by: Any) -> ImportJob:
    """Give the import up; nothing was written. A second tap changes nothing.

    Refused: wrong_state, once it is being written.
    """
    job = _own(job, by)
    if job.state == State.CANCELLED:
        return job
    if job.has_ended or job.state == State.WRITING:
        raise WrongState()
    job.state, job.ended_at, job.lease, job.heartbeat = State.CANCELLED, timezone.now(), None, None
    job.save(update_fields=["state", "ended_at", "lease", "heartbeat"])
    record_action("imports.cancel", by=by, record=job)
    return job


def _content_of(file: UploadedFile) -> bytes:
    """Return the bytes of what may be a table; the name counts only for telling people what to do."""
    file.seek(0)
    content: bytes = file.read(FILE_BYTES + 1)
    if not content:
        raise Refused(_("This file is empty. Choose another one."), code="file_empty", field="file")
    if len(content) > FILE_BYTES:
        raise Refused(
            _("This file is larger than %(megabytes)d MB. Split it."),
            code="file_too_large",
            field="file",
            params={"megabytes": FILE_BYTES // MEGABYTE},
        )
    if content.startswith((b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"Rar!", b"7z\xbc\xaf")):
        raise Refused(_("This is no table. Choose an .xlsx, .xls or .csv file."), code="file_kind", field="file")
    return content


def _own(job: ImportJob, by: Any) -> ImportJob:
    """Lock the job of whoever uploaded the file."""
    locked = ImportJob.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=job.pk).first()
    if locked is None:
        raise NotAllowed(_("Only the person who uploaded a file may go on with it."))
    return locked


def _locked(job: ImportJob, by: Any, *states: str) -> ImportJob:
    """Return the job, locked, for its owner who may still import it and in one of `states`."""
    job = _own(job, by)
    require(by, _kind_of(job).permission, job.school)
    if job.state not in states or not job.sheets:
        raise WrongState()
    return job


def _kind_of(job: ImportJob) -> ImportKind:
    kind = job.definition
    if kind is None:
        raise WrongState(_("This can no longer be imported."), code="kind_gone")
    return kind


def _check_mapping(kind: ImportKind, mapping: dict[str, int], width: int) -> None:
    for name, position in mapping.items():
        if kind.column(name) is None or not 0 <= position < width:
            raise Refused(_("This column is not in the file."), code="column_unknown", field=name)
    seen: set[int] = set()
    for column in kind.columns:
        position = mapping.get(column.name, -1)
        if column.required and position < 0:
            raise Refused(
                _("Choose which column of the file is “%(title)s”."),
                code="column_missing",
                field=column.name,
                params={"title": column.title},
            )
        if position in seen:
            raise Refused(
                _("This column of the file is already chosen for another one."),
                code="column_twice",
                field=column.name,
            )
        if position >= 0:
            seen.add(position)


def _hand_over(job: ImportJob, state: str, code: str, by: Any, *fields: str) -> ImportJob:
    """Put the job where workers find it; what an earlier worker still does for it no longer counts."""
    job.state, job.lease, job.heartbeat, job.attempts, job.rows_done = state, None, None, 0, 0
    job.save(update_fields=["state", "lease", "heartbeat", "attempts", "rows_done", *fields])
    record_action(code, by=by, record=job)
    _wake(job)
    return job


def _wake(job: ImportJob) -> None:
    """Tell a worker after commit; without a broker the sweep of the next minute finds the job."""
    wake_after_commit("houqin.imports.tasks.run", job.pk)
