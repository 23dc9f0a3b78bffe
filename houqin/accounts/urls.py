from django.urls import URLPattern, path

from houqin.accounts import views

app_name = "accounts"

urlpatterns: list[URLPattern] = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.log_out, name="logout"),
    path("profile/", views.profile, name="profile"),
    path("profile/contact/", views.Contact.as_view(), name="contact"),
    path("profile/password/", views.ChangePassword.as_view(), name="change_password"),
    path("profile/log-out-elsewhere/", views.log_out_elsewhere, name="log_out_elsewhere"),
    path("forgotten/", views.Forgotten.as_view(), name="forgotten"),
    path("forgotten/sent/", views.forgotten_sent, name="forgotten_sent"),
    path("reset/<uidb64>/<token>/", views.ResetPassword.as_view(), name="reset_password"),
    path("code/", views.UseCode.as_view(), name="use_code"),
]
