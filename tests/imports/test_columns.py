import pytest

from houqin.imports.columns import find_header, is_note, is_total, letter, match_columns
from houqin.imports.reader import Sheet
from tests.imports.factories import HEAD, KIND


def sheet(*rows):
    return Sheet("清册", len(rows), max(map(len, rows)), list(map(list, rows)))


def test_titles_and_synonyms_are_recognised_in_any_order():
    heads = ["序号", "取得日期 ", "单价（元）", "*物品名称", "代 码", "备注"]
    assert match_columns(heads, KIND) == {"name": 3, "code": 4, "price": 2, "day": 1}


def test_a_whole_title_goes_before_one_without_brackets():
    assert match_columns(["编号(旧)", "编号", "名称"], KIND)["code"] == 1


def test_a_column_of_the_file_serves_once():
    assert match_columns(["名称", "名称", "物品"], KIND) == {"name": 0}


def test_english_and_field_names_are_understood():
    assert match_columns(["name", "code", "QUANTITY"], KIND) == {"name": 0, "code": 1, "quantity": 2}


def test_the_header_is_found_below_titles():
    found = sheet(["某某学校清册"], ["单位：某某学校", None, "日期"], HEAD, ["课桌", "A1"])
    assert find_header(found, KIND) == (3, 5)


def test_without_known_titles_the_first_row_with_several_texts_is_taken():
    assert find_header(sheet(["一张表"], ["甲", "乙"], ["1", "2"]), KIND) == (2, 0)
    assert find_header(sheet([1, 2], [3, 4]), KIND) == (1, 0)


@pytest.mark.parametrize("word", ["合计", "小 计", "总计：", "本页合计", "Total", "subtotal"])
def test_sums_are_no_rows(word):
    assert is_total([None, word, None, 12.0])


def test_ordinary_rows_are_rows():
    assert not is_total(["合计器", "A1"])
    assert not is_note(["备注：旧", "A1"], [0, 1])
    assert not is_note(["课桌：旧"], [0])


def test_remarks_under_the_table_are_no_rows():
    assert is_note(["制表人：张三", None, None, "审核：李四"], [0, 1])


def test_letters_are_those_of_the_spreadsheet():
    assert [letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
