from django.urls import include, path

from houqin.schools import first_run
from houqin.schools.organisation.views import switch
from houqin.schools.scan import image, scan

app_name = "schools"

urlpatterns = [
    path("schools/", include("houqin.schools.organisation.urls")),
    path("places/", include("houqin.schools.places.urls")),
    path("people/", include("houqin.schools.people.urls")),
    path("calendar/", include("houqin.schools.days.urls")),
    path("switch/", switch, name="switch"),
    path("first-run/", first_run.page, name="first_run"),
    path("q/<str:token>/", scan, name="qr"),
    path("q/<str:token>/code.svg", image, name="qr_image"),
]
