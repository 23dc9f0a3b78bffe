"""Files behind their random addresses, for those who may see them; everybody else finds nothing."""

from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from houqin.files.access import may_see
from houqin.files.models import StoredFile
from houqin.files.responses import photo_response
from houqin.schools.http import PageRequest


def _file_of(request: PageRequest, token: str) -> StoredFile:
    file = StoredFile.objects.filter(token=token).first()
    if file is None or not may_see(request.user, file):
        raise Http404
    return file


@require_safe
def show(request: PageRequest, token: str) -> HttpResponseBase:
    """The file itself."""
    return photo_response(_file_of(request, token), request=request)


@require_safe
def thumb(request: PageRequest, token: str) -> HttpResponseBase:
    """A photo's small picture."""
    return photo_response(_file_of(request, token), thumb=True, request=request)
