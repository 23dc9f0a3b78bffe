from django.urls import path

from finance.purchases.views import requests, writing

app_name = "purchases"

urlpatterns = [
    path("purchases/", requests.PurchaseList.as_view(), name="list"),
    path("purchases/campuses/", requests.campuses, name="campuses"),
    path("purchases/settings/", requests.SettingsUpdate.as_view(), name="settings"),
    path("purchases/new/", writing.PurchaseCreate.as_view(), name="create"),
    path("purchases/hints/", writing.hints, name="hints"),
    path("purchases/<int:pk>/", requests.PurchaseDetail.as_view(), name="detail"),
    path("purchases/<int:pk>/edit/", writing.PurchaseUpdate.as_view(), name="update"),
    path("purchases/<int:pk>/submit/", writing.submit, name="submit"),
    path("purchases/<int:pk>/withdraw/", writing.withdraw, name="withdraw"),
    path("purchases/<int:pk>/copy/", writing.copy, name="copy"),
    path("purchases/<int:pk>/attach/", writing.Attach.as_view(), name="attach"),
]
