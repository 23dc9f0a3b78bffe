"""The smallest valid notices."""

from itertools import count
from typing import Any

from django.db import transaction

from houqin.accounts.models import User
from houqin.notices.actions import notify
from houqin.notices.models import Notice, NoticeDelivery

_numbers = count(1)


def make_notice(person: User, **fields: Any) -> Notice:
    """A notice told to `person`."""
    n = next(_numbers)
    told = {"cause": f"tests.cause:{n}", "title": f"第{n}条通知", "school": None} | fields
    with transaction.atomic():
        return notify(person, **told)


def make_delivery(person: User, **fields: Any) -> NoticeDelivery:
    """The e-mail of a notice; the person needs an address."""
    return make_notice(person, **fields).deliveries.get(channel="email")
