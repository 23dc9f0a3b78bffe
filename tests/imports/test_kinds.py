"""The kinds that stand in houqin.imports itself: people and places of a school."""

import pytest

from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.imports import registry
from houqin.imports.kinds.people import PEOPLE
from houqin.imports.kinds.places import PLACES
from houqin.imports.registry import ImportRow
from houqin.schools.models import Place
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db


def rows_of(kind, *values):
    """Rows as the engine parses them, from the row after the head on."""
    rows = []
    for number, given in enumerate(values, start=2):
        parsed = {column.name: None for column in kind.columns}
        for name, cell in given.items():
            parsed[name] = kind.column(name).parse(cell)
        rows.append(ImportRow(number, parsed))
    return rows


def checked(kind, rows, school, by):
    return [(error.row, error.column, error.code) for error in kind.check(rows, school=school, by=by)]


def written(kind, rows, school, by):
    assert checked(kind, rows, school, by) == []
    told = []
    count = kind.write(sorted(rows, key=kind.write_order), school=school, by=by, progress=told.append)
    assert told == list(range(1, len(rows) + 1))
    return count


def test_both_are_offered_to_the_office(school, head):
    def offered(person):
        return {kind.name for kind in registry.kinds_for(person, school)}

    assert {"schools.places", "schools.people"} <= offered(head)
    assert not {"schools.places", "schools.people"} & offered(make_person(school, "staff"))


@pytest.mark.parametrize(
    ("kind", "head_line", "column"),
    [
        (PEOPLE, "教师姓名", "display_name"),
        (PEOPLE, "联系电话", "phone"),
        (PEOPLE, "教工号", "staff_number"),
        (PEOPLE, "岗位", "role"),
        (PLACES, "地点", "name"),
        (PLACES, "代码", "code"),
        (PLACES, "所属楼", "parent"),
    ],
)
def test_chinese_heads_are_known(kind, head_line, column):
    assert head_line in kind.column(column).synonyms


def test_no_head_means_two_columns():
    for kind in (PEOPLE, PLACES):
        words = [word for column in kind.columns for word in column.synonyms]
        assert len(words) == len(set(words))


def test_places_in_any_order(school, head):
    make_place(school, name="旧楼", code="JL", kind="building")
    rows = rows_of(
        PLACES,
        {"name": "101教室", "parent": "一号楼"},
        {"name": "讲台", "parent": "一号楼101教室"},
        {"name": "一号楼", "kind": "楼", "code": "yhl"},
        {"name": "201", "parent": "JL"},
        {"name": "图书室", "code": "YHL-101"},
    )
    assert written(PLACES, rows, school, head) == 5
    places = {place.full_name: place.code for place in Place.objects.filter(school=school)}
    assert set(places) == {"旧楼", "一号楼", "一号楼101教室", "一号楼101教室讲台", "旧楼201", "图书室"}
    assert (places["一号楼"], places["旧楼201"], places["图书室"]) == ("YHL", "JL-201", "YHL-101")
    assert places["一号楼101教室"] != "YHL-101"
    assert Place.objects.get(full_name="一号楼101教室讲台").parent.full_name == "一号楼101教室"


def test_wrong_places(school, head):
    make_place(school, name="图书室", code="TSS")
    make_place(school, name="旧楼", code="JL", is_active=False)
    rows = rows_of(
        PLACES,
        {"name": "图书室"},
        {"name": "别的", "code": "tss"},
        {"name": "甲", "code": "A1"},
        {"name": "乙", "code": "a1"},
        {"name": "丙"},
        {"name": "丙"},
        {"name": "101", "parent": "没有的楼"},
        {"name": "102", "parent": "旧楼"},
        {"name": "103", "parent": "103"},
    )
    assert sorted(checked(PLACES, rows, school, head)) == [
        (2, "name", "name_taken"),
        (3, "code", "code_taken"),
        (4, "code", "code_repeated"),
        (5, "code", "code_repeated"),
        (7, "name", "name_taken"),
        (8, "parent", "parent_unknown"),
        (9, "parent", "parent_unknown"),
        (10, "parent", "parent_unknown"),
    ]


def test_places_of_another_school_are_no_parents(school, head):
    make_place(make_school(), name="一号楼", code="YHL", kind="building")
    rows = rows_of(PLACES, {"name": "101", "parent": "一号楼"})
    assert checked(PLACES, rows, school, head) == [(2, "parent", "parent_unknown")]


def test_people(school, head):
    rows = rows_of(
        PEOPLE,
        {"display_name": "李涵", "phone": 13800001111.0, "staff_number": "T-1"},
        {"display_name": "马成", "role": "水电工", "since": "2024.9.1"},
        {"display_name": "黎寒", "username": "lihan"},
    )
    assert written(PEOPLE, rows, school, head) == 3
    people = {person.display_name: person for person in User.objects.exclude(pk=head.pk)}
    assert (people["李涵"].phone, people["李涵"].username) == ("13800001111", "lihan2")
    assert people["黎寒"].username == "lihan"
    assert [(post.role, post.since.isoformat()) for post in people["马成"].memberships.all()] == [
        ("maintainer", "2024-09-01")
    ]
    assert not people["李涵"].has_usable_password()


def test_wrong_people(school, head):
    make_person(make_school(), "staff", display_name="别处的", phone="13900000001", staff_number="X1", username="taken")
    make_person(school, "staff", display_name="罗兰")
    rows = rows_of(
        PEOPLE,
        {"display_name": "甲", "phone": "139-0000-0001"},
        {"display_name": "乙", "staff_number": "x1"},
        {"display_name": "丙", "username": "Taken"},
        {"display_name": "丁", "phone": "13800002222"},
        {"display_name": "戊", "phone": "13800002222"},
        {"display_name": "罗兰"},
        {"display_name": "罗兰", "phone": "13800003333"},
        {"display_name": "己", "role": "校长"},
        {"display_name": "别处的"},
    )
    assert sorted(checked(PEOPLE, rows, school, head)) == [
        (2, "phone", "phone_taken"),
        (3, "staff_number", "number_taken"),
        (4, "username", "username_taken"),
        (5, "phone", "phone_taken"),
        (6, "phone", "phone_taken"),
        (7, "display_name", "name_known"),
        (9, "role", "leading_post"),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("phone", "not a phone", "not_a_phone"),
        ("email", "nobody", "not_an_email"),
        ("username", "has space", "not_a_username"),
        ("role", "皇帝", "not_a_choice"),
        ("since", "昨天", "not_a_date"),
    ],
)
def test_cells_are_refused(column, cell, code):
    with pytest.raises(Refused) as refused:
        PEOPLE.column(column).parse(cell)
    assert refused.value.code == code


@pytest.mark.parametrize("kind", [PEOPLE, PLACES], ids=lambda kind: kind.name)
def test_checking_costs_the_same_for_many_rows(kind, school, head, django_assert_max_num_queries):
    column = kind.columns[0].name
    rows = rows_of(kind, *({column: f"名字{n}"} for n in range(50)))
    with django_assert_max_num_queries(5):
        assert checked(kind, rows, school, head) == []
