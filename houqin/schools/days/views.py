"""Pages of the calendar: terms, the school's own days, the national plan."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from houqin.schools import calendar
from houqin.schools.access import access_of
from houqin.schools.days import actions
from houqin.schools.days.forms import OwnDaysForm, PlanForm, TermCreateForm, TermForm
from houqin.schools.http import PageRequest
from houqin.schools.lunar import statutory_days
from houqin.schools.models import PublicHoliday, School, SchoolDay, Term
from houqin.schools.models.calendar import DayKind
from houqin.schools.pages import AtOneSchool
from houqin.schools.permissions import require
from houqin.web.steps import take_step
from houqin.web.views import AskPermission, CreatePage, UpdatePage

HOME = reverse_lazy("schools:calendar:list")
SHOWN_OWN_DAYS = 100


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row of the same kind and name."""

    first: date
    last: date
    kind: str
    name: str

    @property
    def is_work(self) -> bool:
        """Whether it is a make-up workday."""
        return self.kind == DayKind.WORK

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


def spans(days: Iterable[tuple[date, str, str]]) -> list[Span]:
    """Join days (date, kind, name; in order) that follow each other."""
    result: list[Span] = []
    for day, kind, name in days:
        before = result[-1] if result else None
        if before and (before.kind, before.name) == (kind, name) and before.last + timedelta(days=1) == day:
            result[-1] = Span(before.first, day, kind, name)
        else:
            result.append(Span(day, day, kind, name))
    return result


def _year_of(text: str) -> int | None:
    """Return the year that an address names, if plans of it can be kept."""
    return int(text) if re.fullmatch(r"20[0-9]{2}", text) and text >= "2004" else None


class Calendar(AskPermission, TemplateView):
    """What the calendar of a school rests on, in one page; a central role that looks at all sees its top school."""

    permission = "schools.view_school"
    template_name = "schools/calendar/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        school: School = request.acting.school or next(iter(access_of(request.user).schools.values()))
        today = timezone.localdate()
        terms = calendar.terms_of(school)
        inherited = bool(terms) and terms[0].school_id != school.pk
        return super().get_context_data(
            school=school,
            today=today,
            at_school=calendar.at_school(school, today),
            terms=list(reversed(terms)),
            lender=School.objects.get(pk=terms[0].school_id) if inherited else None,
            own_days=list(SchoolDay.objects.filter(school=school).order_by("-date")[:SHOWN_OWN_DAYS]),
            may_manage=request.user.has_perm("schools.manage_calendar", school),
            **self._plan(today),
            **kwargs,
        )

    def _plan(self, today: date) -> dict[str, Any]:
        """Gather the national plan of the year that is asked for."""
        year = _year_of(self.request.GET.get("year", "")) or today.year
        rows = list(PublicHoliday.objects.filter(plan_year=year).order_by("date").values_list("date", "kind", "name"))
        by_law = [(day, str(DayKind.OFF), name) for day, name in sorted(statutory_days(year).items())]
        return {
            "year": year,
            "years": [year - 1, year + 1],
            "provisional": not rows,
            "shipped": not rows and actions.plan_is_shipped(year),
            "plan": spans(rows or by_law),
            "may_enter_plan": self.request.user.has_perm("schools.manage_holidays"),
        }


class TermCreate(AtOneSchool, CreatePage):
    """Enter a term."""

    model = Term
    form_class = TermCreateForm
    permission = "schools.manage_calendar"
    action_code = "schools.add_term"
    template_name = "schools/calendar/form.html"
    success_url = HOME
    extra_context = {"page_title": gettext_lazy("Enter a term")}


class TermUpdate(UpdatePage):
    """Change a term."""

    model = Term
    form_class = TermForm
    permission = "schools.manage_calendar"
    action_code = "schools.change_term"
    template_name = "schools/calendar/form.html"
    success_url = HOME
    extra_context = {"page_title": gettext_lazy("Change a term")}


class OwnDaysCreate(AtOneSchool, CreatePage):
    """Enter days on which the school goes its own way."""

    model = SchoolDay
    form_class = OwnDaysForm
    permission = "schools.manage_calendar"
    action_code = "schools.add_own_days"
    template_name = "schools/calendar/form.html"
    success_url = HOME
    extra_context = {"page_title": gettext_lazy("Enter days of the school's own")}


class PlanCreate(CreatePage):
    """Paste the national plan of a year."""

    model = PublicHoliday
    form_class = PlanForm
    permission = "schools.manage_holidays"
    action_code = "schools.enter_plan"
    template_name = "schools/calendar/form.html"
    success_url = HOME
    extra_context = {"page_title": gettext_lazy("Paste the plan of a year")}

    def get_initial(self) -> dict[str, Any]:
        """Start with the year that the page before was about."""
        return {"year": _year_of(self.request.GET.get("year", "")) or timezone.localdate().year + 1}

    def get_success_url(self) -> str:
        return f"{reverse('schools:calendar:list')}?year={self.object}"


@require_POST
def load_plan(request: PageRequest, year: int) -> HttpResponse:
    """Store the plan of a year that comes with the software."""
    require(request.user, "schools.manage_holidays")
    return take_step(
        request,
        lambda: actions.load_published_plan(year, by=request.user),
        code="schools.enter_plan",
        record=None,
        to=f"{reverse('schools:calendar:list')}?year={year}",
        done=_("The plan of %(year)s is stored. Dates that depend on it were counted anew.") % {"year": year},
    )


@require_POST
def remove_term(request: PageRequest, pk: int) -> HttpResponse:
    """Take a term out."""
    term = get_object_or_404(Term.objects.visible_to(request.user), pk=pk)
    require(request.user, "schools.manage_calendar", term)
    return take_step(
        request,
        lambda: actions.remove_term(term, by=request.user),
        code="schools.remove_term",
        record=term,
        to=str(HOME),
        done=_("Removed."),
    )


@require_POST
def remove_own_day(request: PageRequest, pk: int) -> HttpResponse:
    """Let a day count as the national plan says again."""
    day = get_object_or_404(SchoolDay.objects.visible_to(request.user), pk=pk)
    require(request.user, "schools.manage_calendar", day)
    return take_step(
        request,
        lambda: actions.remove_own_day(day, by=request.user),
        code="schools.remove_own_day",
        record=day,
        to=str(HOME),
        done=_("Removed."),
    )
