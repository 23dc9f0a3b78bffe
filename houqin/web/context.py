"""What the page frame needs: navigation with badges, theme, the acting school."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from houqin.web import navigation

THEME_COOKIE = "theme"


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's context. No query of its own for people who are not logged in."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    context: dict[str, Any] = {
        "theme": theme if theme in ("light", "dark") else "light",
        "demo": settings.DEMO,
        "languages": settings.LANGUAGES,
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["frame"] = SimpleLazyObject(lambda: _frame(request))
    return context


def _frame(request: HttpRequest) -> dict[str, Any]:
    """Build the frame of a logged-in page: asks all badges, counts nothing yet."""
    user = request.user
    frame: dict[str, Any] = import_string(settings.ACTING_SCHOOL_CONTEXT)(request)
    school = frame["school"]
    match = request.resolver_match
    here = match.namespaces if match else []
    entries = []
    for entry in navigation.entries():
        if entry.permission and not user.has_perm(entry.permission, school):
            continue
        if entry.count is not None:
            request.counts.ask(f"nav:{entry.name}", entry.count(user, school))  # type: ignore[attr-defined]
        namespace = entry.url_name.rpartition(":")[0]
        current = match is not None and (
            match.view_name == entry.url_name or (bool(namespace) and ":".join(here) == namespace)
        )
        entries.append(
            {
                "name": entry.name,
                "label": entry.label,
                "icon": entry.icon,
                "url": reverse(entry.url_name),
                "current": current,
                "group": entry.group,
                "bottom": entry.bottom,
                "has_count": entry.count is not None,
            }
        )
    frame["nav"] = entries
    frame["bottom"] = sorted((e for e in entries if e["bottom"]), key=lambda e: e["bottom"])[:4]
    return frame
