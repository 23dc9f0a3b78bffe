from django.urls import path

from finance.purchases import order_prints, order_views, price_history
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
    # after approval
    path("purchases/<int:pk>/print/", order_prints.purchase_print, name="print"),
    path("purchases/<int:pk>/comparison/", order_prints.comparison_print, name="comparison"),
    path("purchases/<int:pk>/order/", order_views.OrderCreate.as_view(), name="order_create"),
    path("purchases/<int:pk>/close/", order_views.ClosePurchase.as_view(), name="close_purchase"),
    path("purchase-orders/", order_views.OrderList.as_view(), name="orders"),
    path("purchase-orders/<int:pk>/", order_views.OrderDetail.as_view(), name="order"),
    path("purchase-orders/<int:pk>/print/", order_prints.order_print, name="order_print"),
    path("purchase-orders/<int:pk>/receive/", order_views.Receive.as_view(), name="receive"),
    path("purchase-orders/<int:pk>/cancel/", order_views.Cancel.as_view(), name="cancel_order"),
    path("purchase-orders/<int:pk>/close/", order_views.Close.as_view(), name="close_order"),
    path("purchases/suppliers/", order_views.SupplierList.as_view(), name="suppliers"),
    path("purchases/suppliers/new/", order_views.SupplierCreate.as_view(), name="supplier_create"),
    path("purchases/suppliers/options/", order_views.supplier_options, name="supplier_options"),
    path("purchases/suppliers/<int:pk>/edit/", order_views.SupplierUpdate.as_view(), name="supplier_update"),
    path("purchases/prices/", price_history.page, name="price_history"),
]
