"""Mounts the rooms."""

from django.urls import include, path

app_name = "assets"

urlpatterns = [
    path("assets/", include("assets.register.urls")),
    path("rounds/", include("assets.rounds.urls")),
    path("", include("assets.repairs.urls")),
]
