"""The books: bound pages, books of accounts, trial balances, schools side by side."""

from django.urls import path

from finance.books import results_views, views

app_name = "books"

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("results/", results_views.Results.as_view(), name="results"),
    path("schools/", views.Schools.as_view(), name="schools"),
    path("bound/<int:pk>/", views.BoundPage.as_view(), name="page"),
    path("bound/<int:pk>/table/", views.BoundTable.as_view(), name="table"),
    path("bound/<int:pk>/cover/", views.Cover.as_view(), name="cover"),
    path("accounts/of/<int:pk>/", views.Chosen.as_view(), name="subsidiary"),
    path("accounts/of/<int:pk>/columns/", views.ChosenColumns.as_view(), name="multicolumn"),
    path("accounts/<int:pk>/", views.Subsidiary.as_view(), name="account"),
    path("accounts/<int:pk>/columns/", views.Columns.as_view(), name="columns"),
    path("balances/<int:pk>/", views.Balances.as_view(), name="balances"),
    path("exports/<int:pk>/", views.export_line, name="export"),
    path("general/<int:pk>/", views.General.as_view(), name="general"),
]
