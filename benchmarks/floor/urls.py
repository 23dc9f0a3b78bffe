"""Three pages."""

from django.urls import path

from benchmarks.floor import views

urlpatterns = [
    path("things/", views.things, name="things"),
    path("things/new/", views.create, name="create"),
    path("things/<int:pk>/", views.thing, name="thing"),
]
