from django.urls import path

from houqin.exports import views

app_name = "exports"

urlpatterns = [
    path("", views.JobList.as_view(), name="list"),
    path("start/", views.start, name="start"),
    path("<int:pk>/", views.JobDetail.as_view(), name="detail"),
    path("<int:pk>/download/", views.download, name="download"),
    path("<int:pk>/repeat/", views.repeat, name="repeat"),
    path("<int:pk>/remove/", views.remove, name="remove"),
]
