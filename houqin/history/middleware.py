"""Tell the trail who makes the changes, log who was refused, and answer what nobody caught."""

from collections.abc import Callable
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from houqin.errors import Refused
from houqin.web.trail import record_action

_READING = ("GET", "HEAD", "OPTIONS")


class TrailMiddleware:
    """Changes made while a request runs carry its user; refusals that reach it leave a row in the log.

    The row is written after the view's transactions have been rolled back, so it stays.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in _READING:
            return self.get_response(request)
        user = request.user.pk if request.user.is_authenticated else None
        with pghistory.context(user=user, path=request.path[:200]):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Log a refused person, whose answer is Django's 403; answer a refusal that no view caught with 409."""
        if isinstance(exception, PermissionDenied):
            _log(request, getattr(exception, "code", "not_allowed"))
        elif isinstance(exception, Refused):
            _log(request, str(exception.code))
            return render(request, "409.html", {"sentence": exception.sentence}, status=409)
        return None


def _log(request: HttpRequest, result: str) -> None:
    user: Any = request.user if request.user.is_authenticated else None
    record_action(
        request.resolver_match.view_name if request.resolver_match else "unknown",
        by=user,
        school=request.acting.school if user else None,  # type: ignore[attr-defined]  # set by ActingSchoolMiddleware
        result=result,
    )
