"""Take in what people upload."""

from secrets import token_hex
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from houqin.errors import Refused
from houqin.files.models import StoredFile
from houqin.files.uploads import PreparedPhoto, digest, label, prepare_pdf, prepare_photo
from houqin.web.trail import record_action

# Files stand in a folder a day, so that the sweep of what nobody owns looks at few.
FOLDER = "files"


def store_photo(upload: UploadedFile, *, school: Any, by: Any, field: str | None = None) -> StoredFile:
    """Keep a photo, re-encoded; `by` is None for guests. What a PhotoField returns is not decoded again.

    Raises Refused (file_empty, file_too_large, file_kind, photo_heic, photo_too_many_pixels,
    photo_unreadable, file_too_hard) beside `field`.
    """
    try:
        photo = upload if isinstance(upload, PreparedPhoto) else prepare_photo(upload)
    except Refused as refusal:
        refusal.field = field
        raise
    return _store(
        kind=StoredFile.Kind.PHOTO,
        name=photo.label,
        content=photo.photo,
        ending="jpg",
        thumb=photo.thumb,
        school=school,
        by=by,
        width=photo.width,
        height=photo.height,
    )


def store_pdf(upload: UploadedFile, *, school: Any, by: Any, field: str | None = None) -> StoredFile:
    """Keep a PDF as it is, after a look inside.

    Raises Refused (file_empty, file_too_large, file_kind, pdf_unreadable, pdf_locked, pdf_too_long,
    pdf_active, file_too_hard) beside `field`.
    """
    try:
        document = prepare_pdf(upload)
    except Refused as refusal:
        refusal.field = field
        raise
    return _store(
        kind=StoredFile.Kind.PDF,
        name=label(upload.name),
        content=document.content,
        ending="pdf",
        school=school,
        by=by,
        pages=document.pages,
    )


@transaction.atomic
def _store(
    *, name: str, content: bytes, ending: str, school: Any, by: Any, thumb: bytes = b"", **facts: Any
) -> StoredFile:
    """Write the bytes under a name of our own, then the row.

    When the caller's transaction fails, the bytes stay without a row and tasks.remove_orphans takes them away.
    """
    stem = f"{FOLDER}/{timezone.localdate():%Y/%m/%d}/{token_hex(16)}"
    stored_path = default_storage.save(f"{stem}.{ending}", ContentFile(content))
    thumb_path = default_storage.save(f"{stem}-s.{ending}", ContentFile(thumb)) if thumb else ""
    file = StoredFile.objects.create(
        name=name,
        stored_path=stored_path,
        thumb_path=thumb_path,
        size=len(content),
        sha256=digest(content),
        school=school,
        uploaded_by=by,
        **facts,
    )
    record_action("files.store", by=by, record=file)
    return file
