"""What happens with the calendar: terms, a school's own days, the national plan of a year."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import chinese_calendar
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused
from houqin.schools.days import plan_changes
from houqin.schools.days.plan_text import PlannedDay
from houqin.schools.models import PublicHoliday, School, SchoolDay, Term
from houqin.schools.models.calendar import DayKind
from houqin.schools.permissions import require
from houqin.web.trail import record_action

MOST_OWN_DAYS = 60
# New Year, Labour Day, National Day: a plan without one of them was not pasted whole. Month and day.
IN_EVERY_PLAN = ((1, 1), (5, 1), (10, 1))


@transaction.atomic
def add_term(school: School, *, name: str, starts_on: date, ends_on: date, by: Any) -> Term:
    """Enter a term of `school`; constraints refuse one that overlaps another."""
    require(by, "schools.manage_calendar", school)
    term = Term.objects.create(school=school, name=name, starts_on=starts_on, ends_on=ends_on)
    record_action("schools.add_term", by=by, record=term)
    return term


@transaction.atomic
def change_term(term: Term, *, name: str, starts_on: date, ends_on: date, by: Any) -> Term:
    """Change a term."""
    locked = Term.objects.select_for_update().get(pk=term.pk)
    require(by, "schools.manage_calendar", locked)
    locked.name, locked.starts_on, locked.ends_on = name, starts_on, ends_on
    locked.save(update_fields=["name", "starts_on", "ends_on"])
    record_action("schools.change_term", by=by, record=locked)
    return locked


@transaction.atomic
def remove_term(term: Term, *, by: Any) -> None:
    """Take a term out that was entered by mistake; the trail keeps it."""
    locked = Term.objects.select_for_update().get(pk=term.pk)
    require(by, "schools.manage_calendar", locked)
    record_action("schools.remove_term", by=by, record=locked, detail=f"{locked.starts_on} - {locked.ends_on}")
    locked.delete()


@transaction.atomic
def add_own_days(school: School, *, first: date, last: date, kind: str, name: str, by: Any) -> list[SchoolDay]:
    """Enter days on which `school` is off, or on, against the national plan.

    Raises Refused "backwards", "too_many_days" and "day_taken".
    """
    require(by, "schools.manage_calendar", school)
    if last < first:
        raise Refused(_("The last day is before the first day."), code="backwards", field="last")
    count = (last - first).days + 1
    if count > MOST_OWN_DAYS:
        raise Refused(
            _("These are more than %(most)s days. Holidays between terms need no own days: enter the terms instead."),
            code="too_many_days",
            field="last",
            params={"most": MOST_OWN_DAYS},
        )
    taken = SchoolDay.objects.filter(school=school, date__range=(first, last)).order_by("date").first()
    if taken is not None:
        raise Refused(
            _("%(date)s is entered already: %(name)s. Remove it first."),
            code="day_taken",
            field="first",
            params={"date": taken.date.isoformat(), "name": taken.name},
        )
    days = SchoolDay.objects.bulk_create(
        SchoolDay(school=school, date=first + timedelta(days=n), kind=kind, name=name) for n in range(count)
    )
    record_action("schools.add_own_days", by=by, record=days[0], detail=f"{first} - {last} {kind}")
    return days


@transaction.atomic
def remove_own_day(day: SchoolDay, *, by: Any) -> None:
    """Let a day count as the national plan says again."""
    locked = SchoolDay.objects.select_for_update().get(pk=day.pk)
    require(by, "schools.manage_calendar", locked)
    record_action("schools.remove_own_day", by=by, record=locked)
    locked.delete()


def plan_is_shipped(year: int) -> bool:
    """Say whether the software itself knows the published plan of `year`."""
    return any(day.year == year for day in chinese_calendar.holidays)


@transaction.atomic
def load_published_plan(year: int, *, by: Any) -> int:
    """Store the plan of `year` that comes with the software; return how many days it names.

    Raises Refused "plan_not_shipped" and "plan_known".
    """
    require(by, "schools.manage_holidays")
    if PublicHoliday.objects.filter(plan_year=year).exists():
        raise Refused(_("The plan of %(year)s is known already."), code="plan_known", params={"year": year})
    if not plan_is_shipped(year):
        raise Refused(
            _("The plan of %(year)s does not come with this version. Paste it from the official notice."),
            code="plan_not_shipped",
            params={"year": year},
        )
    days = [PlannedDay(day, "off", _chinese(name)) for day, name in chinese_calendar.holidays.items()]
    days += [PlannedDay(day, "work", _chinese(name)) for day, name in chinese_calendar.workdays.items()]
    of_year = [day for day in days if day.date.year == year]
    return _store(year, of_year, PublicHoliday.Source.PACKAGE, by=by)


@transaction.atomic
def enter_plan(year: int, days: Sequence[PlannedDay], *, by: Any) -> int:
    """Store the plan of `year` as it was pasted, instead of what was known of it; return how many days it names.

    Raises Refused "empty_plan", "incomplete_plan" and "day_taken" (named by the plan of another year).
    """
    require(by, "schools.manage_holidays")
    if not any(day.kind == DayKind.OFF for day in days):
        raise Refused(_("The plan names no day off. Paste all of it."), code="empty_plan", field="text")
    off = {day.date for day in days if day.kind == DayKind.OFF}
    missing = next((day for month_day in IN_EVERY_PLAN if (day := date(year, *month_day)) not in off), None)
    if missing is not None:
        raise Refused(
            _("%(date)s is not a day off in this plan. It replaces what was known of the year, so paste all of it."),
            code="incomplete_plan",
            field="text",
            params={"date": missing.isoformat()},
        )
    PublicHoliday.objects.filter(plan_year=year).delete()
    clash = PublicHoliday.objects.filter(date__in=[day.date for day in days]).order_by("date").first()
    if clash is not None:
        raise Refused(
            _("%(date)s already stands in the plan of %(year)s."),
            code="day_taken",
            field="text",
            params={"date": clash.date.isoformat(), "year": clash.plan_year},
        )
    return _store(year, days, PublicHoliday.Source.ENTERED, by=by)


def _store(year: int, days: Sequence[PlannedDay], source: str, *, by: Any) -> int:
    PublicHoliday.objects.bulk_create(
        PublicHoliday(date=day.date, kind=day.kind, name=day.name, plan_year=year, source=source) for day in days
    )
    plan_changes.announce(year)
    record_action("schools.enter_plan", by=by, detail=f"{year}: {len(days)} ({source})")
    return len(days)


def _chinese(holiday: str) -> str:
    return str(chinese_calendar.Holiday(holiday).chinese)
