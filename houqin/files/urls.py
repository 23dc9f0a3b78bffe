from django.urls import path

from houqin.files import views

app_name = "files"

urlpatterns = [
    path("<str:token>/", views.show, name="show"),
    path("<str:token>/thumb/", views.thumb, name="thumb"),
]
