"""The refusals: a sentence for people and a code for tests."""

from typing import Any, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class Refused(ValidationError):
    """Refuse an action because a rule stands against it.

    A form shows the sentence beside `field` (or on top when there is none) and keeps what was typed.
    """

    def __init__(
        self,
        message: str | Promise,
        *,
        code: str,
        field: str | None = None,
        params: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(cast(str, message), code=code, params=params)  # Django takes lazy texts as well
        self.field = field

    @property
    def sentence(self) -> str:
        """The message with its parameters filled in."""
        return str(self.messages[0])


class WrongState(Refused):
    """Refuse a step that the record's state does not allow (somebody was quicker, a second tap)."""

    def __init__(self, message: str | Promise | None = None, *, code: str = "wrong_state", **kwargs: Any) -> None:
        default = _("This was changed in the meantime, so the step is no longer possible. Look at its state now.")
        super().__init__(message or default, code=code, **kwargs)


class NotAllowed(PermissionDenied):
    """Refuse a person who may not do this; pages answer 403 with the sentence.

    Without a `message` of its own the sentence says whose work it is by the `permission` that is missing.
    """

    def __init__(
        self, message: str | Promise | None = None, *, code: str = "not_allowed", permission: str | None = None
    ) -> None:
        self.code = code
        # The roles stand on a higher floor.
        self.sentence = str(message or import_string(settings.WHOSE_WORK)(permission))
        super().__init__(self.sentence)
