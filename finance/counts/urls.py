from django.urls import path

from finance.counts import prints, views

app_name = "counts"

urlpatterns = [
    path("", views.CashCountList.as_view(), name="list"),
    path("new/", views.CashCountCreate.as_view(), name="create"),
    path("<int:pk>/", views.CashCountDetail.as_view(), name="detail"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/return/", views.GiveBack.as_view(), name="give_back"),
    path("<int:pk>/print/", prints.count_print, name="print"),
]
