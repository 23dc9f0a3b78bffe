from django.urls import path

from finance.banks import views

app_name = "banks"

urlpatterns = [
    path("", views.register, name="list"),
    path("new/", views.BankAccountRegister.as_view(), name="create"),
    path("<int:pk>/", views.BankAccountDetail.as_view(), name="detail"),
    path("<int:pk>/change/", views.BankAccountChange.as_view(), name="change"),
    path("<int:pk>/close/", views.BankAccountClose.as_view(), name="close"),
]
