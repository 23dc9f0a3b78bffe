from django.urls import path

from houqin.schools.places import views

app_name = "places"

urlpatterns = [
    path("", views.PlaceList.as_view(), name="list"),
    path("new/", views.PlaceCreate.as_view(), name="create"),
    path("options/", views.options, name="options"),
    path("<int:pk>/", views.PlaceDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", views.PlaceUpdate.as_view(), name="update"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]
