from django.urls import path

from houqin.web import pages

app_name = "web"

urlpatterns = [
    path("", pages.home, name="home"),
]
