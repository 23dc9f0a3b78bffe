"""Login, passwords, codes and one's own page."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView, RedirectURLMixin
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import FormView

from houqin.accounts import actions
from houqin.accounts.forms import (
    ChangePasswordForm,
    ContactForm,
    ForgottenForm,
    LoginForm,
    NewPasswordForm,
    UseCodeForm,
)
from houqin.accounts.limiter import TooMany
from houqin.accounts.middleware import ENDED
from houqin.accounts.models import User, fingerprint
from houqin.errors import Refused
from houqin.web.views import add_refusal


class AccountPage(FormView):
    """A form whose work is `act`; a refusal is shown in it and answered 422, or 429 after too many attempts."""

    request: Any

    @method_decorator([sensitive_post_parameters(), never_cache])
    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def act(self, form: Any) -> None:
        """Call the action."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.act(form)
        except Refused as refusal:
            add_refusal(form, refusal)
            return self.refused(form, too_many=isinstance(refusal, TooMany))
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.refused(form)

    def refused(self, form: Any, *, too_many: bool = False) -> HttpResponse:
        """Show the form again with its sentences."""
        return self.render_to_response(self.get_context_data(form=form), status=429 if too_many else 422)


@method_decorator(login_not_required, name="dispatch")
class Login(RedirectURLMixin, AccountPage):
    """Log in, and go where one wanted to go."""

    template_name = "accounts/login.html"
    form_class = LoginForm
    next_page = settings.LOGIN_REDIRECT_URL

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            to = self.get_success_url()
            return redirect(to if to.partition("?")[0] != request.path else self.get_default_redirect_url())
        if request.method == "GET" and not User.objects.exists():
            return redirect(settings.FIRST_RUN_URL)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.request.GET.get("name", "")[:60]}

    def act(self, form: LoginForm) -> None:
        name, password = form.cleaned_data["name"], form.cleaned_data["password"]
        actions.log_in(self.request, actions.prove_password(name, password, device=self.request.device))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ended = self.request.session.pop(ENDED, "") if ENDED in self.request.session else ""
        return super().get_context_data(
            next=self.get_redirect_url(),
            ended=ended,
            demo_accounts=settings.DEMO_ACCOUNTS if settings.DEMO else (),
            demo_password=settings.DEMO_PASSWORD if settings.DEMO else "",
            **kwargs,
        )


@require_POST
def log_out(request: Any) -> HttpResponse:
    """End this session."""
    actions.log_out(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_safe
def profile(request: Any) -> HttpResponse:
    """Show one's own page: names, contact, devices, switches."""
    devices = request.user.known_devices.order_by("-last_seen", "pk")[:20]
    here = fingerprint(request.device)
    return render(request, "accounts/profile.html", {"devices": [(known, known.device == here) for known in devices]})


class Contact(AccountPage):
    """Change one's own phone and e-mail address."""

    template_name = "accounts/contact.html"
    form_class = ContactForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("initial")
        return kwargs | {"user": self.request.user}

    def act(self, form: ContactForm) -> None:
        user, data = self.request.user, form.cleaned_data
        if data["email"] != user.email:
            actions.prove_own_password(user, data["password"], device=self.request.device, field="password")
        actions.change_contact(user, phone=data["phone"], email=data["email"], by=user)
        messages.success(self.request, _("Saved."))

    def get_success_url(self) -> str:
        return reverse("accounts:profile")


class ChangePassword(AccountPage):
    """Exchange one's own password."""

    template_name = "accounts/change_password.html"
    form_class = ChangePasswordForm

    def act(self, form: ChangePasswordForm) -> None:
        data = form.cleaned_data
        self.forced = self.request.user.must_change_password
        actions.change_password(self.request, self.request.user, old=data["old_password"], new=data["new_password"])
        messages.success(self.request, _("Your password is changed. Other devices must log in again."))

    def get_success_url(self) -> str:
        return reverse("web:home" if self.forced else "accounts:profile")


@require_POST
def log_out_elsewhere(request: Any) -> HttpResponse:
    """End one's sessions on all other devices."""
    actions.log_out_elsewhere(request, request.user)
    messages.success(request, _("All other devices are logged out."))
    return redirect("accounts:profile")


@method_decorator(login_not_required, name="dispatch")
class Forgotten(AccountPage):
    """Ask for a letter with a link to a new password; without mail, say how a one-time code helps."""

    template_name = "accounts/forgotten.html"
    form_class = ForgottenForm

    def act(self, form: ForgottenForm) -> None:
        if not settings.MAIL_IS_SET_UP:
            raise Refused(_("This server sends no e-mail. Ask for a one-time code instead."), code="no_mail")
        actions.ask_for_mail(form.cleaned_data["name"])

    def get_success_url(self) -> str:
        return reverse("accounts:forgotten_sent")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mail_is_set_up=settings.MAIL_IS_SET_UP, **kwargs)


@login_not_required
@require_safe
def forgotten_sent(request: Any) -> HttpResponse:
    """Say the same to everybody, whether the name is known or not."""
    return render(request, "accounts/forgotten_sent.html", {"minutes": settings.PASSWORD_RESET_TIMEOUT // 60})


@method_decorator(login_not_required, name="dispatch")
class ResetPassword(AccountPage, PasswordResetConfirmView):
    """Choose a new password from the link in a letter; Django checks the link and keeps it out of the address."""

    template_name = "accounts/reset_password.html"
    form_class = NewPasswordForm

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("user")
        return kwargs

    def act(self, form: NewPasswordForm) -> None:
        assert isinstance(self.user, User)  # noqa: S101  only a valid link leads here
        user = actions.set_password(
            self.user, new=form.cleaned_data["new_password"], by=self.user, code="reset_password"
        )
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        actions.log_in(self.request, user)
        messages.success(self.request, _("Your new password is set."))

    def get_success_url(self) -> str:
        return reverse(settings.LOGIN_REDIRECT_URL)


@method_decorator(login_not_required, name="dispatch")
class UseCode(AccountPage):
    """Choose a new password with a one-time code, and be logged in."""

    template_name = "accounts/use_code.html"
    form_class = UseCodeForm

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.request.GET.get("name", "")[:60]}

    def act(self, form: UseCodeForm) -> None:
        data = form.cleaned_data
        new, device = data["new_password"], self.request.device
        actions.log_in(self.request, actions.use_one_time_code(data["name"], data["code"], new=new, device=device))
        messages.success(self.request, _("Your new password is set."))

    def get_success_url(self) -> str:
        return reverse(settings.LOGIN_REDIRECT_URL)
