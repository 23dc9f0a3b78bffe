import csv
import zipfile
from decimal import Decimal

import openpyxl
import pypdf
import pytest
from django.db import connection
from django.db.models import Value
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from python_calamine import CalamineWorkbook

from houqin.exports.registry import Column
from houqin.exports.writers import xlsx_writer
from houqin.exports.writers.pdf_layout import CharacterWidths, lines_of
from houqin.schools.models import Place
from tests.exports.factories import AMOUNT, write
from tests.schools.factories import make_place, make_school

pytestmark = pytest.mark.django_db

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "  =1+1",
    "\u3000＋1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x")',
]
TEXT_TYPES = ("text", "choice")


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def sheet(path, **options):
    return openpyxl.load_workbook(path, **options).worksheets[0]


def pdf_text(path):
    return "\n".join(page_text(page) for page in pypdf.PdfReader(path).pages)


def page_text(page):
    # pypdf reads the two-byte codes of fpdf2's fonts as two characters each
    return page.extract_text().replace("\x00", "")


@pytest.fixture
def rows():
    school = make_school(name="黄竹林学校甲")
    make_place(school, code="A1", name="101教室", kind="room")
    make_place(school, code="A2", name="操场", kind="ground", is_active=False)
    return Place.objects.order_by("code")


def test_csv_holds_values_as_people_read_them(tmp_path, rows):
    path = tmp_path / "out.csv"
    assert write("csv", path, rows) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    head, first, second, total = read_csv(path)
    assert head[:3] == ["编号", "名称", "学校"]
    assert first == [
        "A1", "101教室", "黄竹林学校甲", str(Place.Kind.ROOM.label), first[4],
        "-1234.50", "7", "0.125", "2026-09-01", "2026-09-16 00:12:30",
    ]  # fmt: skip
    assert first[4] != second[4]
    assert total[5] == "-2469.00"
    assert total[0]


def test_xlsx_holds_real_numbers_and_dates(tmp_path, rows):
    path = tmp_path / "out.xlsx"
    assert write("xlsx", path, rows) == 2
    head, first, _second, total = list(sheet(path).iter_rows(values_only=True))
    assert head[:3] == ("编号", "名称", "学校")
    assert first[5:8] == (float(AMOUNT), 7, 0.125)
    assert [moment.isoformat() for moment in first[8:]] == ["2026-09-01T00:00:00", "2026-09-16T00:12:30"]
    assert total[5] == -2469
    values = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert values[1][5:8] == [-1234.5, 7.0, 0.125]
    assert [moment.isoformat() for moment in values[1][8:]] == ["2026-09-01", "2026-09-16T00:12:30"]


def test_pdf_holds_amounts_with_separators_and_local_time(tmp_path, rows):
    path = tmp_path / "out.pdf"
    assert write("pdf", path, rows) == 2
    text = pdf_text(path)
    for part in ("地点一览", "黄竹林学校", "101教室", "-1,234.50", "2026-09-16 00:12", "2026-09-16 08:00"):
        assert part in text


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
def test_labels_follow_the_language(tmp_path, rows, format):
    columns = [Column("在用", "is_active", "boolean")]
    path = tmp_path / f"out.{format}"
    with translation.override("en"):
        write(format, path, rows, columns=columns)
    text = {
        "csv": lambda: path.read_text(),
        "xlsx": lambda: str(list(sheet(path).values)),
        "pdf": lambda: pdf_text(path),
    }[format]()
    assert "yes" in text
    assert "no" in text


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("kind", TEXT_TYPES)
def test_csv_text_cannot_become_a_formula(tmp_path, rows, formula, kind):
    path = tmp_path / "out.csv"
    write("csv", path, rows, columns=[Column(formula, Value(formula), kind) for _ in range(3)])
    head, first, *_rest = read_csv(path)
    assert {cell[:1] for cell in head + first} == {"'"}
    assert {cell[1:] for cell in head + first} == {formula}


def test_csv_labels_cannot_become_formulas(tmp_path, rows):
    path = tmp_path / "out.csv"
    write("csv", path, rows, columns=[Column("种类", "kind", "choice", choices=[("room", "=1+1")])])
    assert read_csv(path)[1] == ["'=1+1"]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("kind", TEXT_TYPES)
def test_xlsx_text_cannot_become_a_formula(tmp_path, rows, formula, kind):
    path = tmp_path / "out.xlsx"
    write("xlsx", path, rows, columns=[Column(formula, Value(formula), kind) for _ in range(3)])
    book = openpyxl.load_workbook(path)
    cells = [cell for row in book.worksheets[0].iter_rows(max_row=3) for cell in row]
    assert len(cells) == 9
    for cell in cells:
        assert cell.data_type != "f"
        assert cell.quotePrefix
        assert cell.value.replace("\r\n", "\n") == formula
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    values = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert [len(row) for row in values] == [3, 3, 3]
    assert openpyxl.load_workbook(path, data_only=True).worksheets[0]["A2"].value == cells[3].value


def test_pdf_shows_formulas_as_text(tmp_path, rows):
    path = tmp_path / "out.pdf"
    write("pdf", path, rows, title="=1+1", columns=[Column(formula, Value(formula)) for formula in FORMULAS])
    text = "".join(pdf_text(path).split())
    for formula in FORMULAS:
        assert text.count("".join(formula.split())) >= 3


def test_xlsx_title_cannot_harm_the_workbook(tmp_path, rows):
    path = tmp_path / "out.xlsx"
    write("xlsx", path, rows, title="=A1 'x' [y]: 2024 & <年>/月")
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == 2
    assert "2024 && <年>/月" in book.worksheets[0].oddHeader.center.text
    about = book.worksheets[1]["A1"]
    assert (about.data_type, about.value) == ("s", "=A1 'x' [y]: 2024 & <年>/月")


def test_xlsx_has_frozen_head_widths_filter_and_print_setup(tmp_path, rows):
    path = tmp_path / "out.xlsx"
    write("xlsx", path, rows)
    ws = sheet(path)
    assert ws.freeze_panes == "A2"
    assert ws["A1"].font.b
    assert ws.column_dimensions["B"].width == 32
    assert ws.auto_filter.ref == "A1:J4"
    assert ws.print_title_rows == "$1:$1"
    assert ws.page_setup.orientation == "landscape"
    assert int(ws.page_setup.paperSize) == 9
    assert ws.sheet_properties.pageSetUpPr.fitToPage
    assert ws.page_setup.fitToHeight == 0
    assert ws["F2"].number_format.startswith("#,##0.00")
    assert ws["I2"].number_format == "yyyy-mm-dd"
    assert ws["A2"].number_format == "@"


def test_xlsx_says_as_of_when(tmp_path, rows):
    path = tmp_path / "out.xlsx"
    write("xlsx", path, rows)
    book = openpyxl.load_workbook(path)
    about = {row[0]: row[1] for row in book.worksheets[1].iter_rows(min_row=2, max_col=2, values_only=True)}
    assert "2026-09-16 08:00" in about.values()
    assert "黄竹林学校" in about.values()
    assert "2026-09-16 08:00" in book.worksheets[0].oddHeader.right.text


def test_xlsx_drops_what_xml_cannot_hold(tmp_path, rows):
    Place.objects.filter(code="A1").update(full_name="门\x01\x08\x1f<锁>&\"'\ufffe坏了  ")
    path = tmp_path / "out.xlsx"
    write("xlsx", path, rows)
    assert sheet(path)["B2"].value == "门<锁>&\"'坏了  "
    assert CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1][1] == "门<锁>&\"'坏了  "


def test_xlsx_cuts_cells_that_excel_would_refuse(tmp_path, rows):
    path = tmp_path / "out.xlsx"
    write("xlsx", path, rows, columns=[Column("长", Value("字" * 40_000))])
    assert len(sheet(path)["A2"].value) == 32_767


def test_xlsx_goes_on_on_further_sheets(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_writer, "MAX_ROWS", 3)
    school = make_school()
    for n in range(5):
        make_place(school, code=f"P{n}")
    path = tmp_path / "out.xlsx"
    write("xlsx", path, Place.objects.order_by("code"), columns=[Column("编号", "code")])
    book = openpyxl.load_workbook(path)
    codes = [[row[0] for row in ws.iter_rows(min_row=2, values_only=True)] for ws in book.worksheets[:-1]]
    assert codes == [["P0", "P1"], ["P2", "P3"], ["P4"]]
    assert len(set(book.sheetnames)) == 4


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
@pytest.mark.parametrize("empty", ["none", "filter"])
def test_nothing_to_export_gives_the_head_alone(tmp_path, format, empty):
    rows = Place.objects.none() if empty == "none" else Place.objects.filter(code="nowhere")
    path = tmp_path / f"out.{format}"
    assert write(format, path, rows, columns=[Column("编号", "code"), Column("名称", "name")]) == 0
    if format == "csv":
        assert read_csv(path) == [["编号", "名称"]]
    elif format == "xlsx":
        assert list(sheet(path).values) == [("编号", "名称")]
    else:
        assert "编号" in pdf_text(path)


def test_pdf_repeats_the_head_and_counts_its_pages(tmp_path):
    school = make_school()
    for n in range(60):
        make_place(school, code=f"P{n:03}")
    path = tmp_path / "out.pdf"
    with translation.override("en"):
        write("pdf", path, Place.objects.order_by("code"))
    pages = pypdf.PdfReader(path).pages
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        text = page_text(page)
        assert "编号" in text
        assert f"Page {number} of 3" in text
        assert page.mediabox.width > page.mediabox.height


def test_pdf_breaks_long_text_and_keeps_all_of_it(tmp_path, rows):
    text = "三号教学楼东侧楼梯间的扶手松动，学生上下楼有危险，请尽快加固并检查其余楼层。" * 2
    Place.objects.filter(code="A1").update(full_name=text)
    path = tmp_path / "out.pdf"
    write("pdf", path, rows)
    assert text in pdf_text(path).replace("\n", "")


def test_lines_keep_words_whole_and_marks_off_the_start():
    widths = CharacterWidths(lambda character: 1.0 if character.isascii() else 2.0)
    assert lines_of("门锁坏了，关不上", 8, widths) == ["门锁坏", "了，关不", "上"]
    assert lines_of("见 BX-2609-0142 号", 12, widths) == ["见", "BX-2609-0142", "号"]
    assert lines_of("一\n二", 8, widths) == ["一", "二"]
    assert lines_of("x" * 200, 10, widths)[-1].endswith("…")


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
def test_the_number_of_queries_does_not_grow_with_rows(tmp_path, format):
    school = make_school()
    counts = []
    for wanted in (1, 50):
        while Place.objects.count() < wanted:
            make_place(school)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            write(format, tmp_path / f"out{wanted}", Place.objects.order_by("code"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_decimals_survive(tmp_path, rows):
    path = tmp_path / "out.csv"
    write("csv", path, rows)
    assert Decimal(read_csv(path)[1][5]) == AMOUNT
