from datetime import date

import chinese_calendar
import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from houqin.errors import NotAllowed, Refused
from houqin.schools import calendar
from houqin.schools.days import actions, plan_changes
from houqin.schools.days.plan_text import PlannedDay, read_plan
from houqin.schools.models import PublicHoliday, SchoolDay, Term
from tests.schools.factories import make_person, make_school
from tests.schools.pages import queries_of

pytestmark = pytest.mark.django_db

# The numbered paragraphs of the notice of 2025-11-04.
NOTICE_2026 = """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""


WHOLE_NOTICE_2026 = f"""国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号

各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
　　经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
{NOTICE_2026}
　　节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作，确保人民群众祥和平安度过节日假期。
国务院办公厅
2025年11月4日
"""
# What no plan of a year leaves out.
CORE_2027 = "2027-01-01 元旦\n2027-05-01 劳动节\n2027-10-01 至 2027-10-07 国庆节\n"


def core_plan(*days):
    """The shortest plan of 2027, with some days more."""
    return [*read_plan(CORE_2027, 2027)[0], *days]


@pytest.fixture
def central():
    return make_school()


@pytest.fixture
def officer(central):
    return make_person(central, "central_officer")


@pytest.fixture
def campus(central):
    return make_school(parent=central)


@pytest.fixture
def head(campus):
    return make_person(campus, "logistics")


@pytest.mark.parametrize("text", [NOTICE_2026, WHOLE_NOTICE_2026, NOTICE_2026.replace("天。", "天。\n")])
def test_the_official_notice_reads_as_published(text):
    days, errors = read_plan(text, 2026)
    assert not errors
    known = PublicHoliday.objects.filter(plan_year=2026)
    assert {(day.date, day.kind) for day in days} == set(known.values_list("date", "kind"))
    assert {day.name for day in days if day.date == date(2026, 2, 14)} == {"春节"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2027-01-01 元旦", [("2027-01-01", "off", "元旦")]),
        ("2027-01-01 至 2027-01-02 元旦", [("2027-01-01", "off", "元旦"), ("2027-01-02", "off", "元旦")]),
        ("2027年10月9日 国庆节 上班", [("2027-10-09", "work", "国庆节")]),
        ("10.1-10.2 国庆节", [("2027-10-01", "off", "国庆节"), ("2027-10-02", "off", "国庆节")]),
        ("2026-12-31—2027-01-01 元旦", [("2026-12-31", "off", "元旦"), ("2027-01-01", "off", "元旦")]),
        ("2027/5/1 Labour Day off", [("2027-05-01", "off", "Labour Day")]),
        ("2027-05-08 work Labour Day", [("2027-05-08", "work", "Labour Day")]),
    ],
)
def test_lines(line, expected):
    days, errors = read_plan(line, 2027)
    assert not errors
    assert [(day.date.isoformat(), day.kind, day.name) for day in days] == expected


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("放假通知", "no_date"),
        ("2027-02-30 春节", "no_such_day"),
        ("2027-01-03 至 2027-01-01 元旦", "backwards"),
        ("2027-01-01 至 2027-03-01 元旦", "too_long"),
        ("2026-10-01 国庆节", "other_year"),
        ("2027-12-31 至 2028-01-02 元旦", "other_year"),
        ("2027-01-04 元旦 上班", "not_a_weekend"),
        ("2027-01-01", "no_name"),
    ],
)
def test_wrong_lines_are_named(line, code):
    _days, errors = read_plan(f"2027-05-01 劳动节\n\n{line}\n", 2027)
    assert [(error.line, error.code) for error in errors] == [(3, code)]


def test_a_day_cannot_be_off_and_worked():
    _days, errors = read_plan("2027-01-02 元旦\n2027-01-02 元旦 上班", 2027)
    assert [(error.line, error.code) for error in errors] == [(2, "both_kinds")]


def test_entering_a_plan_ends_the_provisional_year(officer):
    days, _errors = read_plan(f"{CORE_2027}2027-10-09 国庆节 上班", 2027)
    told = []
    plan_changes.register("test", told.append)
    try:
        assert actions.enter_plan(2027, days, by=officer) == 10
    finally:
        del plan_changes._recomputers["test"]
    assert told == [2027]
    assert not calendar.is_provisional(2027)
    assert calendar.add_working_days(date(2027, 9, 30), 1) == date(2027, 10, 8)
    assert calendar.is_working_day(date(2027, 10, 9))


def test_a_plan_is_replaced_whole(officer):
    actions.enter_plan(2027, core_plan(PlannedDay(date(2027, 1, 2), "off", "元旦")), by=officer)
    actions.enter_plan(2027, core_plan(), by=officer)
    assert not PublicHoliday.objects.filter(date=date(2027, 1, 2)).exists()
    assert PublicHoliday.objects.filter(plan_year=2027).count() == 9


@pytest.mark.parametrize("lost", [date(2027, 1, 1), date(2027, 5, 1), date(2027, 10, 1)])
def test_part_of_a_plan_does_not_replace_what_is_known(officer, lost):
    actions.enter_plan(2027, core_plan(), by=officer)
    with pytest.raises(Refused) as refused:
        actions.enter_plan(2027, [day for day in core_plan() if day.date != lost], by=officer)
    assert refused.value.code == "incomplete_plan"
    assert PublicHoliday.objects.filter(plan_year=2027).count() == 9


def test_plans_are_refused(officer, head):
    with pytest.raises(Refused) as refused:
        actions.enter_plan(2027, [PlannedDay(date(2027, 1, 2), "work", "元旦")], by=officer)
    assert refused.value.code == "empty_plan"
    PublicHoliday.objects.create(date=date(2026, 12, 31), kind="off", name="元旦", plan_year=2026, source="package")
    with pytest.raises(Refused) as refused:
        actions.enter_plan(2027, core_plan(PlannedDay(date(2026, 12, 31), "off", "元旦")), by=officer)
    assert refused.value.code == "day_taken"
    with pytest.raises(NotAllowed):
        actions.enter_plan(2027, [PlannedDay(date(2027, 1, 1), "off", "元旦")], by=head)


def test_the_shipped_plan(officer, head, monkeypatch):
    with pytest.raises(Refused) as refused:
        actions.load_published_plan(2026, by=officer)
    assert refused.value.code == "plan_known"
    with pytest.raises(Refused) as refused:
        actions.load_published_plan(2099, by=officer)
    assert refused.value.code == "plan_not_shipped"
    with pytest.raises(NotAllowed):
        actions.load_published_plan(2023, by=head)
    days = {day for day in chinese_calendar.holidays if day.year == 2023}
    days |= {day for day in chinese_calendar.workdays if day.year == 2023}
    assert actions.load_published_plan(2023, by=officer) == len(days)
    assert calendar.is_working_day(date(2023, 10, 7))


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_migrated_plans_are_those_of_the_package(year):
    known = set(PublicHoliday.objects.filter(plan_year=year).values_list("date", "kind"))
    off = {(day, "off") for day in chinese_calendar.holidays if day.year == year}
    work = {(day, "work") for day in chinese_calendar.workdays if day.year == year}
    assert known == off | work


def test_terms(campus, head):
    told = {"name": "2026-2027学年度第一学期", "starts_on": date(2026, 9, 1), "ends_on": date(2027, 1, 22)}
    term = actions.add_term(campus, **told, by=head)
    assert calendar.teaching_week(campus, date(2026, 9, 2)) == 1
    actions.change_term(term, **told | {"starts_on": date(2026, 8, 24)}, by=head)
    assert calendar.teaching_week(campus, date(2026, 9, 2)) == 2
    for attempt in (
        lambda by: actions.add_term(campus, **told, by=by),
        lambda by: actions.change_term(term, **told, by=by),
        lambda by: actions.remove_term(term, by=by),
    ):
        with pytest.raises(NotAllowed):
            attempt(make_person(campus, "principal"))
    actions.remove_term(term, by=head)
    assert not Term.objects.exists()


def test_own_days(campus, head):
    days = actions.add_own_days(
        campus, first=date(2026, 9, 3), last=date(2026, 9, 4), kind="off", name="运动会", by=head
    )
    assert len(days) == 2
    for change, code in (
        ({}, "day_taken"),
        ({"last": date(2026, 9, 1)}, "backwards"),
        ({"first": date(2026, 6, 1)}, "too_many_days"),
    ):
        told = {"first": date(2026, 9, 4), "last": date(2026, 9, 5)} | change
        with pytest.raises(Refused) as refused:
            actions.add_own_days(campus, **told, kind="off", name="雨", by=head)
        assert refused.value.code == code
    with pytest.raises(NotAllowed):
        actions.remove_own_day(days[0], by=make_person(campus, "staff"))
    actions.remove_own_day(days[0], by=head)
    assert SchoolDay.objects.count() == 1


def test_constraints(campus):
    term = Term.objects.create(school=campus, name="第一学期", starts_on=date(2026, 9, 1), ends_on=date(2027, 1, 22))
    for name, sql, params in (
        ("schools_term_dates", "UPDATE schools_term SET ends_on = starts_on WHERE id = %s", [term.pk]),
        (
            "schools_term_overlap",
            "INSERT INTO schools_term (school_id, name, starts_on, ends_on)"
            " VALUES (%s, 'x', '2027-01-22', '2027-02-01')",
            [campus.pk],
        ),
        (
            "schools_schoolday_once",
            "INSERT INTO schools_schoolday (school_id, date, kind, name) VALUES (%s, '2026-09-01', 'off', 'x'),"
            " (%s, '2026-09-01', 'work', 'y')",
            [campus.pk, campus.pk],
        ),
        (
            "schools_schoolday_kind",
            "INSERT INTO schools_schoolday (school_id, date, kind, name) VALUES (%s, '2026-09-01', 'half', 'x')",
            [campus.pk],
        ),
        ("schools_publicholiday_kind", "UPDATE schools_publicholiday SET kind = 'x'", []),
        ("schools_publicholiday_source", "UPDATE schools_publicholiday SET source = 'x'", []),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)


def test_page_warns_of_a_provisional_year(client, campus, head):
    client.force_login(head)
    url = reverse("schools:calendar:list")
    assert client.get(url, {"year": 2026}).context["provisional"] is False
    page = client.get(url, {"year": 2027})
    assert page.context["provisional"] is True
    assert "2027" in page.content.decode()
    for broken in ("x", "99999", "-1", "²", "9" * 5000):
        assert client.get(url, {"year": broken}).context["year"] == timezone.localdate().year


def test_page_costs_the_same_for_many_rows(client, campus, head):
    client.force_login(head)
    url = reverse("schools:calendar:list")
    Term.objects.create(school=campus, name="t", starts_on=date(1989, 9, 1), ends_on=date(1990, 1, 22))
    SchoolDay.objects.create(school=campus, date=date(1989, 9, 1), kind="off", name="x")
    before = queries_of(client, url)
    for n in range(49):
        Term.objects.create(school=campus, name="t", starts_on=date(1990 + n, 9, 1), ends_on=date(1991 + n, 1, 22))
        SchoolDay.objects.create(school=campus, date=date(1990 + n, 9, 1), kind="off", name="x")
    assert queries_of(client, url) == before
    assert before <= 9


def test_a_campus_is_told_whose_terms_count(client, central, campus, head):
    Term.objects.create(school=central, name="t", starts_on=date(2026, 9, 1), ends_on=date(2027, 1, 22))
    client.force_login(head)
    assert client.get(reverse("schools:calendar:list")).context["lender"] == central


def test_terms_and_days_by_pages(client, campus, head):
    client.force_login(head)
    term = {"name": "2026-2027学年度第一学期", "starts_on": "2026-09-01", "ends_on": "2027-01-22"}
    assert client.post(reverse("schools:calendar:create_term"), term).status_code == 302
    assert client.post(reverse("schools:calendar:create_term"), term).status_code == 422
    pk = Term.objects.get().pk
    change = term | {"ends_on": "2027-01-20"}
    assert client.post(reverse("schools:calendar:update_term", args=[pk]), change).status_code == 302
    days = {"kind": "off", "first": "2026-09-03", "last": "", "name": "运动会"}
    assert client.post(reverse("schools:calendar:create_days"), days).status_code == 302
    assert client.post(reverse("schools:calendar:create_days"), days).status_code == 422
    day = SchoolDay.objects.get()
    stranger = make_person(make_school(), "logistics")
    client.force_login(stranger)
    for url in (
        reverse("schools:calendar:remove_term", args=[pk]),
        reverse("schools:calendar:remove_day", args=[day.pk]),
        reverse("schools:calendar:update_term", args=[pk]),
    ):
        assert client.post(url, change).status_code == 404
    client.force_login(head)
    assert client.post(reverse("schools:calendar:remove_term", args=[pk])).status_code == 302
    assert client.post(reverse("schools:calendar:remove_day", args=[day.pk])).status_code == 302
    assert not Term.objects.exists()
    assert not SchoolDay.objects.exists()


def test_plan_by_page(client, officer, head):
    client.force_login(officer)
    url = reverse("schools:calendar:create_plan")
    assert client.get(url, {"year": "2027"}).context["form"]["year"].value() == 2027
    answer = client.post(url, {"year": "2027", "text": "2027-01-01 to 2027-01-03 New Year\nwrong line"})
    assert answer.status_code == 422
    errors = answer.context["form"].errors.as_data()["text"]
    assert [(error.code, error.params["line"]) for error in errors] == [("no_date", 2)]
    answer = client.post(url, {"year": " 2027.0 ", "text": f"{CORE_2027}2027-01-02 to 2027-01-03 New Year"})
    assert answer.url.endswith("?year=2027")
    assert PublicHoliday.objects.filter(plan_year=2027).count() == 11
    assert client.post(url, {"year": "x", "text": "2027-01-01 a"}).status_code == 422
    assert client.post(reverse("schools:calendar:load_plan", args=[2023])).status_code == 302
    assert not calendar.is_provisional(2023)
    client.force_login(head)
    assert client.get(url).status_code == 403
    assert client.post(reverse("schools:calendar:load_plan", args=[2022])).status_code == 403


def test_home_names_the_week(client, campus, head):
    from houqin.schools.days.facts import day_facts

    Term.objects.create(school=campus, name="t", starts_on=date(2026, 9, 1), ends_on=date(2027, 1, 22))
    assert len(day_facts(date(2026, 9, 8), campus)) == 1
    assert len(day_facts(date(2026, 10, 1), campus)) == 2
    assert len(day_facts(date(2026, 8, 3), campus)) == 1
    assert day_facts(date(2026, 9, 8), None) == []
