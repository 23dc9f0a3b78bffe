"""Log in by username, phone or staff number."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from houqin.accounts.models import User


class AnyNameBackend(ModelBackend):
    """Checks the password of whoever has this username, phone or staff number."""

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

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Leave permissions to the roles (`houqin.schools.backends`)."""
        return False

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, unless switched off in the meantime."""
        return User.objects.filter(pk=user_id, is_active=True).first()
