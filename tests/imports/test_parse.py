from datetime import date, datetime
from decimal import Decimal

import pytest

from houqin.errors import Refused
from houqin.imports.parse import (
    parse_choice,
    parse_date,
    parse_decimal,
    parse_integer,
    parse_money,
    parse_text,
    parse_yes_no,
)


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (parse_text, "  课桌\n椅 ", "课桌 椅"),
        (parse_text, 13800001234.0, "13800001234"),
        (parse_text, 1.5, "1.5"),
        (parse_text, date(2024, 9, 1), "2024-09-01"),
        (parse_integer, 3.0, 3),
        (parse_integer, "1,234", 1234),
        (parse_integer, "３", 3),
        (parse_money, 120.5, Decimal("120.50")),
        (parse_money, 0.1 + 0.2, Decimal("0.30")),
        (parse_money, "¥1,234.50", Decimal("1234.50")),
        (parse_money, "￥12元", Decimal("12.00")),
        (parse_money, 9999999999.99, Decimal("9999999999.99")),
        (parse_decimal, ".5", Decimal("0.50")),
        (parse_date, "2024.9.1", date(2024, 9, 1)),
        (parse_date, "2024-09-01", date(2024, 9, 1)),
        (parse_date, "2024/9/1", date(2024, 9, 1)),
        (parse_date, "2024年9月1日", date(2024, 9, 1)),
        (parse_date, "20240901", date(2024, 9, 1)),
        (parse_date, 20240901.0, date(2024, 9, 1)),
        (parse_date, datetime(2024, 9, 1, 8, 30), date(2024, 9, 1)),  # noqa: DTZ001  a cell has no zone
        (parse_yes_no, "是", True),
        (parse_yes_no, "√", True),
        (parse_yes_no, "否", False),
        (parse_yes_no, True, True),
        (parse_yes_no, 0.0, False),
    ],
)
def test_what_offices_write_is_understood(parse, cell, value):
    assert parse(cell) == value


@pytest.mark.parametrize(
    ("parse", "cell", "code"),
    [
        (parse_text, "长" * 201, "too_long"),
        (parse_text, 6.2009679406836e18, "not_exact"),
        (parse_text, "a\x07b", "control_characters"),
        (parse_integer, 1.5, "not_whole"),
        (parse_integer, -1, "too_small"),
        (parse_integer, "三", "not_a_number"),
        (parse_integer, 10**12, "too_large"),
        (parse_money, 1.005, "not_exact"),
        (parse_money, -1, "too_small"),
        (parse_money, "1.2.3", "not_a_number"),
        (parse_money, "1e5", "not_a_number"),
        (parse_money, float("nan"), "not_a_number"),
        (parse_money, 1e300, "not_exact"),
        (parse_money, True, "not_a_number"),
        (parse_money, date(2024, 1, 1), "not_a_number"),
        (parse_money, "9" * 40, "not_a_number"),
        (parse_date, "2024.13.1", "not_a_date"),
        (parse_date, "2024-02-30", "not_a_date"),
        (parse_date, "去年", "not_a_date"),
        (parse_date, 45000.0, "not_a_date"),
        (parse_date, "1024-01-01", "too_early"),
        (parse_yes_no, "也许", "not_yes_no"),
    ],
)
def test_what_is_not_exact_or_not_clear_is_refused(parse, cell, code):
    with pytest.raises(Refused) as caught:
        parse(cell)
    assert caught.value.code == code
    assert caught.value.sentence


def test_days_after_the_last_one_are_refused():
    with pytest.raises(Refused) as caught:
        parse_date("2030-01-01", latest=date(2026, 1, 1))
    assert caught.value.code == "too_late"


def test_choices_are_found_by_label_value_and_synonym():
    choices = [("room", "房间"), ("ground", "场地")]
    assert parse_choice(" 房 间 ", choices=choices) == "room"
    assert parse_choice("GROUND", choices=choices) == "ground"
    assert parse_choice("操场", choices=choices, synonyms={"操场": "ground"}) == "ground"
    with pytest.raises(Refused) as caught:
        parse_choice("海", choices=choices)
    assert caught.value.code == "not_a_choice"
    assert "房间、场地" in caught.value.sentence
