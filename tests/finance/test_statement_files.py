"""Statements as pages and as files: screen, Excel, CSV and PDF agree to the fen; the sums are formulas."""

import re
from decimal import Decimal
from unittest.mock import Mock

import openpyxl
import pytest
from django.http import QueryDict
from django.utils import timezone
from pypdf import PdfReader

from finance.books.sheets import Bundle, Col, Form, Sheet
from finance.books.writers.pdf_books import write_pdf
from finance.statements import papers
from finance.statements.papers import PAPERS
from houqin.exports import actions
from houqin.exports.progress import Progress
from houqin.schools.middleware import ALL, SESSION_KEY
from tests.finance.statement_factories import Schools
from tests.finance.test_book_exports import csv_rows, money, page_text, sheet_rows, written

pytestmark = pytest.mark.django_db
CELL = re.compile(r'<td class="num[^"]*"[^>]*>(-?[\d,]+\.\d\d)<')
FIGURE = re.compile(r"-?\d[\d,]*\.\d\d")
MONTH, YEAR = "year=2026&from=3&to=3", "year=2026&from=1&to=12"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """Keep the files of each test apart."""
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def schools():
    """A campus, its canteen, its central school."""
    return Schools()


def export(by, school, kind, form, query):
    """The path of a finished export."""
    job = actions.start(f"finance.statement_{kind}", by=by, school=school, format=form, params=QueryDict(query))
    done = actions.run(job)
    assert done.state == "done", done.error
    return done.path


@pytest.mark.parametrize("kind", list(PAPERS))
def test_a_statement_is_the_same_on_screen_and_in_every_file(client, schools, kind):
    client.force_login(schools.principal)
    for span, page in ((MONTH, "year=2026&month=3"), (YEAR, YEAR)):
        query = f"ledger={schools.main.pk}&{span}"
        xlsx = sheet_rows(export(schools.principal, schools.campus, kind, "xlsx", query))
        plain = csv_rows(export(schools.principal, schools.campus, kind, "csv", query))
        pdf = PdfReader(export(schools.principal, schools.campus, kind, "pdf", query)).pages
        screen = client.get(f"/statements/of/{schools.main.pk}/{kind}/?{page}").content.decode()
        expected = written(cell for row in xlsx for cell in row if isinstance(cell, float))
        assert len(expected) >= 6
        assert written(cell for row in plain for cell in row if FIGURE.fullmatch(cell)) == expected
        assert written(CELL.findall(screen)) == expected
        assert len(pdf) == 1
        text = page_text(pdf[0])
        assert written(FIGURE.findall(text)) == expected
        assert PAPERS[kind].form in text and str(schools.main) in text


@pytest.mark.parametrize("kind", list(PAPERS))
def test_all_schools_are_the_same_on_screen_and_in_every_file(client, schools, kind):
    client.force_login(schools.chief)
    session = client.session
    session[SESSION_KEY] = ALL
    session.save()
    query = f"schools=all&{MONTH}"
    book = export(schools.chief, schools.central, kind, "xlsx", query)
    assert len(openpyxl.load_workbook(book).worksheets) == 4
    sheets = [sheet_rows(book, number) for number in (1, 2, 3)]
    expected = [written(cell for row in rows for cell in row if isinstance(cell, float)) for rows in sheets]
    screen = client.get(f"/statements/schools/{kind}/?year=2026&month=3").content.decode()
    assert written(CELL.findall(screen)) == expected[0] != []
    every = sorted(amount for part in expected for amount in part)
    pdf = PdfReader(export(schools.chief, None, kind, "pdf", query)).pages
    assert written(figure for page in pdf for figure in FIGURE.findall(page_text(page))) == every
    with export(schools.chief, None, kind, "csv", query).open(encoding="utf-8-sig") as file:
        lines = [line for line in file if "20" not in line[:4]]
    amounts = [cell for line in lines for cell in line.rstrip("\n").split(",") if FIGURE.fullmatch(cell)]
    assert written(amounts) == every


@pytest.mark.parametrize("kind", list(PAPERS))
@pytest.mark.parametrize("whose", ["own", "all"])
def test_every_formula_gives_the_figure_beside_it(schools, kind, whose):
    query = f"ledger={schools.main.pk}&{MONTH}" if whose == "own" else f"schools=all&{MONTH}"
    path = export(schools.chief, schools.campus if whose == "own" else None, kind, "xlsx", query)
    formulas = openpyxl.load_workbook(path).worksheets[1]
    values = openpyxl.load_workbook(path, data_only=True).worksheets[1]
    count = 0
    for row in formulas.iter_rows(min_row=4):
        for cell in row:
            if not str(cell.value).startswith("="):
                continue
            count += 1
            assert re.fullmatch(r"=-?[A-Z]+\d+([+-][A-Z]+\d+)*", cell.value), cell.value
            parts = re.findall(r"([+-]?)([A-Z]+\d+)", cell.value[1:])
            made = sum((Decimal(f"{sign}1") * money(values[place].value) for sign, place in parts), Decimal())
            assert made == money(values[cell.coordinate].value), cell.coordinate
    sums = sum(1 for row in PAPERS[kind].rows if row.is_sum)
    assert count >= sums * (2 if kind == "balance" else 1)


def test_the_form_has_its_rows_and_numbers(schools):
    rows = sheet_rows(export(schools.principal, schools.campus, "balance", "xlsx", f"ledger={schools.main.pk}&{MONTH}"))
    for at, side in ((0, papers.LEFT), (4, papers.RIGHT)):
        shipped = [(row.name, row.number) for row in PAPERS["balance"].side(side)]
        found = [(row[at].strip(), row[at + 1]) for row in rows if row[at] and row[at].strip()]
        # What follows on the left are notes.
        assert found[: len(shipped)] == shipped
    last = next(row for row in rows if row[1] == 39)
    assert last[5] == 68


@pytest.mark.parametrize("form", ["xlsx", "csv", "pdf"])
def test_a_file_says_who_signs_as_of_when_and_what_may_change(schools, form):
    path = export(schools.principal, schools.campus, "balance", form, f"ledger={schools.main.pk}&{MONTH}")
    page = schools.main.chain_head
    schools.main.refresh_from_db()
    assert schools.main.chain_head != page
    if form == "pdf":
        text = page_text(PdfReader(path).pages[0])
    elif form == "csv":
        text = path.read_text(encoding="utf-8")
    else:
        book = openpyxl.load_workbook(path)
        text = " ".join(str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
        assert book.worksheets[1].page_setup.orientation == "portrait"
        assert book.worksheets[1].page_setup.paperSize == 9
    assert schools.main.chain_head in text
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", text)
    assert str(schools.canteen) in text


def test_an_upright_page_and_one_that_lies_are_in_one_file(schools):
    pages = PdfReader(export(schools.chief, None, "income", "pdf", f"schools=all&{MONTH}")).pages
    wide = [page.mediabox.width > page.mediabox.height for page in pages]
    assert wide == [True, False, False]


def test_names_of_many_schools_stand_in_two_lines_not_in_small_print(schools, tmp_path):
    name, many = "太平镇第一完全小学校", 12
    columns = [Col("项目", "text", 34), Col("行次", "integer", 6), *[Col(name, "money", 18)] * many]
    form = Form(number="会政财01表", unit="单位：元", signatures="", is_upright=False)
    made = Sheet(schools.main, "资产负债表", "", "", columns, lambda _whole: iter(()), year=2026, form=form)
    path = tmp_path / "many.pdf"
    write_pdf(Bundle("", [made], "", timezone.now()), path, Mock(spec=Progress))
    text = page_text(PdfReader(path).pages[0])
    assert name not in text
    assert text.count(name[:5]) == many


def test_nobody_exports_the_statements_of_other_schools(schools):
    job = actions.start(
        "finance.statement_balance",
        by=schools.principal,
        school=schools.campus,
        format="csv",
        params=QueryDict(f"ledger={schools.centre.pk}&{MONTH}"),
    )
    assert actions.run(job).state == "failed"
    path = export(schools.principal, schools.campus, "balance", "csv", f"schools=all&{MONTH}")
    assert str(schools.centre) not in path.read_text(encoding="utf-8")


def test_the_way_there(client, schools):
    client.force_login(schools.principal)
    assert client.get("/statements/").url == f"/statements/of/{schools.main.pk}/balance/"
    assert "/statements/" in client.get("/books/").content.decode()
    assert "/statements/" in client.get("/books/results/").content.decode()
    client.force_login(schools.chief)
    session = client.session
    session[SESSION_KEY] = ALL
    session.save()
    assert client.get("/statements/").url == "/statements/schools/balance/"


@pytest.mark.parametrize("kind", list(PAPERS))
def test_a_page_costs_a_fixed_number_of_queries(client, schools, kind, django_assert_max_num_queries):
    client.force_login(schools.chief)
    for address in (f"/statements/of/{schools.main.pk}/{kind}/?{YEAR}", f"/statements/schools/{kind}/?{YEAR}"):
        client.get(address)
        with django_assert_max_num_queries(18):
            client.get(address)


def test_an_unknown_statement_is_not_found(client, schools):
    client.force_login(schools.principal)
    assert client.get(f"/statements/of/{schools.main.pk}/else/").status_code == 404
    assert client.get("/statements/schools/else/").status_code == 404


def test_a_month_that_is_not_closed_says_so(client, schools):
    client.force_login(schools.principal)
    address = f"/statements/of/{schools.centre.pk}/balance/?year=2026&month=1"
    client.force_login(schools.chief)
    page = client.get(address)
    assert (page.context["is_closed"], len(page.context["notes"])) == (False, 2)
    with schools.keeping(schools.centre):
        schools.close_through(1)
    page = client.get(address)
    assert (page.context["is_closed"], len(page.context["notes"])) == (True, 1)
