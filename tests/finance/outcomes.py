"""What the database says to a statement, and an action to those who ask for it."""

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from psycopg2.errors import InsufficientPrivilege

from finance.ledger.models import Voucher
from houqin.errors import NotAllowed, Refused


def outcome(statement, *params):
    """What the database says: "done", "no right" or the broken rule."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, params)
    except ProgrammingError as error:
        assert isinstance(error.__cause__, InsufficientPrivilege), error
        return "no right"
    except DatabaseError as error:
        return error.__cause__.diag.constraint_name or error.__cause__.diag.message_primary
    return "done"


def as_reviewed(office, voucher):
    """Mark it as reviewed, without anybody looking at it."""
    Voucher.objects.filter(pk=voucher.pk).update(state="submitted")
    Voucher.objects.filter(pk=voucher.pk).update(state="reviewed", reviewed_by=office.chief)
    return voucher


def refused(action, *args, **kwargs):
    """The code of the refusal."""
    with pytest.raises((Refused, NotAllowed)) as caught, transaction.atomic():
        action(*args, **kwargs)
    return caught.value.code
