from datetime import date, timedelta

import pytest

from houqin.schools import calendar
from houqin.schools.lunar import statutory_days
from houqin.schools.models import PublicHoliday, SchoolDay, Term
from tests.schools.factories import make_school

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-02-13", 1, "2026-02-14"),  # a make-up Saturday
        ("2026-02-13", 2, "2026-02-24"),  # after the Spring Festival
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-10-09", 1, "2026-10-10"),  # a make-up Saturday
        ("2026-04-03", 5, "2026-04-13"),
        ("2026-04-03", 0, "2026-04-03"),
        ("2026-02-24", -2, "2026-02-13"),
    ],
)
def test_working_days_after_a_day(start, n, expected):
    assert calendar.add_working_days(date.fromisoformat(start), n) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-01-04", True),
        ("2026-02-28", True),
        ("2026-02-23", False),
        ("2026-09-20", True),
        ("2026-09-27", False),
        ("2026-06-22", True),
        ("2026-06-27", False),
    ],
)
def test_published_plan_of_2026(day, working):
    assert calendar.is_working_day(date.fromisoformat(day)) is working


def test_between_is_the_inverse_of_adding():
    start = date(2026, 9, 1)
    for n in range(1, 60):
        assert calendar.working_days_between(start, calendar.add_working_days(start, n)) == n


def test_between_backwards_is_negative_and_a_day_to_itself_is_zero():
    assert calendar.working_days_between(date(2026, 9, 8), date(2026, 9, 1)) == -5
    assert calendar.working_days_between(date(2026, 9, 1), date(2026, 9, 1)) == 0


def test_a_year_without_plan_degrades_to_the_law_and_is_provisional():
    assert calendar.is_provisional(2027)
    assert not calendar.is_provisional(2026)
    assert not calendar.is_working_day(date(2027, 10, 1))
    assert not calendar.is_working_day(date(2027, 2, 5))  # the eve, a Friday
    assert calendar.is_working_day(date(2027, 2, 9))  # after the third, a Tuesday
    assert calendar.is_working_day(date(2027, 10, 8))
    assert not calendar.is_working_day(date(2027, 10, 9))  # no weekend is moved


@pytest.mark.parametrize("year", [1999, 2051, 2099, 2150])
def test_no_year_raises(year):
    assert not calendar.is_working_day(date(year, 10, 1))
    assert calendar.add_working_days(date(year, 1, 1), 3) > date(year, 1, 1)


@pytest.mark.parametrize("year", [2025, 2026])
def test_statutory_days_agree_with_the_published_plans(year):
    off = set(PublicHoliday.objects.filter(plan_year=year, kind="off").values_list("date", flat=True))
    days = statutory_days(year)
    assert len(days) == 13
    assert set(days) <= off


def test_a_new_plan_is_seen_at_once():
    day = date(2027, 10, 7)
    assert calendar.is_working_day(day)
    PublicHoliday.objects.create(date=day, kind="off", name="国庆节", plan_year=2027, source="entered")
    assert not calendar.is_working_day(day)
    assert not calendar.is_provisional(2027)


def test_the_plan_of_the_next_year_may_name_days_of_december():
    PublicHoliday.objects.create(date=date(2026, 12, 31), kind="off", name="元旦", plan_year=2027, source="entered")
    assert not calendar.is_working_day(date(2026, 12, 31))


def test_the_warning_names_the_years_that_are_not_published():
    assert calendar.warning(date(2026, 3, 1), None) == ""
    assert "2027" in calendar.warning(date(2026, 12, 30), date(2027, 1, 4))


def test_own_days_lie_above_the_plan():
    school, other = make_school(), make_school()
    SchoolDay.objects.create(school=school, date=date(2026, 9, 2), kind="off", name="运动会")
    SchoolDay.objects.create(school=school, date=date(2026, 10, 5), kind="work", name="补课")
    assert not calendar.is_working_day(date(2026, 9, 2), school)
    assert calendar.is_working_day(date(2026, 10, 5), school)
    assert calendar.is_working_day(date(2026, 9, 2), other)
    assert calendar.is_working_day(date(2026, 9, 2))
    assert calendar.add_working_days(date(2026, 9, 1), 1, school) == date(2026, 9, 3)


def test_a_long_rest_of_a_school_is_counted_through():
    school = make_school()
    first = date(2026, 6, 1)
    SchoolDay.objects.bulk_create(
        SchoolDay(school=school, date=first + timedelta(days=n), kind="off", name="停课") for n in range(60)
    )
    assert calendar.add_working_days(date(2026, 5, 29), 1, school) == date(2026, 7, 31)


def make_term(school, **fields):
    return Term.objects.create(
        **{
            "school": school,
            "name": "2026-2027学年度第一学期",
            "starts_on": date(2026, 9, 1),
            "ends_on": date(2027, 1, 22),
        }
        | fields
    )


def test_teaching_weeks_start_on_monday_and_with_the_first_school_day():
    school = make_school()
    make_term(school)
    assert calendar.teaching_week(school, date(2026, 9, 1)) == 1
    assert calendar.teaching_week(school, date(2026, 9, 6)) == 1
    assert calendar.teaching_week(school, date(2026, 9, 7)) == 2
    assert calendar.teaching_week(school, date(2026, 8, 31)) is None


def test_week_one_waits_for_the_first_school_day():
    school = make_school()
    make_term(school, starts_on=date(2026, 8, 29))  # a Saturday
    assert calendar.teaching_week(school, date(2026, 8, 29)) is None
    assert calendar.teaching_week(school, date(2026, 8, 31)) == 1


def test_school_days_are_working_days_in_term_unless_the_school_says_otherwise():
    school = make_school()
    make_term(school)
    SchoolDay.objects.create(school=school, date=date(2026, 9, 3), kind="off", name="高温")
    SchoolDay.objects.create(school=school, date=date(2026, 8, 31), kind="work", name="报到")
    assert calendar.is_school_day(school, date(2026, 9, 2))
    assert not calendar.is_school_day(school, date(2026, 9, 3))
    assert not calendar.is_school_day(school, date(2026, 10, 1))
    assert calendar.is_school_day(school, date(2026, 10, 10))
    assert calendar.is_school_day(school, date(2026, 8, 31))
    assert not calendar.is_school_day(school, date(2026, 8, 28))


def test_next_school_day():
    school = make_school()
    make_term(school)
    assert calendar.next_school_day(school, date(2026, 9, 30)) == date(2026, 10, 8)
    assert calendar.next_school_day(school, date(2026, 7, 20)) == date(2026, 9, 1)
    assert calendar.next_school_day(school, date(2027, 1, 22)) is None


def test_a_campus_follows_its_central_school_until_it_enters_terms_of_its_own():
    central = make_school()
    campus = make_school(parent=central)
    make_term(central)
    assert calendar.teaching_week(campus, date(2026, 9, 8)) == 2
    make_term(campus, starts_on=date(2026, 9, 7))
    assert calendar.teaching_week(campus, date(2026, 9, 8)) == 1
    assert calendar.at_school(campus, date(2026, 9, 2)).term is None


def test_a_school_without_terms_counts_by_working_days():
    school = make_school()
    assert calendar.is_school_day(school, date(2026, 9, 2))
    assert calendar.teaching_week(school, date(2026, 9, 2)) is None
    assert calendar.next_school_day(school, date(2026, 9, 4)) == date(2026, 9, 7)


def test_queries(django_assert_num_queries):
    school = make_school()
    make_term(school)
    with django_assert_num_queries(1):
        calendar.add_working_days(date(2026, 9, 1), 30, school)
    with django_assert_num_queries(1):
        calendar.working_days_between(date(2024, 1, 1), date(2026, 12, 31))
    with django_assert_num_queries(2):
        calendar.next_school_day(school, date(2026, 9, 1))
