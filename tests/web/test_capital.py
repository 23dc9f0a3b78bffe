"""Amounts in capital numerals, row by row of the shared table."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from houqin.web.capital import from_capitals, in_capitals

TABLE = Path(__file__).parents[1] / "data" / "capital_amounts.csv"
with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
GOOD = [row for row in ROWS if row["expect"] == "ok"]
BAD = [row for row in ROWS if row["expect"] == "error"]


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row["amount"])
def test_an_amount_is_written_as_the_rules_say(row):
    assert in_capitals(row["amount"]) == row["capital"]
    assert in_capitals(Decimal(row["amount"])) == row["capital"]


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row["amount"])
def test_every_form_that_the_rules_allow_is_read(row):
    for form in [row["capital"], *filter(None, row["accepted_alternatives"].split("|"))]:
        assert from_capitals(form) == Decimal(row["amount"]), form
        assert from_capitals(f"人民币{form}".replace("元", "圆").replace("整", "正")) == Decimal(row["amount"])


@pytest.mark.parametrize("row", BAD, ids=lambda row: row["case"])
def test_what_is_no_amount_is_refused(row):
    with pytest.raises(ValueError):
        in_capitals(row["amount"])


@pytest.mark.parametrize(
    "amount", ["1e3", "+5", " 5", "5\n", "１２", "٣", "1.", ".5", "1_000", "Infinity", "--5", "0x10"]
)
def test_only_plain_figures_are_taken(amount):
    with pytest.raises(ValueError):
        in_capitals(amount)


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity"), Decimal("1.005"), Decimal(10**12)])
def test_decimals_are_checked_as_well(amount):
    with pytest.raises(ValueError):
        in_capitals(amount)


@pytest.mark.parametrize("amount", [0.1, 5, None, True, b"5"])
def test_other_types_are_refused_not_rounded(amount):
    with pytest.raises(TypeError):
        in_capitals(amount)


def test_an_empty_group_is_said_and_read_either_way():
    assert in_capitals("100001000") == "壹亿零壹仟元整"
    assert from_capitals("壹亿壹仟元整") == Decimal(100001000)
    assert in_capitals(Decimal("-0.00")) == "零元整"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "人民币",
        "整",
        "元整",
        "壹佰元",
        "拾元整",
        "壹佰壹元整",
        "壹元壹分",
        "零壹元整",
        "壹元零壹角整",
        "壹拾壹元零壹角整",
        "壹元壹分整",
        "壹佰佰元整",
        "壹仟万亿元整",
        "一百元整",
        "100元整",
        "壹元壹角整整",
        "零角伍分",
        "负零元整",
        "壹元\n整",
        "壹佰元整（大写）",
        "玖" * 100,
    ],
)
def test_what_is_not_written_so_is_not_read(text):
    with pytest.raises(ValueError):
        from_capitals(text)


@given(st.integers(min_value=-(10**14) + 1, max_value=10**14 - 1))
def test_what_is_written_is_read_again(cents):
    amount = Decimal(cents).scaleb(-2)
    assert from_capitals(in_capitals(amount)) == amount


def test_the_filter_writes_what_stands_under_an_amount():
    page = Template("{% load houqin %}{{ amount|capital }}")
    assert page.render(Context({"amount": Decimal("10680.00")})) == "壹万零陆佰捌拾元整"
    assert page.render(Context({"amount": None})) == "—"
