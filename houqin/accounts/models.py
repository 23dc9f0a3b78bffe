"""People who can log in."""

from typing import Any, ClassVar

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.web import search

username_validator = RegexValidator(r"^[\w.-]+\Z", _("Letters, digits, dots, dashes and underscores only."))
phone_validator = RegexValidator(
    r"^\+?[0-9][0-9 -]{4,18}[0-9]\Z", _("Write the number in digits, for example 13800001234.")
)


class UserManager(BaseUserManager["User"]):
    """The one door into the table of people."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person; without a password one cannot log in until a one-time code is used."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def named(self, name: str) -> "User | None":
        """Return the active person with this username, phone or staff number, else None."""
        name = name.strip()
        if not name:
            return None
        found = self.filter(Q(username__iexact=name) | Q(phone=name) | Q(staff_number=name), is_active=True)[:2]
        return found[0] if len(found) == 1 else None


class User(AbstractBaseUser):
    """A person who can log in, by username, phone or staff number."""

    username = models.CharField(_("username"), max_length=60, validators=[username_validator])
    display_name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True, default="", validators=[phone_validator])
    staff_number = models.CharField(_("staff number"), max_length=30, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(_("must choose a new password"), default=False)
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
        ]
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("username"),
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

    @property
    def initial(self) -> str:
        """The character in the round badge beside the name."""
        return (self.display_name or self.username)[:1]
