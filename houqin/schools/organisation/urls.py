from django.urls import path

from houqin.schools.organisation import views

app_name = "schools"

urlpatterns = [
    path("", views.SchoolList.as_view(), name="list"),
    path("new/", views.CampusCreate.as_view(), name="create"),
    path("<int:pk>/", views.SchoolDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", views.SchoolUpdate.as_view(), name="update"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]
