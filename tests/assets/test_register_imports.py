"""The register comes in whole, or is refused with each row named."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum

from assets.register.imports import ASSET_CARDS
from assets.register.models import AssetCard
from houqin.imports import actions as imports
from houqin.imports import reader
from houqin.imports.checking import examine
from houqin.imports.columns import find_header, match_columns, titles
from houqin.imports.work import run_job
from tests.assets.register_factories import make_card
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[1] / "data"
# What a correct import finds in the files, by their makers.
TOTAL, ROWS = Decimal("1051457.16"), 180
WRONG_ROWS = [10, 36, 61, 93, 124]


def nothing(_done):
    pass


def examined(lines, school, by, header_row=1):
    mapping = match_columns(titles(lines[header_row - 1]), ASSET_CARDS)
    return examine(ASSET_CARDS, lines, header_row=header_row, mapping=mapping, school=school, by=by, progress=nothing)


def examined_file(name, school, by):
    content = (DATA / name).read_bytes()
    sheet = reader.survey(content)[0]
    header_row, _found = find_header(sheet, ASSET_CARDS)
    return examined(reader.rows_of(content, sheet.name, max_rows=1000), school, by, header_row)


@pytest.fixture
def school():
    return make_school(name="黄竹林学校")


@pytest.fixture
def head(school):
    return make_person(school, "logistics")


def test_the_list_of_2024_comes_in_whole(school, head):
    found = examined_file("assets_2024.xlsx", school, head)
    assert found.errors == []
    assert ASSET_CARDS.write(found.rows, school=school, by=head, progress=nothing) == ROWS
    cards = AssetCard.objects.filter(school=school)
    assert cards.count() == ROWS
    assert cards.aggregate(sum=Sum("original_cost"))["sum"] == TOTAL
    printer = cards.get(number="HZL-2013-0007")
    assert (printer.acquired_on, printer.unit_price, printer.unit) == (date(2013, 12, 20), Decimal("2464.07"), "台")
    assert (printer.place_text, printer.keeper_text) == ("综合楼办公室355", "董雨")
    assert printer.category.code == "A02021003"
    assert printer.useful_life_years == 6


def test_the_summary_compares_with_the_paper(school, head):
    figures = [value for _name, value in ASSET_CARDS.summarise(examined_file("assets_2024.xlsx", school, head).rows)]
    assert figures[:2] == ["180", "¥1,051,457.16"]


def test_a_list_with_mistakes_is_refused_with_each_row_named(school, head):
    found = examined_file("assets_2024_with_errors.xlsx", school, head)
    assert sorted({error.row for error in found.errors}) == WRONG_ROWS
    codes = {(error.row, error.column, error.code) for error in found.errors}
    assert {
        (10, "category", "category_unknown"),
        (36, "number", "number_repeated"),
        (61, "acquired_on", "acquired_in_future"),
        (93, "original_cost", "amount_differs"),
        (124, "quantity", "too_small"),
    } <= codes
    # The name is a formula: how the reader says so is its own matter.
    assert any((row, column) == (124, "name") for row, column, _code in codes)


def test_the_second_import_of_a_list_names_every_number(school, head):
    ASSET_CARDS.write(examined_file("assets_2024.xlsx", school, head).rows, school=school, by=head, progress=nothing)
    errors = examined_file("assets_2024.xlsx", school, head).errors
    assert len(errors) == ROWS
    assert {error.code for error in errors} == {"number_taken"}


def test_another_offices_names_and_a_missing_number_are_understood(school, head):
    lines = [
        [
            "资产编码",
            "品名",
            "国标代码",
            "计量单位",
            "数量",
            "单价（元）",
            "资产原值",
            "购置日期",
            "存放位置",
            "责任人",
            "增加方式",
        ],
        ["", "空调", "a02061804", None, 2, "1,234.50", "¥2,469.00", "2024年5月6日", "一号楼101", "王芳", "接受捐赠"],
    ]
    lines[1][0] = None
    keeper, place = make_person(school, display_name="王芳"), make_place(school, name="一号楼101")
    found = examined(lines, school, head)
    assert found.errors == []
    ASSET_CARDS.write(found.rows, school=school, by=head, progress=nothing)
    card = AssetCard.objects.get()
    assert card.number.startswith("ZC-")
    assert (card.keeper, card.place) == (keeper, place)
    assert (card.acquisition_way, card.original_cost, card.unit) == ("donation", Decimal("2469.00"), "台")


def test_two_people_of_one_name_leave_the_keeper_as_written(school, head):
    for _ in range(2):
        make_person(school, display_name="王芳")
    lines = [["名称", "分类", "数量", "单价", "取得日期", "保管人"], ["桌", "A05010201", 1, 500, "2024.9.1", "王芳"]]
    found = examined(lines, school, head)
    ASSET_CARDS.write(found.rows, school=school, by=head, progress=nothing)
    assert AssetCard.objects.get().keeper_text == "王芳"


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"分类": "A05040101"}, "category", "category_not_registered"),
        ({"编号": "TAKEN"}, "number", "number_taken"),
        ({"数量": 1.5}, "quantity", "not_whole"),
        ({"单价": 0}, "unit_price", "cost_out_of_range"),
        ({"单价": "12.345"}, "unit_price", "not_exact"),
        ({"数量": 2_000_000_000, "单价": 9_999_999_999}, "unit_price", "cost_out_of_range"),
        ({"名称": None}, "name", "required"),
        ({"取得日期": "2024.13.1"}, "acquired_on", "not_a_date"),
        ({"来源": "偷来的"}, "acquisition_way", "not_a_choice"),
    ],
)
def test_every_mistake_has_its_place_and_code(school, head, cells, column, code):
    make_card(school, number="TAKEN")
    row = {
        "编号": "N-1",
        "名称": "桌",
        "分类": "A05010201",
        "数量": 1,
        "单价": 500,
        "取得日期": "2024.9.1",
        "来源": "新购",
    }
    row |= cells
    found = examined([list(row), list(row.values())], school, head)
    assert [(error.row, error.column, error.code) for error in found.errors] == [(2, column, code)]


def test_checking_costs_the_same_for_one_and_fifty_rows(school, head, django_assert_num_queries):
    def lines(count):
        head_row = ["编号", "名称", "分类", "数量", "单价", "取得日期", "存放地点", "保管人"]
        return [head_row] + [[f"N-{n}", "桌", "A05010201", 1, 500, "2024.9.1", "某处", "某人"] for n in range(count)]

    for count in (1, 50):
        with django_assert_num_queries(4):
            assert examined(lines(count), school, head).errors == []


@pytest.mark.parametrize(
    ("name", "state", "written"),
    [("assets_2024.xlsx", "done", ROWS), ("assets_2024_with_errors.xlsx", "refused", 0)],
)
def test_the_whole_way_of_a_file(school, head, name, state, written):
    upload = SimpleUploadedFile(name, (DATA / name).read_bytes())
    job = imports.upload(upload, kind=ASSET_CARDS, school=school, by=head)
    run_job(job.pk)
    job.refresh_from_db()
    imports.choose_columns(job, mapping=job.mapping, by=head)
    run_job(job.pk)
    job.refresh_from_db()
    if job.state == "ready":
        imports.confirm(job, by=head)
        run_job(job.pk)
        job.refresh_from_db()
    assert (job.state, AssetCard.objects.count()) == (state, written)
    if state == "refused":
        assert sorted({error["row"] for error in job.errors}) == WRONG_ROWS
