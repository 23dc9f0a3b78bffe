from django.urls import path

from houqin.approvals import views

app_name = "approvals"

urlpatterns = [
    path("", views.ApprovalList.as_view(), name="list"),
    path("sign/", views.sign_several, name="sign_several"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/sign/", views.sign, name="sign"),
    path("delegations/", views.DelegationCreate.as_view(), name="delegations"),
    path("delegations/<int:pk>/end/", views.end_delegation, name="end_delegation"),
    path("delegations/people/", views.takers, name="takers"),
    path("tiers/<str:kind>/", views.Tiers.as_view(), name="tiers"),
]
