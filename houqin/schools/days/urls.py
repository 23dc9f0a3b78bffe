from django.urls import path

from houqin.schools.days import views

app_name = "calendar"

urlpatterns = [
    path("", views.Calendar.as_view(), name="list"),
    path("terms/new/", views.TermCreate.as_view(), name="create_term"),
    path("terms/<int:pk>/edit/", views.TermUpdate.as_view(), name="update_term"),
    path("terms/<int:pk>/remove/", views.remove_term, name="remove_term"),
    path("days/new/", views.OwnDaysCreate.as_view(), name="create_days"),
    path("days/<int:pk>/remove/", views.remove_own_day, name="remove_day"),
    path("plans/new/", views.PlanCreate.as_view(), name="create_plan"),
    path("plans/<int:year>/load/", views.load_plan, name="load_plan"),
]
