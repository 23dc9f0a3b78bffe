"""The URLconf, and one request of the walk."""

from collections.abc import Iterator
from copy import copy
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from tests.routes.table import Route
from tests.routes.world import SOWN, There


def named_routes() -> list[str]:
    """Return the full name of every route; one without a name is called by its pattern."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: Any, space: str, prefix: str) -> Iterator[str]:
    for item in patterns:
        where = prefix + str(item.pattern)
        if isinstance(item, URLPattern):
            yield f"{space}{item.name}" if item.name else f"(no name) {where}"
        else:
            yield from _walk(item.url_patterns, f"{space}{item.namespace}:" if item.namespace else space, where)


def ask(client: Client, method: str, route: Route, there: There) -> tuple[int, str]:
    """Ask for the route about the things of `there`, undo what that changed, and return status and all that came."""
    address = reverse(route.name, kwargs=route.of(there))
    cookies = copy(client.cookies)
    with transaction.atomic():
        data = {"q": SOWN} if method == "get" else route.data(there)
        response = getattr(client, method)(address, data)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        answer = f"{response.headers}\n{body.decode(errors='replace')}"
        transaction.set_rollback(True)
    client.cookies = cookies
    return response.status_code, answer
