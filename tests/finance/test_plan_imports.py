"""The year's purchase plan comes in as drafts of four campuses, or is refused with each row and column named."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from finance.purchases.models import PurchaseRequest, State
from finance.purchases.plan_imports import PURCHASE_PLAN
from houqin.errors import NotAllowed
from houqin.imports import actions as imports
from houqin.imports import reader
from houqin.imports.checking import examine
from houqin.imports.columns import find_header, match_columns, titles
from houqin.imports.work import run_job
from tests.finance.budget_factories import make_line
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db

PLAN = Path(__file__).parents[1] / "data" / "purchase_plan_2024.xlsx"
CAMPUSES = ("黄竹林学校", "示范小学", "箐门小学", "水塘坝小学")
# What a correct import finds in the file, by its makers.
ROWS = 10
HEAD = ["学校", "物品", "单位", "数量", "预计单价", "用途", "需要日期", "类别", "金额"]


@pytest.fixture
def central():
    central = make_school(name="太平中心学校", code="tp")
    for number, name in enumerate(CAMPUSES):
        make_school(name=name, code=f"c{number}", parent=central)
    return central


@pytest.fixture
def officer(central):
    return make_person(central, "central_officer")


def examined(lines, school, by, header_row=1):
    mapping = match_columns(titles(lines[header_row - 1]), PURCHASE_PLAN)
    return examine(
        PURCHASE_PLAN, lines, header_row=header_row, mapping=mapping, school=school, by=by, progress=lambda _n: None
    )


def line(**cells):
    known = dict.fromkeys(HEAD) | {
        "学校": "黄竹林学校",
        "物品": "新课桌",
        "单位": "套",
        "数量": 50,
        "预计单价": 218,
        "用途": "更换破旧课桌",
    }
    return [(known | cells)[title] for title in HEAD]


def codes(lines, school, by):
    return [(error.row, error.column, error.code) for error in examined([HEAD, *lines], school, by).errors]


def test_the_plan_of_2024_becomes_drafts_of_four_campuses(central, officer):
    head = make_person(
        PurchaseRequest._meta.get_field("school").related_model.objects.get(name="箐门小学"), "logistics"
    )
    content = PLAN.read_bytes()
    sheet = reader.survey(content)[0]
    header_row, _found = find_header(sheet, PURCHASE_PLAN)
    found = examined(reader.rows_of(content, sheet.name, max_rows=100), central, officer, header_row)
    assert found.errors == []
    assert dict(PURCHASE_PLAN.summarise(found.rows))["黄竹林学校"] == "¥17,760.00"
    assert PURCHASE_PLAN.write(found.rows, school=central, by=officer, progress=lambda _n: None) == ROWS
    drafts = PurchaseRequest.objects.all()
    assert drafts.count() == ROWS
    assert set(drafts.values_list("state", flat=True)) == {State.DRAFT}
    assert set(drafts.values_list("school__name", flat=True)) == set(CAMPUSES)
    desks = drafts.get(school__name="箐门小学", title="新课桌 50套")
    assert (desks.purpose, desks.total, desks.requester) == ("更换破旧课桌", Decimal("10900.00"), head)
    assert desks.lines.get().is_equipment
    assert drafts.get(school__name="示范小学", title="新课桌 50套").requester == officer


def test_the_file_goes_through_the_whole_import(central, officer):
    upload = SimpleUploadedFile("plan.xlsx", PLAN.read_bytes())
    job = imports.upload(upload, kind=PURCHASE_PLAN, school=central, by=officer)
    run_job(job.pk)
    job.refresh_from_db()
    imports.choose_columns(job, mapping=job.mapping, by=officer)
    run_job(job.pk)
    imports.confirm(job, by=officer)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.written) == ("done", ROWS)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"学校": "不在这里的学校"}, "school", "school_unknown"),
        ({"学校": None}, "school", "required"),
        ({"物品": None}, "name", "required"),
        ({"数量": 0}, "quantity", "too_small"),
        ({"数量": 1.5}, "quantity", "not_whole"),
        ({"预计单价": "约两百"}, "unit_price", "not_a_number"),
        ({"预计单价": 218.123}, "unit_price", "not_exact"),
        ({"金额": 10000}, "amount", "amount_differs"),
        ({"需要日期": "2020-01-01"}, "needed_on", "needed_on_past"),
        ({"类别": "飞机"}, "kind", "not_a_choice"),
        ({"物品": "=1+1"}, "name", "formula_text"),
    ],
)
def test_what_cannot_be_is_named_by_row_and_column(central, officer, cells, column, code):
    assert codes([line(物品="档案柜"), line(**cells)], central, officer) == [(3, column, code)]


def test_words_of_kind_and_day_are_understood(central, officer):
    day = timezone.localdate() + timedelta(days=30)
    found = examined([HEAD, line(类别="办公用品", 数量=1.5, 需要日期=day.isoformat(), 金额=327)], central, officer)
    PURCHASE_PLAN.write(found.rows, school=central, by=officer, progress=lambda _n: None)
    draft = PurchaseRequest.objects.get()
    assert (draft.kind, draft.needed_on, draft.lines.get().is_equipment) == ("office", day, False)


def test_nothing_comes_in_twice(central, officer):
    assert codes([line(), line()], central, officer) == [(3, "", "row_repeated")]
    PURCHASE_PLAN.write(
        examined([HEAD, line()], central, officer).rows, school=central, by=officer, progress=lambda _n: None
    )
    assert codes([line()], central, officer) == [(2, "", "planned_already")]
    # Neither once the drafts are on their way; what was given up may be planned anew.
    for state, found in ((State.DELIVERED, [(2, "", "planned_already")]), (State.WITHDRAWN, [])):
        budget = make_line(PurchaseRequest.objects.get().school)
        now = timezone.localdate(), timezone.now(), timezone.now()
        needed_on, submitted_at, approved_at = now
        PurchaseRequest.objects.update(
            state=state, budget_line=budget, needed_on=needed_on, submitted_at=submitted_at, approved_at=approved_at
        )
        assert codes([line()], central, officer) == found


def test_a_plan_reaches_only_the_schools_below(central, officer):
    make_school(name="别处学校", code="bc")
    assert codes([line(学校="别处学校")], central, officer) == [(2, "school", "school_unknown")]


@pytest.mark.parametrize("role", ["logistics", "principal", "accountant", "staff", "auditor"])
def test_only_the_central_officer_brings_a_plan_in(central, role):
    person = make_person(central, role)
    with pytest.raises(NotAllowed):
        imports.upload(
            SimpleUploadedFile("plan.xlsx", PLAN.read_bytes()), kind=PURCHASE_PLAN, school=central, by=person
        )
