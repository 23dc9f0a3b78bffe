"""What the home page says about the day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from houqin.schools.calendar import at_school


def day_facts(day: date, school: Any) -> Sequence[str | Promise]:
    """Return the teaching week and, when it is so, that school is off; nothing while all schools are looked at."""
    if school is None:
        return []
    what = at_school(school, day)
    facts = []
    if what.week is not None:
        facts.append(_("teaching week %(number)s") % {"number": what.week})
    if not what.is_on:
        facts.append(_("no school today"))
    return facts
