"""How far a worker is with a job that it does in one transaction, told to the page while that still runs."""

import time

from django.db import connection, models

BEAT_SECONDS = 0.5


class Heart:
    """Shows people how far a job is, from a connection of its own: its transaction's changes are not seen yet.

    The job has the columns `lease`, `heartbeat`, `rows_done` and `rows_total`; only whose lease it is may tell.
    """

    def __init__(self, job: models.Model) -> None:
        self._job = job
        self._connection = connection.copy()
        self._last = 0.0

    def __enter__(self) -> "Heart":
        return self

    def __exit__(self, *exc: object) -> None:
        self._connection.close()

    def beat(self, done: int) -> None:
        """Note that `done` rows are done, at most twice a second."""
        now = time.monotonic()
        if now - self._last < BEAT_SECONDS:
            return
        self._last = now
        table = connection.ops.quote_name(self._job._meta.db_table)
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET rows_done = LEAST(%s, rows_total), heartbeat = now()"  # noqa: S608  a table of ours
                " WHERE id = %s AND lease = %s",
                [done, self._job.pk, getattr(self._job, "lease")],  # noqa: B009  any model that has one
            )
