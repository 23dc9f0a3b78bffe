"""Deliver what is due: claim, hand over, note the result.

A delivery is at least once. It is claimed for NOTICE_LEASE_SECONDS in a statement of its own; a worker that
dies leaves the claim to run out, and the sweep takes it up again. A worker that dies after the mail server
accepted a message and before the row says so sends it a second time, with the same Message-ID, so that the
copy can be recognised. Nothing is ever lost, and nothing here depends on the broker's memory.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from houqin.notices.channels import Undeliverable, named
from houqin.notices.models import NoticeDelivery

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 10
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)

# The oldest that is due and that no other worker holds; a claim that ran out counts as due.
_CLAIM = """
    UPDATE notices_noticedelivery
    SET state = 'sending', attempts = attempts + 1, next_try_at = %s
    WHERE id = (
        SELECT id FROM notices_noticedelivery
        WHERE state IN ('waiting', 'sending') AND next_try_at <= %s
        ORDER BY next_try_at, id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING *
"""


def claim_next() -> NoticeDelivery | None:
    """Take the next due delivery for this worker alone; None when nothing is due. One statement."""
    now = timezone.now()
    lease = timedelta(seconds=settings.NOTICE_LEASE_SECONDS)
    claimed = list(NoticeDelivery.objects.raw(_CLAIM, [now + lease, now]))
    return claimed[0] if claimed else None


def deliver(delivery: NoticeDelivery) -> bool:
    """Hand a claimed delivery to its channel and note the result; return whether it went out."""
    try:
        named(delivery.channel).send(delivery)
    except Undeliverable as error:
        _give_up(delivery, error)
    except Exception as error:  # a mail server fails in many ways; each one is noted, and tried again
        if delivery.attempts >= MAX_ATTEMPTS:
            _give_up(delivery, error)
        else:
            _try_later(delivery, error)
    else:
        _note(delivery, state=NoticeDelivery.State.SENT, sent_at=timezone.now(), error="")
        return True
    return False


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: 1, 2, 4 ... minutes, at most four hours."""
    return min(_FIRST_WAIT * 2 ** (attempts - 1), _LONGEST_WAIT)


def _try_later(delivery: NoticeDelivery, error: Exception) -> None:
    logger.warning("Notice %s by %s failed, attempt %s: %r", delivery.pk, delivery.channel, delivery.attempts, error)
    later = timezone.now() + wait_after(delivery.attempts)
    _note(delivery, state=NoticeDelivery.State.WAITING, next_try_at=later, error=repr(error)[:300])


def _give_up(delivery: NoticeDelivery, error: Exception) -> None:
    logger.error("Notice %s by %s is given up: %r", delivery.pk, delivery.channel, error)
    _note(delivery, state=NoticeDelivery.State.FAILED, error=repr(error)[:300])


def _note(delivery: NoticeDelivery, **fields: object) -> None:
    """Write the result, unless the claim ran out and another worker took the delivery over."""
    mine = NoticeDelivery.objects.filter(pk=delivery.pk, state=NoticeDelivery.State.SENDING, attempts=delivery.attempts)
    mine.update(**fields)
