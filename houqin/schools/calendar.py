"""When people work and when school is on: the one place that knows.

Three layers, the upper one decides: a school's own days, the national plan of the year (with its make-up
weekends), the plain week. For a year whose plan is not published, the statutory days stand in for the plan and
the year is provisional: due dates in it may move. Nothing here raises for a year that is missing. Nothing is
kept between calls, so that all processes see a new plan at once; a call costs one query, with a school's terms two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, IntegerField, Value
from django.utils.translation import gettext as _

from houqin.schools.lunar import statutory_days
from houqin.schools.models import PublicHoliday, School, SchoolDay, Term
from houqin.schools.models.calendar import DayKind

ONE_DAY = timedelta(days=1)
# How far next_school_day looks before it says that no school day is known.
HORIZON = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Days:
    """What differs from the plain week in some years."""

    own: dict[date, str]
    plan: dict[date, str]
    planned_years: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Say whether people work on `day`."""
        kind = self.own.get(day) or self.plan.get(day)
        if kind is not None:
            return kind == DayKind.WORK
        return day.weekday() < 5


def days_of(first: date, last: date, school: School | None = None) -> Days:
    """Load what is known of the years from `first` to `last`, in one query; for callers that ask many days."""
    years = range(first.year, last.year + 1)
    rows = PublicHoliday.objects.filter(plan_year__gte=first.year, plan_year__lte=last.year + 1).values_list(
        "date", "kind", "plan_year", Value(False, output_field=BooleanField())
    )
    if school is not None:
        own_rows = SchoolDay.objects.filter(school=school, date__gte=first, date__lte=last).values_list(
            "date", "kind", Value(0, output_field=IntegerField()), Value(True, output_field=BooleanField())
        )
        rows = rows.union(own_rows, all=True)
    own: dict[date, str] = {}
    published: dict[date, str] = {}
    planned: set[int] = set()
    for day, kind, year, is_own in rows:
        (own if is_own else published)[day] = kind
        planned.add(year)
    plan = {day: str(DayKind.OFF) for year in years if year not in planned for day in statutory_days(year)}
    return Days(own, plan | published, frozenset(planned))


def is_working_day(day: date, school: School | None = None) -> bool:
    """Say whether people work on `day`, at `school` if one is named."""
    return days_of(day, day, school).is_working(day)


def add_working_days(day: date, n: int, school: School | None = None) -> date:
    """Return the `n`th working day after `day` (before it when `n` is negative); `day` itself is not counted."""
    step = ONE_DAY if n >= 0 else -ONE_DAY
    left = abs(n)
    edge = day
    days = Days({}, {}, frozenset())
    while left:
        if day == edge:
            # Twice the days and a month nearly always reach; a school with long rests of its own asks once more.
            edge = day + step * (2 * left + 31)
            days = days_of(min(day, edge), max(day, edge), school)
        day += step
        left -= days.is_working(day)
    return day


def working_days_between(a: date, b: date, school: School | None = None) -> int:
    """Count the working days after `a` up to and with `b`; negative when `b` is before `a`."""
    if b < a:
        return -working_days_between(b, a, school)
    days = days_of(a, b, school)
    return sum(days.is_working(a + ONE_DAY * offset) for offset in range(1, (b - a).days + 1))


def is_provisional(year: int) -> bool:
    """Say whether the plan of public holidays of `year` is still unknown."""
    return not PublicHoliday.objects.filter(plan_year=year).exists()


def provisional_years(dates: Iterable[date]) -> list[int]:
    """Return the years of `dates` whose plan is still unknown. One query."""
    years = {day.year for day in dates}
    known = PublicHoliday.objects.filter(plan_year__in=years).values_list("plan_year", flat=True).distinct()
    return sorted(years - set(known)) if years else []


def warning(*dates: date | None) -> str:
    """Return the sentence to show beside due dates that depend on an unpublished plan, else an empty string."""
    years = provisional_years(day for day in dates if day is not None)
    if not years:
        return ""
    return _(
        "The public holidays of %(years)s are not published yet: this date counts statutory days and weekends only "
        "and may still move."
    ) % {"years": ", ".join(map(str, years))}


def terms_of(school: School) -> list[Term]:
    """Return the terms that hold at `school`: its own, else those of the nearest school above. One query."""
    above = [school.pk, *reversed(school.ancestor_ids)]
    by_school: dict[int, list[Term]] = {}
    for term in Term.objects.filter(school_id__in=above).order_by("starts_on"):
        by_school.setdefault(term.school_id, []).append(term)
    return next((by_school[pk] for pk in above if pk in by_school), [])


@dataclass(frozen=True, slots=True)
class SchoolDate:
    """What a day is at a school: its term and teaching week (None in the holidays), and whether school is on."""

    term: Term | None
    week: int | None
    is_on: bool


def at_school(school: School, day: date) -> SchoolDate:
    """Say what `day` is at `school`. Two queries."""
    terms = terms_of(school)
    term = next((term for term in terms if term.starts_on <= day <= term.ends_on), None)
    days = days_of(term.starts_on if term else day, term.ends_on if term else day, school)
    return SchoolDate(term, _week(term, day, days) if term else None, _is_on(day, days, terms))


def teaching_week(school: School, day: date) -> int | None:
    """Return the number of the week in its term: week 1 holds the first school day, weeks start on Monday."""
    return at_school(school, day).week


def is_school_day(school: School, day: date) -> bool:
    """Say whether `school` is on at `day`. A school that has entered no term counts by working days."""
    return at_school(school, day).is_on


def next_school_day(school: School, day: date) -> date | None:
    """Return the first school day after `day`; None while the next term is not entered."""
    terms = terms_of(school)
    days = days_of(day, day + HORIZON, school)
    later = (day + ONE_DAY * offset for offset in range(1, HORIZON.days + 1))
    return next((candidate for candidate in later if _is_on(candidate, days, terms)), None)


def _is_on(day: date, days: Days, terms: list[Term]) -> bool:
    """Say whether school is on: its own days decide, then term and working day together."""
    if day in days.own:
        return days.own[day] == DayKind.WORK
    in_term = not terms or any(term.starts_on <= day <= term.ends_on for term in terms)
    return in_term and days.is_working(day)


def _week(term: Term, day: date, days: Days) -> int | None:
    first = term.starts_on
    while first < term.ends_on and not days.is_working(first):
        first += ONE_DAY
    week = (_monday(day) - _monday(first)).days // 7 + 1
    return week if week >= 1 else None


def _monday(day: date) -> date:
    return day - ONE_DAY * day.weekday()
