"""Which school the person acts for."""

from collections.abc import Callable
from functools import cached_property

from django.http import HttpRequest, HttpResponse

from houqin.schools.access import access_of
from houqin.schools.models import School

SESSION_KEY = "acting_school"
ALL = "all"


def acting_school(request: HttpRequest) -> School | None:
    """Return the school that the session names, if the person still reaches it, else where one begins.

    A central role begins with all schools (None), the others with their first own one, in use if there is such
    a one. None is also the answer for who reaches no school.
    """
    access = access_of(request.user)
    if not access.schools:
        return None
    chosen = request.session.get(SESSION_KEY)
    if chosen in access.schools:
        return access.schools[chosen]
    if access.is_central:
        return None
    own = [access.schools[pk] for pk in access.own_roles]
    return next((school for school in own if school.is_active), own[0])


class ActingSchoolMiddleware:
    """Let each request know its acting school; looked up on first use, so open pages never ask."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.acting = Acting(request)  # type: ignore[attr-defined]  # typed in houqin.schools.http
        return self.get_response(request)


class Acting:
    """The acting school of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def school(self) -> School | None:
        """The school; None when a central role looks at all."""
        return acting_school(self._request)
