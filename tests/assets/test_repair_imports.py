"""The paper book comes in through the import: places it does not know are named, nothing comes twice."""

import csv
from datetime import date
from pathlib import Path

import pytest

from assets.repairs import actions
from assets.repairs.imports import REPAIRS_BOOK
from assets.repairs.models import RepairRequest, State
from houqin.imports.checking import examine
from tests.assets.repair_factories import Team
from tests.schools.factories import make_person, make_place

pytestmark = pytest.mark.django_db
BOOK = Path(__file__).parents[1] / "data" / "repairs_2024.csv"


@pytest.fixture
def team():
    return Team()


def read(team, lines):
    head, *_rows = lines
    names = {title: column.name for column in REPAIRS_BOOK.columns for title in column.synonyms}
    mapping = {names[title]: position for position, title in enumerate(head) if title in names}
    return examine(
        REPAIRS_BOOK, lines, header_row=1, mapping=mapping, school=team.school, by=team.head, progress=lambda _n: None
    )


def take(team, lines):
    found = read(team, lines)
    assert not found.errors
    return REPAIRS_BOOK.write(found.rows, school=team.school, by=team.head, progress=lambda _n: None)


HEAD = ["报修时间", "报修人", "地点", "类别", "描述", "紧急程度", "完成时间"]


def line(team, **cells):
    known = {
        "报修时间": "2024-11-10 07:26",
        "报修人": "徐超",
        "地点": team.place.full_name,
        "类别": "电",
        "描述": "灯不亮",
        "紧急程度": "一般",
        "完成时间": None,
    } | cells
    return [known[title] for title in HEAD]


def test_the_book_of_a_year_is_taken_over_but_for_places_of_another_school(team):
    with BOOK.open(encoding="utf-8-sig", newline="") as rows:
        lines = [[cell or None for cell in row] for row in csv.reader(rows)]
    where = lines[0].index("地点")
    for number, name in enumerate(sorted({row[where] for row in lines[1:]} - {"示范小学舞台"})):
        make_place(team.school, name=name, code=f"B{number}")
    found = read(team, lines)
    assert {error.code for error in found.errors} == {"unknown_place"}
    assert len(found.errors) == 12
    assert {error.cell for error in found.errors} == {"示范小学舞台"}
    good = [row for row in lines if row[where] != "示范小学舞台"]
    assert take(team, good) == RepairRequest.objects.count() == len(good) - 1


def test_words_of_kind_and_urgency_are_understood(team):
    take(team, [HEAD, line(team, 类别="课桌椅", 紧急程度="紧急"), line(team, 类别="electric", 描述="插座坏了")])
    assert set(RepairRequest.objects.values_list("kind", "is_dangerous")) == {("desk_chair", True), ("electric", False)}


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"类别": "飞机"}, "not_a_choice"),
        ({"紧急程度": "也许"}, "not_a_choice"),
        ({"报修时间": "2024-11-10 25:99"}, "time_unreadable"),
        ({"报修时间": "2099-01-01 08:00"}, "future"),
        ({"完成时间": "2024-11-01"}, "too_early"),
        ({"完成时间": "2099-01-01"}, "future"),
        ({"描述": "坏" * 501}, "too_long"),
        ({"报修人": "名" * 61}, "too_long"),
    ],
)
def test_what_cannot_be_is_named(team, cells, code):
    assert [error.code for error in read(team, [HEAD, line(team, **cells)]).errors] == [code]


def test_the_same_book_is_not_taken_over_twice(team):
    take(team, [HEAD, line(team)])
    errors = read(team, [HEAD, line(team), line(team, 描述="另一盏灯不亮")]).errors
    assert [(error.row, error.code) for error in errors] == [(2, "known_already")]


def test_a_line_written_twice_is_named(team):
    errors = read(team, [HEAD, line(team), line(team)]).errors
    assert [(error.row, error.code) for error in errors] == [(3, "known_already")]


def test_namesakes_are_not_taken_for_one_another(team):
    for _ in range(2):
        make_person(team.school, display_name="徐超")
    only = make_person(team.school, display_name="李梅")
    take(team, [HEAD, line(team), line(team, 报修人="李梅", 描述="窗坏了")])
    assert RepairRequest.objects.get(description="灯不亮").reporter_name == "徐超"
    assert RepairRequest.objects.get(description="灯不亮").reporter is None
    assert RepairRequest.objects.get(description="窗坏了").reporter == only


def test_finished_lines_are_completed_and_open_ones_wait(team):
    take(team, [HEAD, line(team, 完成时间=date(2024, 11, 12)), line(team, 描述="窗坏了")])
    assert RepairRequest.objects.get(description="灯不亮").state == State.CONFIRMED
    assert RepairRequest.objects.get(description="窗坏了").state == State.REPORTED
    assert actions.accept(RepairRequest.objects.get(description="窗坏了"), by=team.head)
