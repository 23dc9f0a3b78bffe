from django.urls import path

from finance.budgets import views

app_name = "budgets"

urlpatterns = [
    path("", views.BudgetList.as_view(), name="list"),
    path("new/", views.BudgetCreate.as_view(), name="create"),
    path("<int:pk>/", views.BudgetDetail.as_view(), name="detail"),
    path("<int:pk>/amount/", views.BudgetChangeAmount.as_view(), name="change"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]
