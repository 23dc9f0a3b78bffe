"""The pages of the budget: who sees which lines, what the forms refuse, what leaves as a file."""

from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from finance.budgets import actions, demo, subjects
from finance.budgets.exports import BUDGET
from finance.budgets.facts import standing
from finance.budgets.models import BudgetLine
from houqin.history import labels
from tests.finance.budget_factories import item, make_line, make_reservation
from tests.finance.test_budgets import SUBJECT, Desk
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
LIST, CREATE = reverse("finance:budgets:list"), reverse("finance:budgets:create")


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def page(client, desk):
    client.force_login(desk.accountant)
    return client


def listed(response):
    return [row["detail"] for row in response.context["rows"]]


def test_the_list_shows_the_own_open_lines_newest_year_first(page, desk):
    year = timezone.localdate().year
    make_line(desk.school, detail="去年", year=year - 1)
    make_line(desk.school, detail="图书", item=item("图书购置"))
    make_line(desk.school, detail="办公", item=item("办公费"))
    actions.close_line(make_line(desk.school, detail="关了"), by=desk.accountant)
    make_line(make_school(parent=desk.central), detail="别校")
    assert listed(page.get(LIST)) == ["办公", "图书", "去年"]
    assert listed(page.get(LIST, {"year": year - 1})) == ["去年"]
    assert listed(page.get(LIST, {"chip": "closed"})) == ["关了"]
    assert listed(page.get(LIST, {"q": "bgf"})) == ["办公"]


def test_lines_that_are_nearly_used_up_have_a_chip_of_their_own(page, desk):
    make_line(desk.school, detail="剩一成", amount=Decimal(1000), spent=Decimal(900))
    make_line(desk.school, detail="快完", amount=Decimal(1000), spent=Decimal(600), reserved=Decimal("300.01"))
    assert listed(page.get(LIST, {"chip": "low"})) == ["快完"]
    assert listed(page.get(LIST, {"sort": "scarcest"})) == ["快完", "剩一成"]


def test_a_central_role_sees_all_campuses_and_filters_by_school_and_source(client, desk):
    other = make_school(parent=desk.central, name="水塘坝小学")
    make_line(desk.school, detail="甲")
    make_line(other, detail="乙", source="business")
    client.force_login(desk.chief)
    client.post(reverse("schools:switch"), {"school": "all"})
    response = client.get(LIST)
    assert {"甲", "乙"} == set(listed(response))
    assert "水塘坝小学" in response.content.decode()
    assert listed(client.get(LIST, {"school": other.pk})) == ["乙"]
    assert listed(client.get(LIST, {"source": "fiscal"})) == ["甲"]


def test_the_school_is_no_filter_while_one_school_is_looked_at(page, desk):
    make_line(desk.school)
    assert [shown.name for shown in page.get(LIST).context["filters"]] == ["year", "source"]


def test_a_line_is_entered_once_however_often_the_form_is_sent(page, desk):
    data = {
        "form_key": page.get(CREATE).context["form"]["form_key"].value(),
        "year": 2026,
        "item": item("办公设备购置").pk,
        "detail": "电脑",
        "source": "fiscal",
        "amount": "30000",
        "already_spent": "4350",
    }
    for _tap in range(2):
        response = page.post(CREATE, data)
        line = BudgetLine.objects.get()
        assert response["Location"] == line.get_absolute_url()
    assert (line.school, line.left) == (desk.school, Decimal("25650.00"))
    shown = page.get(line.get_absolute_url()).content.decode()
    assert "¥25,650.00" in shown


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "1000000000000"}, "amount"),
        ({"year": "26"}, "year"),
        ({"item": "82"}, "item"),
        ({"detail": "有了"}, "detail"),
        ({"already_spent": "100.01"}, "already_spent"),
    ],
)
def test_a_refusal_stands_beside_its_field(page, desk, change, field):
    make_line(desk.school, detail="有了", year=2026)
    data = {"year": 2026, "item": item().pk, "detail": "新", "source": "fiscal", "amount": "100"}
    response = page.post(CREATE, data | change)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert BudgetLine.objects.count() == 1


def test_an_amount_changes_with_a_reason_that_the_page_tells(page, desk):
    line = make_line(desk.school, spent=Decimal(400))
    address = reverse("finance:budgets:change", args=[line.pk])
    response = page.post(address, {"amount": "12000", "reason": ""})
    assert response.context["form"].errors.as_data()["reason"][0].code == "reason_missing"
    assert response.context["standing"].amount == 10000
    assert page.post(address, {"amount": "399", "reason": "压减"}).status_code == 422
    assert page.post(address, {"amount": "12000", "reason": "教育局追加"}).status_code == 302
    shown = page.get(line.get_absolute_url()).content.decode()
    assert "教育局追加" in shown
    assert "+¥2,000.00" in shown


def test_a_reader_sees_a_line_and_no_button(client, desk):
    line = make_line(desk.school)
    client.force_login(desk.principal)
    response = client.get(line.get_absolute_url())
    assert response.status_code == 200
    assert reverse("finance:budgets:close", args=[line.pk]) not in response.content.decode()
    assert client.get(CREATE).status_code == 403
    assert client.post(reverse("finance:budgets:close", args=[line.pk])).status_code == 403


def test_last_years_line_asks_to_be_closed_unless_money_is_kept(page, desk):
    line = make_line(desk.school, year=timezone.localdate().year - 1)
    assert page.get(line.get_absolute_url()).context["next"].buttons
    make_reservation(line, Decimal(10), **SUBJECT)
    assert not page.get(line.get_absolute_url()).context["next"].buttons
    close = reverse("finance:budgets:close", args=[line.pk])
    assert "¥10.00" in page.post(close, follow=True).content.decode()
    actions.release(*SUBJECT.values(), by=desk.principal)
    page.post(close)
    line.refresh_from_db()
    assert not line.is_open
    page.post(reverse("finance:budgets:reopen", args=[line.pk]))
    line.refresh_from_db()
    assert line.is_open


def test_a_line_tells_for_whom_money_is_kept(page, desk, monkeypatch):
    line = make_line(desk.school)
    make_reservation(line, Decimal(10), subject_kind="chairs", subject_id=5)
    make_reservation(line, Decimal(20), subject_kind="chairs", subject_id=6)
    monkeypatch.setattr(subjects, "_kinds", dict(subjects._kinds))
    subjects.register("chairs", "椅子", lambda _user, _keys: {5: subjects.Subject("五号椅子", "/chairs/5/")})
    shown = page.get(line.get_absolute_url()).content.decode()
    assert '<a href="/chairs/5/">五号椅子</a>' in shown
    assert "椅子 6" in shown


def test_what_is_kept_costs_the_same_for_one_and_for_many(page, desk):
    line = make_line(desk.school)

    def count():
        with CaptureQueriesContext(connection) as captured:
            page.get(line.get_absolute_url())
        return len(captured)

    make_reservation(line, Decimal(1))
    page.get(line.get_absolute_url())
    one = count()
    for _n in range(10):
        make_reservation(line, Decimal(1))
    assert count() == one


@pytest.mark.parametrize(("this", "word"), [("10680.00", "¥8,870.00"), ("20000.00", "-¥450.00")])
def test_the_standing_says_whether_the_budget_bears_it(desk, this, word):
    line = make_line(desk.school, amount=Decimal(32000), spent=Decimal(12450))
    with translation.override("en"):
        drawn = render_to_string(
            "finance/budgets/_standing.html", {"line": line, "standing": standing(line, Decimal(this))}
        )
    assert word in drawn
    assert ("does not bear" in drawn) == word.startswith("-")
    assert "style=" not in drawn


def test_the_lines_leave_exactly_as_the_list_shows_them(desk):
    make_line(desk.school, detail="甲", amount=Decimal(500), spent=Decimal(20))
    make_line(desk.school, detail="乙", source="business")
    rows = BUDGET.queryset(desk.accountant, desk.school, QueryDict("source=fiscal"))
    assert [row.detail for row in rows] == ["甲"]
    paths = [column.value for column in BUDGET.columns]
    assert Decimal(480) in rows.values_list(*paths).get()


def test_the_budget_is_found_by_the_search_over_everything(page, desk):
    make_line(desk.school, detail="录播教室")
    assert "录播教室" in page.get(reverse("web:search"), {"q": "lbjs"}).content.decode()


def test_every_action_and_refusal_has_a_name():
    for code in ("finance.enter_budget_line", "finance.reserve_budget"):
        assert labels.action_label(code) != code
    assert labels.result_label("over_budget") != "over_budget"


def test_the_demo_enters_the_lines_of_every_campus_once():
    central = make_school(name="太平中心学校")
    campus = make_school(parent=central, name="黄竹林学校")
    other = Desk().school
    make_person(campus, "accountant")
    out = StringIO()
    demo.load(out)
    assert "黄竹林学校" in out.getvalue()
    desks = BudgetLine.objects.get(school=campus, detail="课桌椅")
    assert (desks.amount, desks.spent, desks.left) == (Decimal(32000), Decimal(12450), Decimal(19550))
    assert BudgetLine.objects.open_for(other, timezone.localdate().year).count() == len(demo.LINES)
    before = BudgetLine.objects.count()
    demo.load(out)
    assert BudgetLine.objects.count() == before
