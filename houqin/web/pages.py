"""The home page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from houqin.web import home as home_cards


def home(request: Any) -> HttpResponse:
    """Show the to-do list that the rooms put together for this person."""
    page = home_cards.build(request.user, request.acting.school)
    return render(request, "web/home.html", {"home": page})
