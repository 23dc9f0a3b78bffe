"""One record for one form, however often it is sent (a double tap, a retried request)."""

import uuid
from typing import Any

from django.db import connection, transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused
from houqin.web.models import SubmittedForm


def new_key() -> str:
    """Return a fresh key for a form that is about to be shown."""
    return str(uuid.uuid4())


class SentBefore(Refused):
    """Refuse a form whose key was used for something else: its page was gone back to and changed."""

    def __init__(self) -> None:
        super().__init__(
            _("This form was sent before and is saved as it was then. Send it again to save what you see now as well."),
            code="sent_before",
        )


def key_of(key: uuid.UUID | None, typed: QueryDict, files: MultiValueDict[str, Any]) -> uuid.UUID | None:
    """Return a key of the form together with what was typed: the same for a second tap, another after a change."""
    if key is None:
        return None
    words = [(name, values) for name, values in sorted(typed.lists()) if name != "csrfmiddlewaretoken"]
    sent = [(name, [(file.name, file.size) for file in given]) for name, given in sorted(files.lists())]
    return uuid.uuid5(key, repr((words, sent)))


def claim(key: uuid.UUID | None, user: Any = None) -> str | None:
    """Claim `key` inside the caller's transaction; return the first submission's answer, or None if this is it.

    A second request with the same key waits here until the first one's transaction ends: it then gets
    that one's answer, or the key itself when the first one failed.
    """
    if key is None:
        return None
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("claim() must run in the transaction that makes the record")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO web_submittedform (key, user_id, answer_url, submitted_at) VALUES (%s, %s, '', now())"
            " ON CONFLICT (key) DO NOTHING",
            [key, getattr(user, "pk", None)],
        )
        if cursor.rowcount:
            return None
    earlier = SubmittedForm.objects.get(pk=key)
    return earlier.answer_url if earlier.user_id == getattr(user, "pk", None) else "/"


def answer(key: uuid.UUID | None, url: str) -> None:
    """Remember where the first submission led to."""
    if key is not None:
        SubmittedForm.objects.filter(pk=key).update(answer_url=url)
