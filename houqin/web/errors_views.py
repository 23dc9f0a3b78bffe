"""The pages for what went wrong: what happened and what to do next, never a code or a stack alone."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from houqin.web.addresses import page_before
from houqin.web.context import THEMES


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 for more than is read. Drawn without the request: what broke may be the request itself."""
    too_large = isinstance(exception, RequestDataTooBig)
    context = {"theme": THEMES[0], "too_large": too_large}
    return HttpResponse(render_to_string("400.html", context), status=413 if too_large else 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403, with the sentence of the refusal."""
    sentence: Any = getattr(exception, "sentence", "")
    return render(request, "403.html", {"sentence": sentence}, status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: also for what belongs to another school."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500. Drawn without the request: no query, no session, nothing that may be what broke."""
    return HttpResponse(render_to_string("500.html"), status=500)


def wrong_method(request: HttpRequest, empty: HttpResponse) -> HttpResponse:
    """405, keeping what Django says about the methods that are allowed."""
    response = render(request, "405.html", status=405)
    response.headers["Allow"] = empty.headers.get("Allow", "")
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or too old."""
    return render(request, "403_csrf.html", {"again": page_before(request) or request.get_full_path()}, status=403)
