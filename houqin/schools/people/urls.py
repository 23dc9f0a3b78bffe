from django.urls import path

from houqin.schools.people import views

app_name = "people"

urlpatterns = [
    path("", views.PersonList.as_view(), name="list"),
    path("new/", views.PersonCreate.as_view(), name="create"),
    path("options/", views.options, name="options"),
    path("<int:pk>/", views.PersonDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", views.PersonUpdate.as_view(), name="update"),
    path("<int:pk>/leave/", views.Leave.as_view(), name="leave"),
    path("<int:pk>/back/", views.switch_on, name="switch_on"),
    path("<int:pk>/code/", views.make_code, name="one_time_code"),
    path("<int:pk>/posts/new/", views.PostCreate.as_view(), name="give_post"),
    path("posts/<int:pk>/end/", views.PostEnd.as_view(), name="end_post"),
    path("posts/<int:pk>/withdraw/", views.withdraw_post, name="withdraw_post"),
]
