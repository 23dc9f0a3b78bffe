"""The bureau's own table of categories comes in over the shipped one."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assets.register.actions import change_asset, renew_categories
from assets.register.category_imports import CATEGORIES
from assets.register.models import AssetCategory
from houqin.errors import Refused
from houqin.history.models import ActionLog
from houqin.imports import actions as imports
from houqin.imports.checking import examine
from houqin.imports.columns import match_columns, titles
from houqin.imports.work import run_job
from tests.assets.register_factories import category, make_card
from tests.schools.factories import make_membership, make_person, make_school

pytestmark = pytest.mark.django_db


def examined(lines, school, by):
    return examine(
        CATEGORIES,
        lines,
        header_row=1,
        mapping=match_columns(titles(lines[0]), CATEGORIES),
        school=school,
        by=by,
        progress=lambda _done: None,
    )


@pytest.fixture
def central():
    return make_school()


@pytest.fixture
def officer(central):
    return make_person(central, "central_officer")


def test_known_categories_change_and_new_ones_stand_in_their_class(central, officer):
    lines = [
        ["分类代码", "分类名称", "计量单位", "折旧年限（年）", "是否折旧"],
        ["a02021003", "A4打印机", "台", 5, None],
        ["A02021077", "标签打印机", None, None, None],
        ["A04017700", "校本教材", "册", None, None],
        ["A05017700", "校园长椅", "把", None, "否"],
    ]
    found = examined(lines, central, officer)
    assert found.errors == []
    untouched = AssetCategory.objects.count()
    assert [value for _name, value in CATEGORIES.summarise(found.rows)] == ["3", "1"]
    assert CATEGORIES.write(found.rows, school=central, by=officer, progress=lambda _done: None) == 4
    assert AssetCategory.objects.count() == untouched + 3
    printer = category("A02021003")
    assert (printer.name_zh, printer.useful_life_years, printer.is_verified) == ("A4打印机", 5, True)
    label_printer = category("A02021077")
    assert (label_printer.parent, label_printer.level) == (category("A02021000"), 4)
    assert label_printer.useful_life_years == category("A02021000").useful_life_years
    assert AssetCategory.objects.filter(AssetCategory.matching("bqdyj")).get() == label_printer
    assert not category("A04017700").is_depreciable
    bench = category("A05017700")
    assert (bench.is_depreciable, bench.useful_life_years) == (False, None)
    assert ActionLog.objects.filter(code="assets.renew_categories", user=officer, detail="4").exists()


@pytest.mark.parametrize("code", ["A01010211", "A02021003", "A02460000", "A05010203"])
def test_new_categories_stand_where_the_shipped_ones_do(code):
    shipped = category(code)
    known = {one.code: one for one in AssetCategory.objects.exclude(pk=shipped.pk)}
    made = AssetCategory.below(code, known)
    assert (made.parent, made.level) == (shipped.parent, shipped.level)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"代码": "2010104"}, "code", "code_malformed"),
        ({"代码": "A09010100"}, "code", "code_malformed"),
        ({"名称": None}, "name_zh", "required"),
        ({"折旧年限": 0}, "useful_life_years", "too_small"),
        ({"折旧年限": 101}, "useful_life_years", "too_large"),
        ({"折旧年限": 6, "是否折旧": "否"}, "useful_life_years", "life_of_nothing"),
        ({"是否折旧": "也许"}, "is_depreciable", "not_yes_no"),
        ({"性质": "not_fixed_asset"}, "kind", "category_in_use"),
    ],
)
def test_every_mistake_has_its_place_and_code(central, officer, cells, column, code):
    make_card(central)
    row = {"代码": "A02021000", "名称": "打印机", "折旧年限": None, "是否折旧": None, "性质": None} | cells
    found = examined([list(row), list(row.values())], central, officer)
    assert [(error.column, error.code) for error in found.errors] == [(column, code)]


def test_a_code_stands_once_in_a_file(central, officer):
    lines = [["代码", "名称"], ["A02021003", "甲"], ["A02021003", "乙"]]
    assert [(e.row, e.code) for e in examined(lines, central, officer).errors] == [(3, "code_repeated")]


def test_only_the_central_school_changes_what_all_share(central, officer):
    campus = make_school(parent=central)
    entries = [{"code": "A02021003", "name_zh": "改了名"}]
    deputy = make_person(campus, "central_officer")  # reaches only the campus
    head = make_person(central, "logistics")
    stranger = make_person(make_school(), "central_officer")
    for by in (deputy, head, stranger):
        with pytest.raises(Refused) as refused:
            renew_categories(entries, school=campus, by=by)
        assert refused.value.code == "central_only"
        with pytest.raises(Refused):
            examined([["代码", "名称"], ["A02021003", "改了名"]], campus, by)
    assert renew_categories(entries, school=campus, by=officer) == 1


def test_pages_offer_it_to_those_who_may(client, central, officer):
    head = make_person(central, "logistics")
    start = reverse("imports:start", args=["assets.categories"])
    categories = reverse("assets:register:categories")
    client.force_login(head)
    assert client.get(start).status_code == 403
    assert start not in client.get(categories).content.decode()
    make_membership(head, central, "central_officer")
    assert client.get(start).status_code == 200
    assert start in client.get(categories).content.decode()


def test_the_whole_way_of_a_file(central, officer):
    upload = SimpleUploadedFile("分类.csv", "分类代码,分类名称\nA02021003,新名\n".encode())
    job = imports.upload(upload, kind=CATEGORIES, school=central, by=officer)
    run_job(job.pk)
    job.refresh_from_db()
    imports.choose_columns(job, mapping=job.mapping, by=officer)
    run_job(job.pk)
    job.refresh_from_db()
    imports.confirm(job, by=officer)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.written) == ("done", 1)
    assert category("A02021003").name_zh == "新名"


def test_cards_keep_their_lives_when_the_table_changes(central, officer):
    card = make_card(central)
    head = make_person(central, "logistics")
    renew_categories([{"code": "A02021000", "name_zh": "打印机", "is_depreciable": False}], school=central, by=officer)
    changed = change_asset(card, changes={"note": "换了墨盒"}, by=head)
    assert changed.useful_life_years == 6
