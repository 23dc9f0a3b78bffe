from django.urls import path

from finance.reconciliations import prints, views

app_name = "reconciliations"

urlpatterns = [
    path("", views.ReconciliationList.as_view(), name="list"),
    path("new/", views.ReconciliationBegin.as_view(), name="create"),
    path("<int:pk>/", views.ReconciliationDetail.as_view(), name="detail"),
    path("<int:pk>/change/", views.ReconciliationWrite.as_view(), name="update"),
    path("<int:pk>/submit/", views.submit, name="submit"),
    path("<int:pk>/review/", views.review, name="review"),
    path("<int:pk>/send-back/", views.ReconciliationSendBack.as_view(), name="send_back"),
    path("<int:pk>/print/", prints.reconciliation_print, name="print"),
]
