import pytest
from django.db import connection

from houqin.schools.models import Place
from houqin.web.search import initials, matching, pinyin, search_text
from tests.schools.factories import make_place, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    return make_place(make_school(), name="大会议室", code="DHY-01")


@pytest.mark.parametrize("term", ["大会议室", "会议", "室", "dhys", "dhy-01", "DHY", "hy", "议 dhy"])
def test_a_place_is_found_by_words_initials_and_code(hall, term):
    assert list(Place.objects.filter(matching(term))) == [hall]


@pytest.mark.parametrize("term", ["会室", "操场", "zz", "会议 操场", "%", "_", "大会议室x"])
def test_what_does_not_stand_there_is_not_found(hall, term):
    assert not Place.objects.filter(matching(term)).exists()


def test_pieces_alone_do_not_decide(hall):
    # 议大 are pieces of no neighbouring characters; every piece of 大议 must also stand together in the text
    assert not Place.objects.filter(matching("大议")).exists()


def test_pieces_are_single_characters_and_pairs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT houqin_pieces('AB 丙')")
        assert sorted(cursor.fetchone()[0]) == ["a", "ab", "b", "丙"]


def test_no_more_than_five_words_are_asked():
    assert len(matching("a b c d e f g h").children) == 5 * 2


def test_initials_and_pinyin():
    assert initials("课桌椅") == "kzy"
    assert pinyin("黄竹林") == "huangzhulin"
    assert pinyin("A 楼") == "alou"


def test_search_text_is_lower_case_and_without_repetition():
    assert search_text("Door", "door", None, "", phonetic=("门",)) == "door m"
