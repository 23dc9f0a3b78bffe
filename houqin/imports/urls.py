from django.urls import path

from houqin.imports import views

app_name = "imports"

urlpatterns = [
    path("", views.ImportList.as_view(), name="list"),
    path("start/<str:kind>/", views.StartPage.as_view(), name="start"),
    path("template/<str:kind>/", views.template, name="template"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/sheet/", views.sheet, name="sheet"),
    path("<int:pk>/columns/", views.columns, name="columns"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/errors/", views.errors, name="errors"),
]
