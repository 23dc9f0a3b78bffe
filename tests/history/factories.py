"""The smallest valid log entries."""

from typing import Any

from houqin.history.models import ActionLog


def make_entry(school: Any, **fields: Any) -> ActionLog:
    """Something that was done at `school` just now."""
    return ActionLog.objects.create(**{"school": school, "code": "tests.do_something"} | fields)
