"""Who is really asking when a proxy stands in front."""

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse


class ClientAddressMiddleware:
    """Take the client's address from the header that the proxy sets anew on each request (CLIENT_ADDRESS_HEADER).

    Limits and the action log go by this address. Only a header that the proxy overwrites may be named, or one to
    whose end it appends (X-Forwarded-For): what stands before the last comma comes from the browser and is not read.
    What is no address is not taken.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.CLIENT_ADDRESS_HEADER:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self._key = "HTTP_" + settings.CLIENT_ADDRESS_HEADER.upper().replace("-", "_")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        named = request.META.get(self._key, "").rpartition(",")[2].strip()
        with suppress(ValueError):
            request.META["REMOTE_ADDR"] = str(ip_address(named))
        return self.get_response(request)
