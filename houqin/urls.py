"""Every door of the house; rooms mount their own below."""

from django.urls import include, path

urlpatterns = [
    path("", include("houqin.web.urls")),
    path("accounts/", include("houqin.accounts.urls")),
    path("", include("houqin.schools.urls")),
    path("history/", include("houqin.history.urls")),
    path("files/", include("houqin.files.urls")),
    path("notices/", include("houqin.notices.urls")),
    path("approvals/", include("houqin.approvals.urls")),
    path("exports/", include("houqin.exports.urls")),
    path("imports/", include("houqin.imports.urls")),
    path("", include("assets.urls")),
    path("", include("finance.urls")),
]

handler400 = "houqin.web.errors_views.bad_request"
handler403 = "houqin.web.errors_views.permission_denied"
handler404 = "houqin.web.errors_views.page_not_found"
handler500 = "houqin.web.errors_views.server_error"
