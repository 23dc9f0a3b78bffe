"""Log in by username, phone or staff number."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from houqin.accounts.models import User


class AnyNameBackend(BaseBackend):
    """Checks the password of whoever has this username, phone or staff number; who people are is known upstairs."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the person, or None; an unknown name costs one hash as well, so that time tells nothing."""
        if not username or password is None:
            return None
        user = User.objects.named(username)
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) else None
