"""Read the plan of public holidays as people paste it: the notice's own words, or a line for each day.

Understood are, with 放假 / 休 / off (the default) or 上班 / 补班 / work in the line:

    2027-01-01 至 2027-01-03 元旦
    1月4日 上班 元旦
    二、春节：2月5日（农历除夕、周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。

The notice may be pasted whole: beside its numbered paragraphs, words without a date and the day of signing are passed
over, and a paragraph that was broken into lines keeps its name.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from houqin.schools.models.calendar import DayKind

LONGEST = 31
_BRACKETS = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]")
_HEADING = re.compile(r"^\s*[一二三四五六七八九十\d]{1,2}[、.．]\s*([^：:\d]{1,20})[：:]")
# The day of signing, alone on its line.
_SIGNED = re.compile(r"^\s*\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*$")
_DAY = r"(?:(\d{4})\s*[年./-]\s*)?(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*[日号]?"
_RANGE = re.compile(rf"{_DAY}(?:\s*(?:至|到|—+|–|~|～|\.\.+|-)\s*(?:{_DAY}|(\d{{1,2}})\s*[日号]?))?")
_WORK = re.compile(r"上班|补班|补课|\bwork", re.IGNORECASE)
_OFF = re.compile(r"放假|调休|休息|连休|\boff\b", re.IGNORECASE)
_NOISE = re.compile(r"(?:与周末)|共\s*\d+\s*天|[，,、。；;：:]|\s+")


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """One day of a plan."""

    date: date
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with a line: its number, a code for tests, a sentence for people."""

    line: int
    code: str
    message: str | Promise


class _Wrong(Exception):
    """Stops the reading of one line."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def read_plan(text: str, year: int) -> tuple[list[PlannedDay], list[LineError]]:
    """Return the days that `text` names for the plan of `year`, and what is wrong line by line."""
    days: dict[date, PlannedDay] = {}
    errors: list[LineError] = []
    lines = text.splitlines()
    is_notice = any(_HEADING.match(line) for line in lines)
    name = ""
    for number, line in enumerate(lines, start=1):
        heading = _HEADING.match(line)
        if heading:
            name = heading.group(1).strip()
            line = line[heading.end() :]
        elif is_notice and (_SIGNED.match(line) or not _RANGE.search(line)):
            continue
        if not line.strip():
            continue
        try:
            for planned in _read_line(line, name, year):
                earlier = days.get(planned.date)
                if earlier is not None and earlier.kind != planned.kind:
                    raise _Wrong("both_kinds", _("A day of this line is both off and worked."))
                days[planned.date] = planned
        except _Wrong as wrong:
            errors.append(LineError(number, wrong.code, wrong.message))
    return sorted(days.values(), key=lambda day: day.date), errors


def _read_line(line: str, name: str, year: int) -> list[PlannedDay]:
    found = [
        planned
        for clause in re.split(r"[。；;]", _BRACKETS.sub("", line))
        if _RANGE.search(clause)
        for planned in _read_clause(clause, name, year)
    ]
    if not found:
        raise _Wrong("no_date", _("There is no date in this line. Write 2027-01-01 or 1月1日."))
    return found


def _read_clause(clause: str, name: str, year: int) -> list[PlannedDay]:
    kind = DayKind.WORK if _WORK.search(clause) else DayKind.OFF
    spans = list(_RANGE.finditer(clause))
    if not name:
        name = _NOISE.sub(" ", _OFF.sub(" ", _WORK.sub(" ", _RANGE.sub(" ", clause)))).strip()
    if not name:
        raise _Wrong("no_name", _("The holiday has no name. Write it behind the date."))
    days = [day for span in spans for day in _days_of(span, year)]
    if kind == DayKind.WORK and any(day.weekday() < 5 for day in days):
        raise _Wrong("not_a_weekend", _("A make-up workday must be a Saturday or Sunday. Check the date."))
    return [PlannedDay(day, str(kind), name[:40]) for day in days]


def _days_of(span: re.Match[str], year: int) -> list[date]:
    y1, m1, d1, y2, m2, d2, d2_alone = span.groups()
    first = _day(y1 or year, m1, d1)
    last = first
    if d2_alone:
        last = _day(first.year, first.month, d2_alone)
    elif m2:
        last = _day(y2 or first.year, m2, d2)
    if last < first:
        raise _Wrong("backwards", _("The last day is before the first day."))
    if (last - first).days >= LONGEST:
        raise _Wrong("too_long", _("This is longer than a month. Check the dates."))
    if first.year != year and not (first.year == year - 1 and first.month == 12):
        raise _Wrong("other_year", _("This day does not belong to the plan of that year."))
    if last.year > year:
        raise _Wrong("other_year", _("This day does not belong to the plan of that year."))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _day(year: str | int, month: str | int, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise _Wrong("no_such_day", _("There is no such day in the calendar.")) from error
