"""Who is really asking when a proxy stands in front."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse


class ClientAddressMiddleware:
    """Take the client's address from the header that the proxy sets anew on each request (CLIENT_ADDRESS_HEADER).

    Limits and the action log go by this address. Only a header that the proxy overwrites may be named: what a
    browser sends must never get through.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.CLIENT_ADDRESS_HEADER:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self._key = "HTTP_" + settings.CLIENT_ADDRESS_HEADER.upper().replace("-", "_")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if address := request.META.get(self._key):
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)
