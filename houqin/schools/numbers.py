"""Give numbers without gaps."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from houqin.schools.models import School


def next_number(school: School, prefix: str, *, at: datetime) -> str:
    """Return the next number of `school` in the month of `at`, like "BX-2609-0142".

    The row of the series stays locked until the caller's transaction ends, so that a rolled-back record
    leaves no gap.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("next_number() must run in the transaction that makes the record")
    period = timezone.localtime(at).strftime("%y%m")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO schools_numberseries (school_id, kind, period, last) VALUES (%s, %s, %s, 1)
            ON CONFLICT (school_id, kind, period) DO UPDATE SET last = schools_numberseries.last + 1
            RETURNING last
            """,
            [school.pk, prefix, period],
        )
        return f"{prefix}-{period}-{cursor.fetchone()[0]:04d}"
