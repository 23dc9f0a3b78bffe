"""Journals as other offices keep them are understood; a wrong line is named, and nothing after it."""

import csv
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from finance.journals.columns import WORDS, Day, amount, number
from finance.journals.columns import day as read_day
from finance.journals.imports import JOURNAL
from houqin.imports.columns import match_columns, titles
from tests.finance.journal_factories import (
    CLOSING,
    CREDIT,
    DEBIT,
    ENTRIES,
    FROM_CENTRAL,
    GOODS,
    HEAD,
    OPENING,
    PAPER,
    TWIN,
    WRONG_ROWS,
    entered,
    examined,
    of_file,
    small,
    wrong,
)
from tests.finance.ledger_factories import Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office(year=2024)


def test_dates_and_numbers_in_one_column_and_other_names_are_recognised(office):
    head = ["日期", "凭证号", "摘要", "对方科目", "借方金额", "贷方金额", "方向", "结余"]
    lines = [
        [None, None, "期初余额", None, None, None, "借", "100.00"],
        ["2024.1.3", "付-001", "购粉笔", GOODS, None, "30.00", "借", "70.00"],
        [date(2024, 1, 4), "收字第001号", "提备用金", FROM_CENTRAL, "1,200.00", "-", "借", "1,270.00"],
        ["2024年1月4日", "付-002", "打印纸", GOODS, None, 270, "借", 1000],
        [None, None, "本日合计", None, 1200, 270, "借", 1000],
    ]
    found = examined([head, *lines], office)
    assert found.errors == []
    batch = entered(found, office)
    assert (batch.year, batch.opening, batch.closing, batch.entries) == (2024, 100, 1000, 3)
    assert list(batch.rows.values_list("word", "number")) == [("payment", 1), ("receipt", 1), ("payment", 2)]


def as_other_offices_keep_it(path):
    """The same journal in another layout: whole dates, word and number in one cell, other heads, another order."""
    lines = [[None] * 3 + ["现金日记账"], ["单位：黄竹林学校", "2024年度"]]
    lines.append(["凭证字号", "日期", "摘要", "会计科目", "借方金额", "贷方金额", "余额方向", "结余金额"])
    heads = 3
    for at, row in enumerate(openpyxl.load_workbook(path).active.iter_rows(values_only=True), start=1):
        month, day, word, number, summary, counter, debit, credit, side, balance = row
        if at > heads:
            on = date(2024, month, day) if month else None
            lines.append([f"{word}-{number:03}" if word else None, on, summary, counter, debit, credit, side, balance])
    return lines


def workbook(lines, path):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    book.save(path)
    return path


def test_the_paper_of_2024_is_the_same_in_another_layout(office, tmp_path):
    found = of_file(workbook(as_other_offices_keep_it(PAPER), tmp_path / "日记账.xlsx"), office)
    assert found.errors == []
    batch = entered(found, office)
    assert (batch.opening, batch.debit, batch.credit, batch.closing) == (OPENING, DEBIT, CREDIT, CLOSING)
    assert (batch.year, batch.entries, batch.totals.count()) == (2024, ENTRIES, 39)
    # so it is the same journal, which comes in once
    assert [error.code for error in of_file(PAPER, office).errors] == ["journal_twice"]


def test_heads_in_two_rows_are_read_as_in_the_bound_book(office, tmp_path):
    rows = list(openpyxl.load_workbook(PAPER).active.iter_rows(min_row=4, values_only=True))
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["现金日记账"])
    sheet.append(["2024年", None, "凭证", None, "摘要", "对方科目", "收入", "支出", "借或贷", "余额"])
    sheet.append(["月", "日", "字", "号"])
    for area in ("A2:B2", "C2:D2", "E2:E3"):
        sheet.merge_cells(area)
    for row in rows:
        sheet.append(row)
    path = tmp_path / "two_rows.xlsx"
    book.save(path)
    found = of_file(path, office)
    assert found.errors == []
    batch = entered(found, office)
    assert (batch.entries, batch.closing) == (ENTRIES, CLOSING)


def test_the_twin_is_refused_with_the_same_rows_in_another_layout(office, tmp_path):
    found = of_file(workbook(as_other_offices_keep_it(TWIN), tmp_path / "日记账.xlsx"), office)
    assert {error.row: error.code for error in found.errors} == WRONG_ROWS
    assert len(found.errors) == len(WRONG_ROWS)


def test_a_journal_comes_as_csv_too(office, tmp_path):
    path = tmp_path / "日记账.csv"
    with path.open("w", encoding="gbk", newline="") as file:
        writer = csv.writer(file)
        for line in as_other_offices_keep_it(PAPER):
            writer.writerow(["" if cell is None else cell for cell in line])
    found = of_file(path, office)
    assert found.errors == []
    assert entered(found, office).closing == CLOSING


@pytest.mark.parametrize(
    "cell", ["付-012", "付字第12号", "付 12", "现付012", "付12", "付字12", "付款-12", "付—012", "付–12", "付－12"]
)
def test_word_and_number_in_one_cell(cell):
    read = number(cell)
    assert (WORDS[read.word], read.number) == ("payment", 12)


@pytest.mark.parametrize(
    ("cell", "read"),
    [("−12.50", "-12.5"), ("－12.50", "-12.5"), ("¥12.50元", "12.5"), ("—", 0), ("1,234.50", "1234.5")],
)
def test_amounts_as_offices_write_them(cell, read):
    assert amount(cell) == Decimal(read)


@pytest.mark.parametrize(
    "heads",
    [
        ("日 期", "凭证 字号", "摘　要", "对方科目名称", "借方金额（元）", "贷方金额（元）", "余 额"),
        ("记账日期", "记账凭证号", "业务内容", "科目名称", "收 入", "付 出", "结 余"),
    ],
)
def test_heads_as_offices_word_them(heads):
    found = match_columns(titles(heads), JOURNAL)
    names = ("date", "number", "summary", "counter", "debit", "credit", "balance")
    assert found == {name: place for place, name in enumerate(names)}


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-01-03", Day(1, 3, 2024)),
        ("2024.1.3", Day(1, 3, 2024)),
        ("20240103", Day(1, 3, 2024)),
        (date(2024, 1, 3), Day(1, 3, 2024)),
        ("1月3日", Day(1, 3)),
        ("1-3", Day(1, 3)),
        ("〃", None),
    ],
)
def test_dates_as_offices_write_them(cell, day):
    assert read_day(cell) == day


def test_several_mistakes_are_named_each_once_and_what_follows_goes_on_from_the_paper(office):
    lines = small(
        [2, 1, "付", 5, "水费", GOODS, None, 5, "借", 195],
        [2, 2, "付", 6, "电费", GOODS, None, 5, "借", 180],
        [2, 3, "付", 7, "邮费", GOODS, None, 5, "借", 175],
        [None, None, None, None, "本月合计", None, 0, 90, "借", 175],
        [3, 1, "付", 1, "水费", GOODS, None, "5.005", "借", 169.99],
        [3, 2, "付", 2, "电费", GOODS, None, 10, "借", 159.99],
    )
    assert wrong(lines, office) == [
        (7, "number_gap"),
        (8, "balance_differs"),
        (10, "total_differs"),
        (11, "too_precise"),
    ]


def test_a_day_is_written_once_for_its_lines_and_the_balance_once_a_day(office):
    lines = small(
        [None, None, "付", 2, "水费", GOODS, None, 50, None, None],
        ["〃", "〃", "付", 3, "电费", GOODS, None, 50, "借", 100],
    )
    found = examined([HEAD, *lines], office)
    assert found.errors == []
    assert list(entered(found, office).rows.values_list("month", "day", "balance"))[-1] == (2, 1, 100)


def test_a_journal_that_begins_with_a_carried_line_has_its_balance_from_there(office):
    lines = [
        [None, None, None, None, "承前页", None, 500, 400, "借", 100],
        [3, 5, "付", 7, "购粉笔", GOODS, None, 30, "借", 70],
        [None, None, None, None, "本月合计", None, 500, 430, "借", 70],
    ]
    assert wrong(lines, office) == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ([2, 1, "付", 3, "水费", GOODS, None, 5, "借", 195], "number_gap"),
        ([2, 1, "付", 2, "水费", GOODS, None, 5, "借", 196], "balance_differs"),
        ([2, 1, "付", 2, "水费", GOODS, None, 205, "贷", 5], "negative_money"),
        ([2, 1, "付", 2, "水费", GOODS, None, "五元", "借", 195], "not_a_number"),
        ([2, 1, "付", 2, "水费", None, None, 5, "借", 195], "counter_missing"),
        ([2, 1, "付", None, "水费", GOODS, None, 5, "借", 195], "number_missing"),
        ([2, 1, "支", 2, "水费", GOODS, None, 5, "借", 195], "word_unknown"),
        ([2, 31, "付", 2, "水费", GOODS, None, 5, "借", 195], "date_missing"),
        ([2, 1, "付", 2, "水费", GOODS, None, None, "借", 200], "no_amount"),
        ([None, None, None, None, "本月合计", None, 0, 71, "借", 200], "total_differs"),
        ([None, None, None, None, "本年累计", None, 200, 30, "借", 200], "total_differs"),
        ([None, None, None, None, "过次页", None, 3, 3, "借", 200], "total_differs"),
        ([None, None, None, None, "结转下年", None, 0, 0, "借", 201], "balance_differs"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_after_it(office, line, code):
    assert wrong(small(line), office) == [(7, code)]
