"""The forms of login and passwords. Actions judge what was typed; forms only ask for it."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from houqin.accounts.models import User, phone_validator
from houqin.web.forms import PageHelper

_NAME = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "maxlength": 60}


class AccountForm(forms.Form):
    """A form of these pages: the page owns the <form> tag and the buttons."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = PageHelper(self)


class _Password(forms.CharField):
    """A password as it was typed: spaces at its ends count."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(strip=False, max_length=256, widget=widget, **kwargs)


class LoginForm(AccountForm):
    """Who one is: any of the three names, and the password."""

    name = forms.CharField(
        label=_("Username, phone or staff number"), max_length=60, widget=forms.TextInput(attrs=_NAME)
    )
    password = _Password(label=_("Password"), autocomplete="current-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In the demo a tap on an account fills both fields; elsewhere a password never goes into a page.
        if settings.DEMO and not self.is_bound and self.initial.get("name"):
            self.fields["password"].widget.render_value = True
            self.initial["password"] = settings.DEMO_PASSWORD


class NewPasswordForm(AccountForm):
    """A new password, twice."""

    new_password = _Password(
        label=_("New password"),
        autocomplete="new-password",
        help_text=_("At least 8 characters, not only digits, not your name or phone."),
    )
    repeated = _Password(label=_("New password again"), autocomplete="new-password")

    def clean_repeated(self) -> str:
        """Compare the two."""
        repeated: str = self.cleaned_data["repeated"]
        if self.cleaned_data.get("new_password", repeated) != repeated:
            raise ValidationError(_("The two new passwords differ. Type both again."), code="password_mismatch")
        return repeated


class ChangePasswordForm(NewPasswordForm):
    """The old password and a new one."""

    old_password = _Password(label=_("Current password"), autocomplete="current-password")
    field_order = ("old_password", "new_password", "repeated")


class ForgottenForm(AccountForm):
    """Whose password was forgotten."""

    name = forms.CharField(
        label=_("Username, phone or staff number"), max_length=60, widget=forms.TextInput(attrs=_NAME)
    )


class UseCodeForm(NewPasswordForm):
    """A one-time code and the password that it lets one choose."""

    name = forms.CharField(
        label=_("Username, phone or staff number"), max_length=60, widget=forms.TextInput(attrs=_NAME)
    )
    code = forms.CharField(
        label=_("One-time code"),
        max_length=30,
        help_text=_("As it stands on the slip; small letters and the dash do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )
    field_order = ("name", "code", "new_password", "repeated")


class ContactForm(AccountForm):
    """One's own phone and e-mail address; the address leads to new passwords, so changing it asks for this one."""

    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=20,
        validators=[phone_validator],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        label=_("E-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = _Password(
        label=_("Current password"),
        autocomplete="current-password",
        required=False,
        help_text=_("Only needed to change the e-mail address, because it can lead to a new password."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, initial={"phone": user.phone, "email": user.email}, **kwargs)
        self.user = user

    def clean(self) -> None:
        """Ask for the password when the address changes."""
        changes = self.cleaned_data.get("email", self.user.email) != self.user.email
        if changes and not self.cleaned_data.get("password"):
            sentence = _("Type your current password to change the e-mail address.")
            self.add_error("password", ValidationError(sentence, code="password_needed"))
