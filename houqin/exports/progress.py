"""How far a job is, told to the page while it runs, and told back when it should stop."""

import threading
from types import TracebackType
from typing import Self

from django.db import connection, connections
from django.utils import timezone

from houqin.exports.models import ExportJob

BEAT_SECONDS = 1.0


class Interrupted(Exception):
    """The job was removed, or another worker took it over: what this one writes is not wanted any more."""


class Progress:
    """Counts rows for the writers; a second connection writes the count once a second as the job's sign of life.

    The writers' own connection is busy (a COPY, one long snapshot), so its transaction could tell nobody.
    """

    def __init__(self, job: ExportJob) -> None:
        self.job = job
        self.rows = 0
        self.total: int | None = None
        self._stop = threading.Event()
        self._unwanted = False
        # Inside a caller's transaction the job's row cannot be seen from another connection.
        self._thread = None if connection.in_atomic_block else threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def at(self, rows: int) -> None:
        """Note that `rows` are written; raise Interrupted when the job is not wanted any more."""
        self.rows = rows
        if self._unwanted:
            raise Interrupted

    def of(self, total: int | None) -> None:
        """Note how many rows there will be; None when nobody knows."""
        self.total = total

    def _beat(self) -> None:
        try:
            while not self._stop.wait(BEAT_SECONDS) and not self._unwanted:
                self._unwanted = not self.tell()
        finally:
            connections.close_all()

    def tell(self) -> bool:
        """Write the sign of life; False when the row is gone or belongs to another attempt."""
        mine = ExportJob.objects.filter(pk=self.job.pk, attempt=self.job.attempt, state=ExportJob.State.RUNNING)
        return bool(mine.update(rows_done=self.rows, rows_total=self.total, heartbeat_at=timezone.now()))
