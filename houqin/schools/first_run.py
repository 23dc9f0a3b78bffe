"""Set up a fresh server: its first school and the person who takes care of it. Open until somebody exists."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from houqin.accounts.actions import log_in
from houqin.accounts.forms import NewPasswordForm
from houqin.accounts.models import User, phone_validator, username_validator
from houqin.errors import Refused
from houqin.schools.models import Membership, School
from houqin.schools.roles import Role
from houqin.web.forms import PageHelper
from houqin.web.trail import record_action
from houqin.web.views import add_refusal

FIRST_ROLES = (Role.CENTRAL_OFFICER, Role.LOGISTICS)


class FirstRunForm(NewPasswordForm):
    """The first school and its administrator."""

    token = forms.CharField(
        label=_("Setup token"),
        max_length=200,
        help_text=_("The value of FIRST_RUN_TOKEN in the server's environment."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    school_name = forms.CharField(label=_("Name of the school"), max_length=60)
    school_code = forms.CharField(
        label=_("Short code of the school"),
        max_length=20,
        validators=[validate_slug],
        help_text=_("Latin letters and digits, for numbers and labels: hzl."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    display_name = forms.CharField(
        label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    username = forms.CharField(
        label=_("Username"),
        max_length=60,
        validators=[username_validator],
        help_text=_("For logging in; your phone number works as well."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=20,
        validators=[phone_validator],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    field_order = (
        "token",
        "school_name",
        "school_code",
        "display_name",
        "username",
        "phone",
        "new_password",
        "repeated",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.FIRST_RUN_NEEDS_TOKEN:
            del self.fields["token"]
            self.helper = PageHelper(self)  # its layout names the fields that there are

    def save(self) -> User:
        """Call the action."""
        data = self.cleaned_data
        return first_run(
            school_name=data["school_name"],
            school_code=data["school_code"],
            display_name=data["display_name"],
            username=data["username"],
            phone=data["phone"],
            password=data["new_password"],
            token=data.get("token", ""),
        )


@transaction.atomic
def first_run(
    *,
    school_name: str,
    school_code: str,
    display_name: str,
    username: str,
    phone: str = "",
    password: str,
    token: str = "",
) -> User:
    """Make the first school and the first person, who may manage everything there; return the person.

    A lock lets one of several simultaneous calls through. Raises Refused "already_set_up", "wrong_token" and
    "weak_password".
    """
    if settings.FIRST_RUN_NEEDS_TOKEN and not (
        settings.FIRST_RUN_TOKEN and constant_time_compare(token, settings.FIRST_RUN_TOKEN)
    ):
        raise Refused(
            _("This is not the setup token. Look up FIRST_RUN_TOKEN on the server."), code="wrong_token", field="token"
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('houqin.first_run'))")
    if User.objects.exists():
        raise Refused(_("This server is already set up. Log in instead."), code="already_set_up")
    user = User(username=username, display_name=display_name, phone=phone)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="weak_password", field="new_password") from error
    school = School.objects.create(name=school_name, code=school_code)
    user.set_password(password)
    user.save()
    Membership.objects.bulk_create(Membership(user=user, school=school, role=role) for role in FIRST_ROLES)
    record_action("schools.first_run", by=user, school=school, record=school)
    return user


@sensitive_post_parameters()
@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def page(request: Any) -> HttpResponse:
    """Ask for the first school and person; not found once somebody exists."""
    if User.objects.exists():
        raise Http404
    token_missing = settings.FIRST_RUN_NEEDS_TOKEN and not settings.FIRST_RUN_TOKEN
    form = FirstRunForm(request.POST or None)
    status = 200
    if request.method == "POST" and not token_missing:
        status = 422
        if form.is_valid():
            try:
                user = form.save()
            except Refused as refusal:
                record_action("schools.first_run", by=None, result=str(refusal.code))
                add_refusal(form, refusal)
            else:
                log_in(request, user)
                messages.success(request, _("Houqin is set up. Add places and people next."))
                return redirect(settings.LOGIN_REDIRECT_URL)
    context = {"form": form, "token_missing": token_missing}
    return render(request, "schools/first_run.html", context, status=status)
