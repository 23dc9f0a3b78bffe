"""Tell the trail who makes the changes, and log who was refused."""

from collections.abc import Callable

import pghistory
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from houqin.web.trail import record_action


class TrailMiddleware:
    """Changes made while a request runs carry its user; a 403 leaves a row in the action log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        user = request.user.pk if request.user.is_authenticated else None
        with pghistory.context(user=user, path=request.path[:200]):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Log a refused person; the answer stays Django's 403 page."""
        if isinstance(exception, PermissionDenied):
            user = request.user if request.user.is_authenticated else None
            school = request.acting.school if user else None  # type: ignore[attr-defined]
            record_action(
                request.resolver_match.view_name if request.resolver_match else "unknown",
                by=user,
                school=school,
                result=getattr(exception, "code", "not_allowed"),
            )
