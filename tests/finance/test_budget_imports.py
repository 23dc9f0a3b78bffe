"""The budget comes in whole, or is refused with each row and column named."""

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from finance.budgets.imports import BUDGET
from finance.budgets.models import BudgetLine
from houqin.errors import NotAllowed
from houqin.imports import actions as imports
from houqin.imports import registry
from houqin.imports.checking import examine
from houqin.imports.columns import match_columns
from houqin.imports.work import run_job
from tests.finance.budget_factories import item, make_line
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
HEAD = ["预算年度", "支出科目", "资金来源", "用途", "预算金额（元）", "已支出"]
GOOD = [
    [2026, "专用设备购置", "同级财政", "课桌椅", "32,000.00", 12450],
    ["2026年", "办公费", None, None, 24000, None],
    ["2026年度", " 图书购置 ", "事业收入", None, "¥10000", 0],
    ["合计", None, None, None, 66000, None],
]


def silent(_done):
    pass


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def accountant(school):
    return make_person(school, "accountant")


def examined(lines, school, by):
    mapping = match_columns(HEAD, BUDGET)
    return examine(BUDGET, [HEAD, *lines], header_row=1, mapping=mapping, school=school, by=by, progress=silent)


def test_a_plan_comes_in_whole(school, accountant):
    found = examined(GOOD, school, accountant)
    assert found.errors == []
    assert BUDGET.write(found.rows, school=school, by=accountant, progress=silent) == 3
    lines = {line.item.name: line for line in BudgetLine.objects.filter(school=school)}
    assert (lines["专用设备购置"].left, lines["专用设备购置"].detail) == (Decimal(19550), "课桌椅")
    assert (lines["办公费"].source, lines["办公费"].year) == ("fiscal", 2026)
    assert lines["图书购置"].source == "business"


def test_the_summary_compares_with_the_paper(school, accountant):
    found = examined(GOOD, school, accountant)
    assert [value for _label, value in BUDGET.summarise(found.rows)] == ["3", "¥66,000.00"]


def test_every_mistake_is_named_by_row_and_column(school, accountant):
    make_line(school, year=2026, item=item("办公费"), detail="")
    bad = [
        [26, "办公费", None, None, 1, None],
        [2026, "电脑费", None, None, 1, None],
        [2026, "办公费", "财政拨款", None, 1, None],
        [2026, "印刷费", "借款", None, 1, None],
        [2026, "印刷费", None, None, "12.345", None],
        [2026, "印刷费", None, None, 0, None],
        [2026, None, None, None, None, None],
        [2026, "水费", None, None, 1, None],
        [2026, "水费", "财政", None, 2, None],
        [2026, "电费", None, None, 5, 6],
    ]
    codes = [(error.row, error.column, error.code) for error in examined(bad, school, accountant).errors]
    assert codes == [
        (2, "year", "too_small"),
        (3, "item", "item_unknown"),
        (4, "detail", "duplicate_line"),
        (5, "source", "not_a_choice"),
        (6, "amount", "not_exact"),
        (7, "amount", "too_small"),
        (8, "item", "required"),
        (8, "amount", "required"),
        (10, "detail", "line_repeated"),
        (11, "spent", "spent_too_much"),
    ]


def taken_in(lines, school, by):
    """Go the whole way with a workbook of these lines."""
    book, content = openpyxl.Workbook(), BytesIO()
    for line in [HEAD, *lines]:
        book.active.append(line)
    book.save(content)
    upload = SimpleUploadedFile("预算.xlsx", content.getvalue())
    job = imports.upload(upload, kind=BUDGET, school=school, by=by)
    run_job(job.pk)
    job.refresh_from_db()
    imports.choose_columns(job, mapping=job.mapping, by=by)
    run_job(job.pk)
    job.refresh_from_db()
    if job.state == "ready":
        imports.confirm(job, by=by)
        run_job(job.pk)
        job.refresh_from_db()
    return job


def test_the_whole_way_of_a_file(school, accountant):
    assert taken_in(GOOD, school, accountant).state == "done"
    assert BudgetLine.objects.count() == 3


def test_a_file_with_one_mistake_brings_nothing_in(school, accountant):
    job = taken_in([*GOOD[:2], [2026, "电脑费", None, None, 1, None]], school, accountant)
    assert (job.state, [error["row"] for error in job.errors]) == ("refused", [4])
    assert not BudgetLine.objects.exists()


def test_only_who_keeps_the_budget_brings_it_in(school, accountant):
    principal = make_person(school, "principal")
    assert BUDGET in registry.kinds_for(accountant, school)
    assert BUDGET not in registry.kinds_for(principal, school)
    found = examined(GOOD, school, accountant)
    with pytest.raises(NotAllowed):
        BUDGET.write(found.rows, school=school, by=principal, progress=silent)
