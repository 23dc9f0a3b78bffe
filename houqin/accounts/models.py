"""People who can log in, the devices they did it on, and the codes that stand in for a forgotten password."""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from secrets import choice
from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from houqin.web import search

username_validator = RegexValidator(r"^[\w.-]+\Z", _("Letters, digits, dots, dashes and underscores only."))
phone_validator = RegexValidator(
    r"^\+?[0-9][0-9 -]{4,18}[0-9]\Z", _("Write the number in digits, for example 13800001234.")
)


def phone_digits(phone: str) -> str:
    """Return a phone number as it is stored: without spaces and dashes."""
    return re.sub(r"[\s-]", "", phone)


class UserManager(BaseUserManager["User"]):
    """The one door into the table of people."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person; without a password one cannot log in until a one-time code is used."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def named(self, name: str) -> "User | None":
        """Return the active person with this username, staff number or phone, else None.

        In this order, so that nobody takes over another's login by entering it as one's own phone.
        """
        typed = name.strip()
        if not typed:
            return None
        name = typed.lower()
        found = self.alias(lower_username=Lower("username")).filter(
            Q(lower_username=name) | Q(staff_number__in=(typed, name, name.upper())) | Q(phone=phone_digits(name)),
            is_active=True,
        )
        return min(found, key=lambda user: user._precedence(name), default=None)


@pghistory.track(exclude=["password", "last_login", "session_round", "search_text", "search_pieces"])
class User(AbstractBaseUser):
    """A person who can log in, by username, phone or staff number."""

    username = models.CharField(_("username"), max_length=60, validators=[username_validator])
    display_name = models.CharField(_("name of the person"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True, default="", validators=[phone_validator])
    staff_number = models.CharField(_("staff number"), max_length=30, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(_("must choose a new password"), default=False)
    # Part of what a session is checked against: raising it ends all sessions of the person.
    session_round = models.PositiveIntegerField(_("round of sessions"), default=0, editable=False)
    date_joined = models.DateTimeField(_("added at"), default=timezone.now, editable=False)
    name_pinyin = models.CharField(_("name in pinyin"), max_length=200, blank=True, editable=False)
    search_text = models.TextField(_("search text"), blank=True, editable=False)
    search_pieces = search.search_pieces_field()

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            # people found by name, initials, phone or number
            GinIndex(fields=["search_pieces"], name="accounts_user_search"),
            # lists of people by name
            models.Index(fields=["name_pinyin", "id"], name="accounts_user_by_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="accounts_user_username",
                violation_error_message=_("This username is taken."),
            ),
            models.UniqueConstraint(
                fields=["phone"],
                condition=~Q(phone=""),
                name="accounts_user_phone",
                violation_error_message=_("Another person has this phone number."),
            ),
            models.UniqueConstraint(
                fields=["staff_number"],
                condition=~Q(staff_number=""),
                name="accounts_user_staff_number",
                violation_error_message=_("Another person has this staff number."),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.phone = phone_digits(self.phone)
        self.name_pinyin = search.pinyin(self.display_name)
        self.search_text = search.search_text(
            self.display_name, self.username, self.phone, self.staff_number, phonetic=(self.display_name,)
        )
        fields = kwargs.get("update_fields")
        if fields is not None and {"display_name", "username", "phone", "staff_number"} & set(fields):
            kwargs["update_fields"] = {*fields, "name_pinyin", "search_text"}
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """Return the name that people use."""
        return self.display_name

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Say whether one of the person's roles allows `perm` at the record's school (or anywhere)."""
        return any(backend.has_perm(self, perm, obj) for backend in get_backends())

    def get_session_auth_hash(self) -> str:
        """Return what a session must know to go on: it changes with the password and with `session_round`."""
        return f"{super().get_session_auth_hash()}:{self.session_round}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same for the secret keys that were replaced."""
        return (f"{earlier}:{self.session_round}" for earlier in super().get_session_auth_fallback_hash())

    def _precedence(self, name: str) -> int:
        if self.username.lower() == name:
            return 0
        return 1 if self.staff_number.lower() == name else 2

    @property
    def initial(self) -> str:
        """The character in the round badge beside the name."""
        return (self.display_name or self.username)[:1]


def fingerprint(device: str) -> str:
    """Return what is kept of a device's cookie: enough to know it again, not enough to pose as it."""
    return hashlib.sha256(device.encode()).hexdigest()


class KnownDeviceQuerySet(models.QuerySet["KnownDevice"]):
    """Devices that people logged in on."""

    def known(self, user: User, device: str) -> bool:
        """Say whether `user` has logged in on the device with this cookie before."""
        return self.filter(user=user, device=fingerprint(device)).exists()

    def remember(self, user: User, device: str, name: str) -> "KnownDevice":
        """Note that `user` has just logged in on the device."""
        known, _created = self.update_or_create(
            user=user, device=fingerprint(device), defaults={"name": name, "last_seen": timezone.now()}
        )
        return known


class KnownDevice(models.Model):
    """A device on which a person proved who one is; guesses made elsewhere do not shut it out."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_devices", verbose_name=_("person"))
    device = models.CharField(_("fingerprint of the device"), max_length=64)
    name = models.CharField(_("device"), max_length=60, blank=True)
    first_seen = models.DateTimeField(_("first login"), default=timezone.now)
    last_seen = models.DateTimeField(_("last login"), default=timezone.now)

    objects: ClassVar[KnownDeviceQuerySet] = KnownDeviceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("known device")
        verbose_name_plural = _("known devices")
        constraints = [
            # also serves known() and the profile's list
            models.UniqueConstraint(fields=["user", "device"], name="accounts_knowndevice_once"),
        ]
        indexes = [
            # accounts.tasks.remove_expired
            models.Index(fields=["last_seen"], name="accounts_device_age"),
        ]

    def __str__(self) -> str:
        return self.name or self.device[:8]


# Without 0 O 1 I L and U V, which look alike in print and in handwriting: 29 signs, 10 of them are 48 bits.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTWXYZ"
CODE_LENGTH = 10


def plain_code(code: str) -> str:
    """Return a code as it was made, however it was typed: groups, spaces and small letters do not matter."""
    return re.sub(r"[^0-9A-Z]", "", code.upper())


def _code_hash(user: User, code: str) -> str:
    return salted_hmac(f"houqin.accounts.OneTimeCode:{user.pk}", plain_code(code), algorithm="sha256").hexdigest()


class OneTimeCodeQuerySet(models.QuerySet["OneTimeCode"]):
    """Codes that let a person choose a new password once."""

    def make(self, user: User, *, by: User) -> tuple["OneTimeCode", str]:
        """Make the person's only valid code; return it with its text, which is kept nowhere."""
        code = "".join(choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
        self.unused().filter(user=user).delete()
        now = timezone.now()
        made = self.create(
            user=user,
            code_hash=_code_hash(user, code),
            made_by=by,
            made_at=now,
            expires_at=now + timedelta(hours=settings.ONE_TIME_CODE_HOURS),
        )
        return made, code

    def unused(self) -> Self:
        """Keep the codes that nobody has used."""
        return self.filter(used_at__isnull=True)

    def valid(self) -> Self:
        """Keep the codes that can still be used."""
        return self.unused().filter(expires_at__gt=timezone.now())


class OneTimeCode(models.Model):
    """A code on paper that stands in for a forgotten password, once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="one_time_codes", verbose_name=_("person"))
    code_hash = models.CharField(_("hash of the code"), max_length=64)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    objects: ClassVar[OneTimeCodeQuerySet] = OneTimeCodeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("one-time code")
        verbose_name_plural = _("one-time codes")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(used_at__isnull=True),
                name="accounts_onetimecode_newest",
                violation_error_message=_("Somebody else has just made a code for this person. Use that one."),
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="accounts_onetimecode_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.made_at:%Y-%m-%d %H:%M}"

    def fits(self, code: str) -> bool:
        """Say whether `code` is this code's text."""
        return constant_time_compare(self.code_hash, _code_hash(self.user, code))
