"""Send a file to the browser, for whoever was found to be allowed to see it."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from houqin.files.models import StoredFile

# A file never changes; what may change is who sees it, so a browser asks again after an hour.
CACHE = "private, max-age=3600"


def photo_response(file: StoredFile, thumb: bool = False, *, request: HttpRequest | None = None) -> HttpResponseBase:
    """Return a file's bytes, or 304 when `request` shows that the browser has them.

    The caller has asked whether the person may see it. Photos are shown in the page, PDFs downloaded
    (a document from outside is never opened under this site's name).
    """
    if thumb and not file.thumb_path:
        raise Http404
    etag = f'"{file.sha256[:32]}{"-s" if thumb else ""}"'
    known = get_conditional_response(request, etag=etag) if request is not None else None
    answer: HttpResponseBase = (
        _content(file, file.thumb_path if thumb else file.stored_path) if known is None else known
    )
    answer["ETag"] = etag
    answer["Cache-Control"] = CACHE
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _content(file: StoredFile, path: str) -> FileResponse:
    try:
        content = default_storage.open(path)
    except FileNotFoundError as error:
        raise Http404 from error
    answer = FileResponse(content, content_type=file.content_type)
    answer["Content-Disposition"] = content_disposition_header(not file.is_photo, _served_name(file)) or "attachment"
    return answer


def _served_name(file: StoredFile) -> str:
    """Return the user's label with the ending of what it now is."""
    ending = "jpg" if file.is_photo else "pdf"
    stem = file.name.rpartition(".")[0] or file.name
    return f"{stem}.{ending}"
