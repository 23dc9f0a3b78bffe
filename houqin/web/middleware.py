"""Language and origin of each request, and words where Django answers without any."""

from collections.abc import Callable
from secrets import token_urlsafe

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from houqin.web import errors_views
from houqin.web.counts import PageCounts
from houqin.web.trail import Origin, origin

GetResponse = Callable[[HttpRequest], HttpResponse]
DEVICE_COOKIE = "device"
DEVICE_COOKIE_AGE = 2 * 365 * 24 * 3600


class LanguageMiddleware:
    """Speak Chinese whatever the browser asks, English by choice (cookie)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.codes = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in self.codes else settings.LANGUAGE_CODE
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response


class ReadableAddressMiddleware:
    """Refuse addresses with a NUL, which no form sends and PostgreSQL cannot hold."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return errors_views.bad_request(request)
        return self.get_response(request)


class WrongMethodMiddleware:
    """Say in words that an address is no page (405), which Django answers with nothing at all."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return errors_views.wrong_method(request, response) if response.status_code == 405 else response


class OriginMiddleware:
    """Know each device by a random cookie, and keep where the request came from for the action log."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        device = request.COOKIES.get(DEVICE_COOKIE, "")
        is_new = not (20 <= len(device) <= 40 and device.replace("-", "").replace("_", "").isalnum())
        if is_new:
            device = token_urlsafe(18)
        request.device = device  # type: ignore[attr-defined]  # typed in houqin.schools.http
        request.counts = PageCounts()  # type: ignore[attr-defined]
        token = origin.set(Origin(address=request.META.get("REMOTE_ADDR", ""), device=device, path=request.path[:200]))
        try:
            response = self.get_response(request)
        finally:
            origin.reset(token)
        if is_new:
            response.set_cookie(
                DEVICE_COOKIE,
                device,
                max_age=DEVICE_COOKIE_AGE,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response
