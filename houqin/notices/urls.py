from django.urls import path

from houqin.notices import views

app_name = "notices"

urlpatterns = [
    path("", views.NoticeList.as_view(), name="list"),
    path("<int:pk>/", views.open_notice, name="open"),
    path("mark-all-read/", views.mark_everything_read, name="mark_all_read"),
    path("preferences/", views.Preferences.as_view(), name="preferences"),
]
