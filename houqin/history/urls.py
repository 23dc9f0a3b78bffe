from django.urls import path

from houqin.history import views

app_name = "history"

urlpatterns = [
    path("", views.LogList.as_view(), name="list"),
    path("<str:label>/<int:pk>/", views.record_changes, name="changes"),
]
