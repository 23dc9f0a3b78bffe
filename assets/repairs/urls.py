from django.urls import path

from assets.repairs.views import guests, pages, statistics, steps

app_name = "repairs"

urlpatterns = [
    path("repairs/", pages.RepairList.as_view(), name="list"),
    path("repairs/new/", pages.RepairCreate.as_view(), name="create"),
    path("repairs/statistics/", statistics.figures, name="statistics"),
    path("repairs/settings/", pages.SettingsUpdate.as_view(), name="settings"),
    path("repairs/<int:pk>/", pages.RepairDetail.as_view(), name="detail"),
    path("repairs/<int:pk>/work-order/", pages.work_order, name="work_order"),
    path("repairs/<int:pk>/accept/", steps.accept, name="accept"),
    path("repairs/<int:pk>/refuse/", steps.Refuse.as_view(), name="refuse"),
    path("repairs/<int:pk>/assign/", steps.Assign.as_view(), name="assign"),
    path("repairs/<int:pk>/merge/", steps.Merge.as_view(), name="merge"),
    path("repairs/<int:pk>/ask-approval/", steps.AskApproval.as_view(), name="ask_approval"),
    path("repairs/<int:pk>/emergency/", steps.Emergency.as_view(), name="emergency"),
    path("repairs/<int:pk>/explain/", steps.Explain.as_view(), name="explain"),
    path("repairs/<int:pk>/danger/", steps.danger, name="danger"),
    path("repairs/<int:pk>/no-danger/", steps.no_danger, name="no_danger"),
    path("repairs/<int:pk>/start/", steps.start, name="start"),
    path("repairs/<int:pk>/hold/", steps.Hold.as_view(), name="hold"),
    path("repairs/<int:pk>/resume/", steps.resume, name="resume"),
    path("repairs/<int:pk>/finish/", steps.Finish.as_view(), name="finish"),
    path("repairs/<int:pk>/confirm/", steps.confirm, name="confirm"),
    path("repairs/<int:pk>/reopen/", steps.Reopen.as_view(), name="reopen"),
    path("repairs/<int:pk>/rate/", steps.Rate.as_view(), name="rate"),
    path("repairs/<int:pk>/withdraw/", steps.withdraw, name="withdraw"),
    path("repairs/<int:pk>/follow/", steps.follow, name="follow"),
    path("repairs/<int:pk>/photos/", steps.add_photos, name="add_photos"),
    # Open to everybody: the form behind a QR code and the status page behind a secret link.
    path("report/<str:token>/", guests.report_here, name="report_here"),
    path("report/<str:token>/follow/<int:pk>/", guests.follow_here, name="follow_here"),
    path("r/<str:secret>/", guests.status, name="status"),
    path("r/<str:secret>/photos/", guests.status_photos, name="status_photos"),
    path("r/<str:secret>/photos/<int:pk>/", guests.status_photo, name="status_photo"),
    path("r/<str:secret>/confirm/", guests.status_confirm, name="status_confirm"),
    path("r/<str:secret>/reopen/", guests.status_reopen, name="status_reopen"),
    path("r/<str:secret>/withdraw/", guests.status_withdraw, name="status_withdraw"),
]
