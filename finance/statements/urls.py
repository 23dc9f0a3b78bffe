"""The statements of each set of books, and of all schools side by side."""

from django.urls import path

from finance.statements import views

app_name = "statements"

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("schools/<slug:kind>/", views.Schools.as_view(), name="schools"),
    path("of/<int:pk>/<slug:kind>/", views.Of.as_view(), name="statement"),
]
