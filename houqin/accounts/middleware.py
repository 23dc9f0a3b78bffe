"""End sessions that were idle, or open, for too long; hold people who must choose a new password."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from houqin.accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
STARTED = "started"
SEEN = "seen"
# Why the session before this one ended, for a sentence on the login page.
ENDED = "ended"
# The session row is written at most this often, so that reading pages costs no UPDATE.
SEEN_EVERY_SECONDS = 300


class SessionLimitMiddleware:
    """Log people out after SESSION_IDLE_SECONDS without a request or SESSION_ABSOLUTE_SECONDS since login."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._check(request)
        return self.get_response(request)

    def _check(self, request: HttpRequest) -> None:
        now = int(time.time())
        session = request.session
        started = session.get(STARTED)
        seen = session.get(SEEN, now)
        if started is None:
            session[STARTED] = session[SEEN] = now
        elif now - started > settings.SESSION_ABSOLUTE_SECONDS:
            logout(request)
            request.session[ENDED] = "absolute"
        elif now - seen > settings.SESSION_IDLE_SECONDS:
            logout(request)
            request.session[ENDED] = "idle"
        elif now - seen > min(SEEN_EVERY_SECONDS, settings.SESSION_IDLE_SECONDS // 4):
            session[SEEN] = now


class PasswordChangeMiddleware:
    """Lead whoever must choose a new password to the page for it; only open pages and the switches stay."""

    allowed = frozenset({"accounts:change_password", "accounts:logout", "web:theme", "web:language"})

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Answer with the way to the page, unless the asked view is allowed."""
        if not getattr(view, "login_required", True) or not isinstance(request.user, User):
            return None
        match = request.resolver_match
        if not request.user.must_change_password or (match is not None and match.view_name in self.allowed):
            return None
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(reverse("accounts:change_password"))
        return redirect("accounts:change_password")
