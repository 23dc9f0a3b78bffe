"""Dates, times and spans as people say them, in the language of the page."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

_WEEKDAYS = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)
_MONTHS = (
    gettext_lazy("Jan"),
    gettext_lazy("Feb"),
    gettext_lazy("Mar"),
    gettext_lazy("Apr"),
    gettext_lazy("May"),
    gettext_lazy("Jun"),
    gettext_lazy("Jul"),
    gettext_lazy("Aug"),
    gettext_lazy("Sep"),
    gettext_lazy("Oct"),
    gettext_lazy("Nov"),
    gettext_lazy("Dec"),
)


def _here(value: date | datetime) -> date | datetime:
    """Return an aware time in the time zone of the house; dates as they are."""
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def _day_and_month(value: date) -> str:
    parts = {"month": _MONTHS[value.month - 1], "day": value.day, "year": value.year}
    if value.year == timezone.localdate().year:
        return _("%(day)d %(month)s") % parts
    return _("%(day)d %(month)s %(year)d") % parts


def day(value: date | datetime) -> str:
    """Return 9月1日 周二, with the year when it is not this one."""
    value = _here(value)
    return _("%(date)s %(weekday)s") % {"date": _day_and_month(value), "weekday": _WEEKDAYS[value.weekday()]}


def moment(value: datetime) -> str:
    """Return 9月16日 08:12, with the year when it is not this one."""
    value = _here(value)  # type: ignore[assignment]  # a datetime stays one
    return f"{_day_and_month(value)} {value:%H:%M}"


def stamp(value: date | datetime, *, this_year: int = 0) -> str:
    """Return 09-16 08:12 for tables, with the year when it is not this one; a loop may say which one that is."""
    value = _here(value)
    text = f"{value:%m-%d %H:%M}" if isinstance(value, datetime) else f"{value:%m-%d}"
    return text if value.year == (this_year or timezone.localdate().year) else f"{value.year}-{text}"


def span(seconds: float) -> str:
    """Return the one unit that says how long: 19 小时, 2 天."""
    minutes = max(int(seconds // 60), 0)
    if minutes < 60:
        return _spoken("minute", minutes, get_language())
    if minutes < 24 * 60:
        return _spoken("hour", minutes // 60, get_language())
    return _spoken("day", minutes // (24 * 60), get_language())


@lru_cache(maxsize=1024)
def _spoken(unit: str, n: int, _language: str | None) -> str:
    """Return a number of units in words; the rows of a list say the same ones again and again."""
    if unit == "minute":
        return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}
    if unit == "hour":
        return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


def exact_span(value: timedelta) -> str:
    """Return two units where they matter: 6 小时 6 分, 1 天 4 小时."""
    minutes = max(int(value.total_seconds() // 60), 0)
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours} if hours else span(minutes * 60)
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": left} if left else span(minutes * 60)
    return span(minutes * 60)
