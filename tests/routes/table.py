"""What is expected of a route."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from houqin.schools.roles import EVERYONE, PERMISSIONS

PAGE = "page"  # read by GET, nothing else
FORM = "form"  # shown by GET, sent by POST
STEP = "step"  # POST alone: it changes something

Kwargs = Callable[[Any], dict[str, Any]]


def nothing(_there: Any) -> dict[str, Any]:
    """Return no arguments: the address is the same for everybody."""
    return {}


@dataclass(frozen=True)
class Route:
    """One named URL."""

    name: str
    kind: str = PAGE
    # A permission of roles.py, "everyone" (whoever is logged in), "anyone" (open to the world) or
    # "owner" (whose own the record is, so none of those who walk).
    may: str = "everyone"
    # Arguments for a record of one school; a route without any is not about one record.
    of: Kwargs = nothing
    # What is posted as well; steps that need nothing get nothing.
    data: Kwargs = nothing
    # Whoever may look at a form without being allowed to send it; the same as `may` when empty.
    seen_by: str = ""
    # Roles that may besides those of `may`.
    also: frozenset[str] = frozenset()
    # What the allowed get; a step or a refused form leads on or is shown again.
    answers: frozenset[int] = field(default=frozenset({200, 302, 303, 422}))
    # No record of one school: it is everybody's, or a secret link opens it for whoever holds it.
    secret: bool = False

    def roles(self, method: str = "post") -> frozenset[str]:
        """Return the roles that get an answer, at their own school."""
        who = self.seen_by if self.seen_by and method == "get" else self.may
        if who in ("everyone", "anyone"):
            return frozenset(EVERYONE)
        if who == "owner":
            return self.also
        return frozenset(PERMISSIONS[who]) | self.also

    @property
    def methods(self) -> tuple[str, ...]:
        """The ways of asking."""
        return {PAGE: ("get",), FORM: ("get", "post"), STEP: ("post",)}[self.kind]


def of(name: str, argument: str = "pk", attribute: str = "pk") -> Kwargs:
    """Return the arguments for the record `there.<name>`, by its pk or another attribute."""
    return lambda there: {argument: getattr(getattr(there, name), attribute)}
