"""What the page frame needs: navigation with badges, theme, the acting school."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.module_loading import import_string

from houqin.web import navigation

THEME_COOKIE = "theme"
THEMES = ("light", "dark")
# The entry that the phone's top bar shows as a bell.
BELL = "notices"
# The phone's bottom bar has room for these and for "everything".
BOTTOM_ENTRIES = 4
OWN_NAMESPACE = "web"


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's context. No query of its own for people who are not logged in."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    context: dict[str, Any] = {
        "theme": theme if theme in THEMES else THEMES[0],
        "demo": settings.DEMO,
        "languages": settings.LANGUAGES,
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["frame"] = SimpleLazyObject(lambda: _frame(request))
    return context


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry of the navigation as the frame draws it."""

    name: str
    label: str | Promise
    icon: str
    url: str
    current: bool
    # Whether a wider space parts it from the entry above.
    gap: bool
    bottom: int | None
    has_count: bool

    @property
    def count_name(self) -> str:
        """Under which name the page's counts know its badge."""
        return f"nav:{self.name}"


def _frame(request: HttpRequest) -> dict[str, Any]:
    """Build the frame of a logged-in page: asks all badges, counts nothing yet."""
    frame: dict[str, Any] = import_string(settings.ACTING_SCHOOL_CONTEXT)(request)
    shown: list[ShownEntry] = []
    group: int | None = None
    allowed = [
        entry
        for entry in navigation.entries()
        if not entry.permission or request.user.has_perm(entry.permission, frame["school"])
    ]
    here = _where([entry.url_name for entry in allowed], request)
    for entry in allowed:
        if entry.count is not None:
            request.counts.ask(f"nav:{entry.name}", entry.count(request.user, frame["school"]))  # type: ignore[attr-defined]
        shown.append(
            ShownEntry(
                name=entry.name,
                label=entry.label,
                icon=entry.icon,
                url=_address(entry.url_name),
                current=entry.url_name == here,
                gap=group is not None and group != entry.group,
                bottom=entry.bottom,
                has_count=entry.count is not None,
            )
        )
        group = entry.group
    frame["nav"] = shown
    # Places that nobody asked for go to the next entries in order.
    below = sorted((e for e in shown if e.name != BELL), key=lambda e: e.bottom or BOTTOM_ENTRIES + 1)
    frame["bottom"] = below[:BOTTOM_ENTRIES]
    frame["bell"] = next((e for e in shown if e.name == BELL), None)
    return frame


@lru_cache(maxsize=64)
def _address(url_name: str) -> str:
    """Return an entry's address, looked up once a process: every page needs them all."""
    return reverse(url_name)


def _where(url_names: list[str], request: HttpRequest) -> str:
    """Return the entry to which the page belongs: the same view, else the first one of the same room; "" for none."""
    match = request.resolver_match
    if match is None:
        return ""
    if match.view_name in url_names:
        return match.view_name
    room = ":".join(match.namespaces)
    rooms = {name.rpartition(":")[0]: name for name in reversed(url_names)}
    return "" if room in ("", OWN_NAMESPACE) else rooms.get(room, "")
