from django.urls import path

from houqin.web import pages

app_name = "web"

urlpatterns = [
    path("", pages.home, name="home"),
    path("menu/", pages.menu, name="menu"),
    path("search/", pages.search, name="search"),
    path("theme/", pages.theme, name="theme"),
    path("language/", pages.language, name="language"),
    path("healthz/", pages.healthz, name="healthz"),
    path("robots.txt", pages.robots, name="robots"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
]
