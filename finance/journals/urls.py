"""Paper journals on their way into the books."""

from django.urls import path

from finance.journals import views

app_name = "journals"

urlpatterns = [
    path("", views.JournalList.as_view(), name="list"),
    path("<int:pk>/", views.JournalDetail.as_view(), name="detail"),
    path("<int:pk>/accounts/", views.JournalMap.as_view(), name="map"),
    path("<int:pk>/send-back/", views.JournalSendBack.as_view(), name="send_back"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/drop/", views.drop, name="drop"),
]
