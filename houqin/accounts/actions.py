"""What happens with accounts: log in and out, choose a new password, make and use one-time codes."""

import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.accounts import limiter, tasks
from houqin.accounts.devices import device_name
from houqin.accounts.middleware import SEEN, STARTED
from houqin.accounts.models import CODE_LENGTH, KnownDevice, OneTimeCode, User, fingerprint, plain_code
from houqin.errors import Refused
from houqin.web.trail import record_action


@dataclass(frozen=True, slots=True)
class CodeSlip:
    """What stands on the slip of paper that a person gets; the code is kept nowhere else."""

    person: User
    code: str
    made_by: User
    expires_at: datetime


def prove_password(name: str, password: str, *, device: str) -> User:
    """Return the person whose name and password these are; count the attempt before any hashing.

    Call it outside of a transaction, or the count is lost with it. Raises TooMany, or Refused "wrong_password"
    whatever it was that did not fit.
    """
    user = User.objects.named(name)
    limiter.count_login(user, name, device)
    proven = authenticate(username=name, password=password)
    if not isinstance(proven, User):
        record_action("accounts.log_in", by=None, record=user, result="wrong_password")
        raise Refused(
            _("Name and password do not fit together. Check both; capital and small letters differ."),
            code="wrong_password",
        )
    return proven


def prove_own_password(user: User, password: str, *, device: str, field: str) -> None:
    """Make sure that whoever is logged in knows the password; counted like a login on this device."""
    limiter.count_own_password(user, device)
    if not user.check_password(password):
        record_action("accounts.prove_password", by=user, record=user, result="wrong_password")
        raise Refused(_("This is not your current password."), code="wrong_password", field=field)


@transaction.atomic
def log_in(request: HttpRequest, user: User) -> User:
    """Start the session of a person who has proved who one is, and know the device from now on."""
    login(request, user)
    request.session[STARTED] = request.session[SEEN] = int(time.time())
    KnownDevice.objects.remember(user, _device(request), device_name(request.headers.get("User-Agent", "")))
    record_action("accounts.log_in", by=user, record=user)
    return user


@transaction.atomic
def log_out(request: HttpRequest) -> None:
    """End this session."""
    if isinstance(request.user, User):
        record_action("accounts.log_out", by=request.user, record=request.user)
    logout(request)


@transaction.atomic
def log_out_elsewhere(request: HttpRequest, user: User) -> User:
    """End all other sessions of `user` and forget the other devices; this one goes on."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
    user.refresh_from_db(fields=["session_round"])
    user.known_devices.exclude(device=fingerprint(_device(request))).delete()
    record_action("accounts.log_out_elsewhere", by=user, record=user)
    update_session_auth_hash(request, user)
    return user


@transaction.atomic
def set_password(user: User, *, new: str, by: User, field: str = "new_password", code: str = "change_password") -> User:
    """Give `user` the password `new`: ends all sessions and makes unused one-time codes worthless.

    `code` says in the action log how one got here. Raises Refused "weak_password" with the sentences of the
    validators.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    _check_strength(new, locked, field)
    locked.set_password(new)
    locked.must_change_password = False
    locked.save(update_fields=["password", "must_change_password"])
    OneTimeCode.objects.unused().filter(user=locked).delete()
    record_action(f"accounts.{code}", by=by, record=locked)
    tasks.tell_of_new_password(locked)
    return locked


def change_password(request: HttpRequest, user: User, *, old: str, new: str) -> User:
    """Exchange one's own password; this session goes on, all others end."""
    prove_own_password(user, old, device=_device(request), field="old_password")
    if old == new:
        raise Refused(_("This is the old password. Choose another one."), code="same_password", field="new_password")
    changed = set_password(user, new=new, by=user)
    update_session_auth_hash(request, changed)
    return changed


@transaction.atomic
def make_one_time_code(user: User, *, by: User) -> CodeSlip:
    """Make a code with which `user` can choose a new password once; an older unused one ends.

    Whether `by` may do that for `user` is for the caller to ask: posts are known on the floor above.
    Raises Refused "switched_off" and "own_code".
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not locked.is_active:
        raise Refused(
            _("This person is switched off and cannot log in. Switch the person on first."), code="switched_off"
        )
    if locked.pk == by.pk:
        raise Refused(_("Change your own password on your own page, or ask a colleague for a code."), code="own_code")
    made, code = OneTimeCode.objects.make(locked, by=by)
    record_action("accounts.make_one_time_code", by=by, record=locked)
    half = CODE_LENGTH // 2
    return CodeSlip(person=locked, code=f"{code[:half]}-{code[half:]}", made_by=by, expires_at=made.expires_at)


def use_one_time_code(name: str, code: str, *, new: str, device: str) -> User:
    """Choose the password `new` with a one-time code; return the person.

    Counted before anything is compared; call it outside of a transaction. Raises TooMany, Refused "wrong_code"
    and "weak_password"; after the latter the code is still good.
    """
    user = User.objects.named(name)
    limiter.count_code(user, name, device)
    refusal = Refused(
        _("Name and code do not fit together, or the code has been used or has run out. Ask for a new one."),
        code="wrong_code",
    )
    if user is None or len(plain_code(code)) != CODE_LENGTH:
        record_action("accounts.use_one_time_code", by=None, record=user, result="wrong_code")
        raise refusal
    with transaction.atomic():
        slip = OneTimeCode.objects.valid().select_for_update(of=("self",)).filter(user=user).first()
        if slip is not None and slip.fits(code):
            slip.used_at = timezone.now()
            slip.save(update_fields=["used_at"])
            return set_password(user, new=new, by=user, code="use_one_time_code")
    record_action("accounts.use_one_time_code", by=None, record=user, result="wrong_code")
    raise refusal


def ask_for_mail(name: str) -> None:
    """Send a letter with a link to a new password to whoever has this name and an address; tell nobody."""
    user = User.objects.named(name)
    if user is None or not user.email or not limiter.may_mail(user):
        record_action("accounts.ask_for_mail", by=None, record=user, result="no_letter")
        return
    record_action("accounts.ask_for_mail", by=None, record=user)
    transaction.on_commit(partial(tasks.post, tasks.send_reset_link, user.pk))


@transaction.atomic
def change_contact(user: User, *, phone: str, email: str, by: User) -> User:
    """Change one's own phone and e-mail address. Raises Refused "phone_taken"."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    locked.phone, locked.email = phone, email
    try:
        with transaction.atomic():
            locked.save(update_fields=["phone", "email"])
    except IntegrityError as error:
        refusal = Refused(_("Another person has this phone number."), code="phone_taken", field="phone")
        raise refusal from error
    record_action("accounts.change_contact", by=by, record=locked)
    return locked


def _check_strength(new: str, user: User, field: str) -> None:
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="weak_password", field=field) from error


def _device(request: HttpRequest) -> str:
    device: str = request.device  # type: ignore[attr-defined]  # set by OriginMiddleware
    return device
