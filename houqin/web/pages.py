"""The pages that belong to no room: home, everything, search, choices of the reader, what machines ask."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from houqin.web import home as home_cards
from houqin.web import search_registry
from houqin.web.addresses import own_address, page_before
from houqin.web.context import THEME_COOKIE, THEMES

CHOICE_COOKIE_AGE = 365 * 24 * 3600
QUERY_LENGTH = 60


@require_GET
def home(request: Any) -> HttpResponse:
    """Show the to-do list that the rooms put together for this person."""
    school = request.acting.school
    today = timezone.localdate()
    page = home_cards.build(request.user, school)
    context = {"home": page, "today": today, "day_facts": home_cards.day_facts(today, school)}
    return render(request, "web/home.html", context)


@require_GET
def menu(request: Any) -> HttpResponse:
    """Show everything that the bottom bar of a phone has no room for."""
    return render(request, "web/menu.html")


@require_GET
def search(request: Any) -> HttpResponse:
    """Find places, people, things and repairs by words, pinyin initials or codes."""
    query = request.GET.get("q", "").strip()[:QUERY_LENGTH]
    groups = search_registry.find(request.user, request.acting.school, query) if query else []
    return render(request, "web/search.html", {"query": query, "groups": groups})


def _back(request: Any) -> HttpResponseRedirect:
    """Return to the page that was left, if it is one of ours."""
    before = own_address(request, request.POST.get("next", "")) or page_before(request)
    return HttpResponseRedirect(before or reverse("web:home"))


def _keep(response: HttpResponse, cookie: str, value: str) -> None:
    """Remember a choice of the reader on this device."""
    response.set_cookie(
        cookie, value, max_age=CHOICE_COOKIE_AGE, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )


@login_not_required
@require_POST
def theme(request: Any) -> HttpResponse:
    """Switch between the light and the dark look."""
    response = _back(request)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        _keep(response, THEME_COOKIE, chosen)
    return response


@login_not_required
@require_POST
def language(request: Any) -> HttpResponse:
    """Switch between Chinese and English."""
    response = _back(request)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


@login_not_required
@require_GET
def healthz(request: Any) -> HttpResponse:
    """Say that the web process is up and reaches the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_GET
def robots(request: Any) -> HttpResponse:
    """Keep search engines out: nothing here is for them."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


@login_not_required
@require_GET
def manifest(request: Any) -> HttpResponse:
    """Let a phone keep the site on its home screen."""
    content = {
        "name": _("Houqin"),
        "short_name": _("Houqin"),
        "start_url": reverse("web:home"),
        "display": "standalone",
        "background_color": "#f6f5f1",
        "theme_color": "#f6f5f1",
        "icons": [{"src": static("logo.svg"), "type": "image/svg+xml", "sizes": "any"}],
    }
    return JsonResponse(content, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})
