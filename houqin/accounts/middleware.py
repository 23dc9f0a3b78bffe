"""Who may go on: logins, sessions that end, passwords that must change, pages that stay private."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from houqin.accounts.models import User
from houqin.web.addresses import own_address, page_before

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


class PrivatePagesMiddleware:
    """Keep what a logged-in person sees out of every cache, so that "back" after the logout shows nothing.

    Files say themselves how long a browser may keep them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class LoginMiddleware(LoginRequiredMiddleware):
    """Lead strangers to the login page, and from there to a page that opens: not to where a form was sent."""

    def handle_no_permission(  # type: ignore[override]  # htmx is answered with 200 and a header
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponse:
        """Answer with the way to the login page; htmx is told to go there instead of showing it in a corner."""
        htmx: Any = getattr(request, "htmx", None)
        if htmx:
            wanted = own_address(request, htmx.current_url or "")
        elif request.method in ("GET", "HEAD"):
            wanted = request.get_full_path()
        else:
            wanted = page_before(request)
        answer = redirect_to_login(wanted or reverse(settings.LOGIN_REDIRECT_URL), self.get_login_url(view_func))
        return HttpResponseClientRedirect(answer.url) if htmx else answer


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
