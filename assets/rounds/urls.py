from django.urls import path

from assets.rounds import views

app_name = "rounds"

urlpatterns = [
    path("", views.RoundList.as_view(), name="list"),
    path("new/", views.RoundCreate.as_view(), name="create"),
    path("<int:pk>/", views.RoundDetail.as_view(), name="detail"),
    path("<int:pk>/places/<int:place_pk>/", views.count_place, name="count"),
    path("<int:pk>/close/", views.close, name="close"),
]
