"""Where to go back to: only addresses of this site are followed."""

from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_address(request: HttpRequest, *candidates: str) -> str:
    """Return the first of `candidates` that is a page of this site, as path and query; empty when none is."""
    for address in candidates:
        if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
            continue
        parts = urlsplit(address)
        # "//host" as a path would lead away.
        if parts.path.startswith("/") and not parts.path.startswith(("//", "/\\")):
            return urlunsplit(("", "", parts.path, parts.query, ""))
    return ""


def page_before(request: HttpRequest) -> str:
    """Return the page that a form was sent from; empty when the browser does not say or it was not one of ours."""
    return own_address(request, request.headers.get("Referer", ""))
