"""End sessions that were idle, or open, for too long."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

STARTED = "started"
SEEN = "seen"
# The session row is written at most this often, so that reading pages costs no UPDATE.
SEEN_EVERY_SECONDS = 300


class SessionLimitMiddleware:
    """Log people out after SESSION_IDLE_SECONDS without a request or SESSION_ABSOLUTE_SECONDS since login."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = int(time.time())
            started = request.session.get(STARTED)
            seen = request.session.get(SEEN, now)
            if started is None:
                request.session[STARTED] = request.session[SEEN] = now
            elif now - started > settings.SESSION_ABSOLUTE_SECONDS or now - seen > settings.SESSION_IDLE_SECONDS:
                logout(request)
            elif now - seen > SEEN_EVERY_SECONDS:
                request.session[SEEN] = now
        return self.get_response(request)
