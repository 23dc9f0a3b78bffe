"""Wake a worker for work whose row is already written."""

import logging
import time
from typing import Any

from celery import Task
from django.db import transaction
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# A broker that did not answer is not asked again for so long, so that one page waits for it once at most.
REST_SECONDS = 10.0
_rests_until = 0.0


def wake(task: Task, *arguments: Any) -> bool:
    """Send the message that there is something to do; return whether the broker took it.

    A broker that is away costs one line in the log: the sweep finds the work within a minute.
    """
    global _rests_until
    if time.monotonic() < _rests_until:
        return False
    try:
        task.delay(*arguments)
    except OperationalError as error:
        _rests_until = time.monotonic() + REST_SECONDS
        logger.warning("The broker is away, %s waits for the sweep: %s", task.name, error)
        return False
    return True


def wake_after_commit(task: Task | str, *arguments: Any) -> None:
    """Do so once others can see the row; what fails then fails no page.

    Tasks stand on the actions, so actions name theirs by its dotted path.
    """

    def call() -> None:  # what is robust must have a name
        wake(import_string(task) if isinstance(task, str) else task, *arguments)

    transaction.on_commit(call, robust=True)
