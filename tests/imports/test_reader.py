import io
import random
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from houqin.errors import Refused
from houqin.imports import reader
from houqin.imports.reader import BrokenCell, rows_of, survey
from tests.imports.factories import HEAD, ROWS, csv_text, workbook


def code_of(content):
    with pytest.raises(Refused) as caught:
        survey(content)
    assert caught.value.sentence
    return caught.value.code


def repacked(content, **changes):
    """A workbook with some parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name.rpartition("/")[2].partition(".")[0], old.read(name)))
    return out.getvalue()


def test_a_workbook_is_surveyed():
    (sheet,) = survey(workbook(above=[["清册"]]))
    assert (sheet.name, sheet.rows, sheet.columns) == ("清册", 5, 5)
    assert sheet.head[0] == ["清册"]
    assert sheet.head[1] == HEAD
    assert sheet.head[2] == ["课桌", "A1", 10, 120.5, date(2024, 9, 1)]


def test_rows_keep_the_numbers_of_the_spreadsheet():
    rows = rows_of(workbook(above=[[], []]), "清册", max_rows=100)
    assert rows[:2] == [[], []]
    assert rows[2] == HEAD


def test_moments_and_numbers_come_as_they_are():
    (sheet,) = survey(workbook([[datetime(2024, 9, 1, 8, 30), 0.1, 12345678901.0, True]]))  # noqa: DTZ001
    assert sheet.head[1] == [datetime(2024, 9, 1, 8, 30), 0.1, 12345678901, True]  # noqa: DTZ001


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_csv_is_read_in_the_encodings_of_offices(encoding):
    (sheet,) = survey(csv_text().encode(encoding))
    assert sheet.head[0] == HEAD
    assert sheet.head[1][0] == "课桌"


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_separators_are_found(separator):
    (sheet,) = survey(f"名称{separator}编号\n课桌{separator}A1\n".encode())
    assert sheet.head == [["名称", "编号"], ["课桌", "A1"]]


def test_the_name_of_a_file_does_not_matter():
    assert survey(csv_text().encode())[0].name == "CSV"


def test_failed_and_uncalculated_formulas_are_seen():
    book = openpyxl.Workbook()
    table = book.active
    table.append(["课桌", "=1+1", "x"])
    table.append(["椅子"])
    table["B2"].value = "#N/A"
    table["B2"].data_type = "e"
    out = io.BytesIO()
    book.save(out)
    rows = rows_of(out.getvalue(), table.title, max_rows=10)
    assert rows == [["课桌", BrokenCell("=1+1"), "x"], ["椅子", BrokenCell("#N/A")]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04", "workbook_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "workbook_unreadable"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "workbook_locked",
        ),
        (b"<html><table><tr><td>1</td></tr></table></html>", "workbook_is_a_page"),
        (b"\xff\xff\xff\xff\x00", "workbook_unreadable"),
        (b"\n\n  ,\n", "workbook_empty"),
        (("a," * 300 + "\n").encode(), "workbook_empty"),
        (("a,b" * 300 + "\n").encode(), "too_many_columns"),
        (("a,b\n" + "字" * 6000).encode(), "cell_too_long"),
        (workbook([], head=[]), "workbook_empty"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(content, code):
    if code == "workbook_empty" and content.startswith(b"a,"):
        content = content.replace(b"a", b"")
    assert code_of(content) == code


def test_a_bomb_is_not_unpacked():
    bomb = repacked(workbook(), sheet1=b"<worksheet>" + b" " * 450_000_000 + b"</worksheet>")
    assert len(bomb) < 1_000_000
    assert code_of(bomb) == "workbook_too_large"


def test_a_sheet_of_huge_dimensions_is_given_up():
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        "</sheetData></worksheet>"
    )
    assert code_of(repacked(workbook(), sheet1=xml)) in ("workbook_too_large", "file_too_hard")


def test_too_many_rows_are_refused():
    with pytest.raises(Refused) as caught:
        rows_of(workbook(ROWS * 5), "清册", max_rows=10)
    assert caught.value.code == "too_many_rows"


def test_a_sheet_that_is_not_there_is_refused():
    with pytest.raises(Refused) as caught:
        rows_of(workbook(), "没有", max_rows=10)
    assert caught.value.code == "sheet_missing"


def malformed(seed):
    """A table spoilt in one of the ways that the world knows, always the same for one seed."""
    chance = random.Random(seed)
    good = bytearray(workbook(above=[["清册"]]) if chance.random() < 0.8 else csv_text().encode("gb18030"))
    way = chance.randrange(6)
    if way == 0:
        return bytes(good[: chance.randrange(1, len(good))])
    if way == 1:
        for _ in range(chance.randint(1, 30)):
            good[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        return bytes(good)
    if way == 2:
        return chance.randbytes(chance.randint(1, 3000))
    if way == 3:
        return b"PK\x03\x04" + chance.randbytes(chance.randint(1, 3000))
    if way == 4:
        part = chance.choice(["sheet1", "workbook", "sharedStrings", "styles"])
        xml = chance.choice(
            [b"", b"<a>", b"<worksheet", b"\xff\xfe", b'<?xml version="1.0"?><b/>', chance.randbytes(99)]
        )
        return repacked(workbook(), **{part: xml})
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + chance.randbytes(chance.randint(1, 5000))


@pytest.mark.parametrize("start", range(0, 240, 40))
def test_hundreds_of_malformed_workbooks_are_answered_in_words(start):
    refused = 0
    for seed in range(start, start + 40):
        try:
            survey(malformed(seed))
        except Refused as refusal:
            refused += 1
            assert refusal.code in {"file_too_hard", *reader._SENTENCES}, seed
            assert refusal.sentence
    assert refused > 20
