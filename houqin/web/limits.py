"""Limit how often something may be tried, counting before the work is done."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone


def count_use(name: str, *, window: timedelta, amount: int = 1) -> int:
    """Add to the count of `name` in the current window and return the new count.

    One atomic statement: 200 simultaneous calls return 200 different numbers. Call it outside a
    transaction that may roll back, or the count is lost with it.
    """
    seconds = int(window.total_seconds())
    now = int(timezone.now().timestamp())
    start = datetime.fromtimestamp(now - now % seconds, tz=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO web_usecount (name, window_start, count) VALUES (%s, %s, %s)
            ON CONFLICT (name, window_start) DO UPDATE SET count = web_usecount.count + EXCLUDED.count
            RETURNING count
            """,
            [name[:200], start, amount],
        )
        return int(cursor.fetchone()[0])
