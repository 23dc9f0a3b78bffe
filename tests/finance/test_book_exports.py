"""Books as files: screen, Excel, CSV and PDF agree to the fen; totals add up; text is never a formula."""

import csv
import re
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from pypdf import PdfReader

from finance.books import bound, figures, months
from finance.ledger import actions as ledger_actions
from finance.ledger.models import Ledger
from houqin.exports import actions
from tests.finance.book_factories import EXPECTED, LittleYear
from tests.finance.ledger_factories import CASH, EXPENSE, Office
from tests.schools.factories import make_person

pytestmark = pytest.mark.django_db
HEADS = 3


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """Keep the files of each test apart."""
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def year():
    """The little year."""
    return LittleYear()


def export(by, school, kind, form, query=""):
    """The path of a finished export."""
    job = actions.start(f"finance.{kind}", by=by, school=school, format=form, params=QueryDict(f"year=2026&{query}"))
    done = actions.run(job)
    assert done.state == "done", done.error
    return done.path


def sheet_rows(path, number=1, heads=HEADS):
    """The lines of a sheet as they were stored."""
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[number]
    return [list(row) for row in sheet.iter_rows(min_row=heads + 1, values_only=True)]


def csv_rows(path):
    """The lines of a CSV file, without head and closing."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    return rows[1 : rows.index([])]


def page_text(page):
    """What stands on a page; pypdf reads the two-byte codes of fpdf2's fonts as two characters each."""
    return page.extract_text().replace("\x00", "")


def money(value):
    """An amount to the fen."""
    return Decimal(str(value or 0)).quantize(Decimal("0.01"))


def test_every_format_is_the_book(year):
    by, school = year.principal, year.campus
    xlsx = sheet_rows(export(by, school, "journal", "xlsx"))
    plain = csv_rows(export(by, school, "journal", "csv"))
    screen = [line for page in (1, 2, 3) for line in bound.write(bound.page_lines(year.cash, 2026, page))]
    assert len(xlsx) == len(plain) == len(screen) == len(EXPECTED)
    for expected, row, text, shown in zip(EXPECTED, xlsx, plain, screen, strict=True):
        page, kind, (month, day), debit, credit, balance = expected
        amounts = [Decimal(debit), Decimal(credit), Decimal(balance)]
        assert [money(row[n]) for n in (5, 6, 8)] == amounts
        assert [money(text[n]) for n in (5, 6, 8)] == amounts
        assert [money(a.value if a else 0) for a in (shown.debit, shown.credit, shown.balance)] == amounts
        assert row[0].date() == date.fromisoformat(text[0]) == shown.date == date(2026, month, day)
        assert row[9] == int(text[9]) == page
        assert row[3] == text[3] == shown.summary == figures.summary_of(kind, shown.summary)


def test_the_printed_book_has_the_pages_of_the_bound_one(year):
    reader = PdfReader(export(year.principal, year.campus, "journal", "pdf"))
    assert len(reader.pages) == 1 + 3 + 1
    for page in (1, 2, 3):
        text = page_text(reader.pages[page])
        digits = re.sub(r"\s", "", text)
        for _number, _kind, _day, debit, credit, balance in (row for row in EXPECTED if row[0] == page):
            for amount in (debit, credit, balance):
                if Decimal(amount):
                    assert f"{abs(Decimal(amount)):.2f}".replace(".", "").lstrip("0") in digits
        assert (
            pgettext("of a book", "%(year)s, page %(page)s of %(last)s") % {"year": 2026, "page": page, "last": 3}
            in text
        )
    closing = page_text(reader.pages[4])
    head = Ledger.objects.get(pk=year.ledger.pk).chain_head
    assert head[:32] in closing and head[32:] in closing
    assert "1,474.56" in closing and "3,260.00" in closing


def subtotal(formula, column, cells):
    """What Excel would make of a total: formulas with SUBTOTAL leave each other out."""
    found = re.fullmatch(r"=(?:(-?[\d.]+)\+)?SUBTOTAL\(9,([A-Z]+)(\d+):\2(\d+)\)", formula)
    assert found, formula
    assert found[2] == column
    inside = [cells[f"{column}{row}"].value for row in range(int(found[3]), int(found[4]) + 1)]
    numbers = [Decimal(str(value)) for value in inside if value is not None and not str(value).startswith("=")]
    return Decimal(found[1] or 0) + sum(numbers, Decimal())


@pytest.mark.parametrize(
    ("kind", "query", "heads"),
    [
        ("journal", "", 3),
        ("journal", "from=1&to=1", 3),
        ("journal", "from=2&to=4", 3),
        ("subsidiary", "code=5001", 3),
        ("subsidiary", f"code={EXPENSE}&from=2&to=2", 3),
        ("columns", "code=5001", 4),
        ("columns", "code=5001&from=2", 4),
        ("balances", "from=1&to=1", 4),
        ("balances", "to=4", 4),
        ("general", "", 3),
    ],
)
def test_every_formula_gives_the_figure_beside_it(year, kind, query, heads):
    path = export(year.principal, year.campus, kind, "xlsx", query)
    formulas = openpyxl.load_workbook(path).worksheets[1]
    values = openpyxl.load_workbook(path, data_only=True).worksheets[1]
    count = 0
    for row in formulas.iter_rows(min_row=heads + 1):
        for cell in row:
            if str(cell.value).startswith("="):
                count += 1
                expected = subtotal(cell.value, cell.column_letter, formulas)
                assert money(expected) == money(values[cell.coordinate].value), cell.coordinate
    assert count


@pytest.mark.parametrize(
    ("query", "balances"), [("from=1&to=1", (1000, "3095.71")), ("from=2&to=4", ("3095.71", "1474.56"))]
)
def test_some_months_begin_and_end_with_their_balances(year, query, balances):
    path = export(year.principal, year.campus, "journal", "xlsx", query)
    rows = sheet_rows(path)
    assert [money(rows[0][8]), money(rows[-1][8])] == [money(balance) for balance in balances]
    summary = sheet_rows(path, 0, 2)[0]
    assert [money(summary[4]), money(summary[7])] == [money(balance) for balance in balances]
    assert money(summary[4]) + money(summary[5]) - money(summary[6]) == money(summary[7])


@pytest.mark.parametrize(
    ("kind", "query"),
    [("journal", ""), ("subsidiary", "code=1001"), ("journal", "from=8"), ("subsidiary", "code=100101&to=11")],
)
def test_books_that_were_opened_within_the_year_begin_with_their_balance(kind, query):
    office = Office(month=9)
    office.opening(1000)
    office.post(office.payment(120, on=date(2026, 9, 2)))
    path = export(office.principal, office.campus, kind, "xlsx", query)
    opening, debit, credit, closing = map(money, sheet_rows(path, 0, 2)[0][4:8])
    assert (opening, debit, credit, closing) == (money(1000), 0, money(120), money(880))
    balances = [money(row[8]) for row in sheet_rows(path) if row[8] is not None]
    assert balances[0] == money(1000) and balances[-1] == money(880)


def test_books_have_nothing_before_they_were_opened():
    office = Office(month=9)
    office.opening(1000)
    path = export(office.principal, office.campus, "subsidiary", "xlsx", "code=1001&from=2&to=3")
    assert [money(value) for value in sheet_rows(path, 0, 2)[0][4:8]] == [0, 0, 0, 0]


def test_the_books_of_a_canteen_stand_behind_those_of_its_school():
    office = Office()
    ledger_actions.open_ledger(office.campus, kind="canteen", year=2026, name="食堂", by=office.chief)
    book = openpyxl.load_workbook(export(office.principal, office.campus, "balances", "xlsx"))
    assert [sheet.title for sheet in book.worksheets[1:]] == [str(office.ledger)[:27], "食堂"]


def test_each_sheet_says_whose_book_it_is_beside_the_unit(year):
    path = export(year.principal, year.campus, "journal", "xlsx")
    sheet = openpyxl.load_workbook(path).worksheets[1]
    assert str(year.cash) in sheet["A2"].value and str(year.ledger) in sheet["A2"].value
    # The names have room up to the period; what is merged does not overlap.
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:K1", "A2:H2", "I2:K2"}


def test_all_schools_have_a_sheet_each_and_a_summary(year):
    central = ledger_actions.open_ledger(year.central, kind="main", year=2026, by=year.chief)
    by = make_person(year.central, "auditor")
    book = openpyxl.load_workbook(export(by, None, "balances", "xlsx", "to=4"))
    assert len(book.worksheets) == 3
    units = {_("Unit: %(name)s") % {"name": ledger} for ledger in (year.ledger, central)}
    assert {sheet["A2"].value for sheet in book.worksheets[1:]} == units
    assert all(sheet.print_title_rows == "$1:$4" for sheet in book.worksheets[1:])
    assert all(sheet.page_setup.paperSize == 9 for sheet in book.worksheets)
    only = openpyxl.load_workbook(export(by, None, "balances", "xlsx", f"to=4&ledger={year.ledger.pk}"))
    assert len(only.worksheets) == 2


BOOKS = {
    "subsidiary": ("account", EXPENSE, 3),
    "columns": ("columns", "5001", 4),
    "balances": ("balances", "", 4),
    "general": ("general", "", 3),
}
CELL = re.compile(r'<td class="num[^"]*"[^>]*>(?:<[^>]*>)?(-?[\d,]+\.\d\d)<')
FIGURE = re.compile(r"-?\d[\d,]*\.\d\d")


def written(figures_found):
    """The amounts that are not zero, in their order of size: zeros are written or left out as paper has it."""
    amounts = [Decimal(str(figure).replace(",", "")) for figure in figures_found]
    return sorted(money(amount) for amount in amounts if amount)


@pytest.mark.parametrize("span", ["from=1&to=4", "from=2&to=4", "from=1&to=1"])
@pytest.mark.parametrize("kind", list(BOOKS))
def test_every_other_book_is_the_same_on_screen_and_in_every_file(client, year, kind, span):
    page, code, heads = BOOKS[kind]
    asked = f"{span}&ledger={year.ledger.pk}" + (f"&code={code}" if code else "")
    xlsx = sheet_rows(export(year.principal, year.campus, kind, "xlsx", asked), heads=heads)
    plain = csv_rows(export(year.principal, year.campus, kind, "csv", asked))
    pages = PdfReader(export(year.principal, year.campus, kind, "pdf", asked)).pages
    client.force_login(year.principal)
    pk = year.account(code).pk if code else year.ledger.pk
    screen = client.get(reverse(f"finance:books:{page}", args=[pk]) + f"?year=2026&{span}").content.decode()
    expected = written(cell for row in xlsx for cell in row if isinstance(cell, float))
    assert expected
    assert written(cell for row in plain for cell in row if FIGURE.fullmatch(cell)) == expected
    assert written(CELL.findall(screen)) == expected
    printed = [figure for sheet in list(pages)[:-1] for figure in FIGURE.findall(page_text(sheet))]
    assert written(printed) == expected


@pytest.mark.parametrize("span", ["from=1&to=1", "from=2&to=4", "from=2&to=2", "from=3&to=3"])
def test_a_bound_book_of_some_months_is_the_same_in_csv_and_excel(year, span):
    xlsx = sheet_rows(export(year.principal, year.campus, "journal", "xlsx", span))
    plain = csv_rows(export(year.principal, year.campus, "journal", "csv", span))
    assert len(xlsx) == len(plain)
    for row, text in zip(xlsx, plain, strict=True):
        shown = [cell.date().isoformat() if isinstance(cell, datetime) else cell for cell in row]
        for cell, value in zip(shown, text, strict=True):
            same = money(value) == money(cell) if isinstance(cell, float) else str(cell or "") == value
            assert same or (cell == 0 and not value)


def test_the_year_ends_with_a_double_red_line():
    office = Office(year=2024)
    office.opening(100, on=date(2024, 1, 1))
    office.post(office.payment(1, on=date(2024, 11, 5)))
    office.post(office.payment(1, on=date(2024, 12, 5)))
    office.close_through(12, 2024)
    path = export(office.principal, office.campus, "journal", "xlsx", "year=2024&from=12")
    sheet = openpyxl.load_workbook(path).worksheets[1]
    below = {row[3].value: row[3].border.bottom.style for row in sheet.iter_rows(min_row=HEADS + 1)}
    assert below[figures.summary_of("year_total", "")] == "double"
    assert below[figures.summary_of("month_total", "")] == "medium"


def test_a_book_of_an_account_asks_for_one(year):
    job = actions.start(
        "finance.subsidiary", by=year.principal, school=year.campus, format="csv", params=QueryDict("year=2026")
    )
    done = actions.run(job)
    assert (done.state, done.error != "") == ("failed", True)


def test_files_are_named_by_months_and_book(year):
    params = QueryDict(f"year=2026&from=1&to=3&code={CASH}")
    job = actions.start("finance.journal", by=year.principal, school=year.campus, format="csv", params=params)
    assert months.words(2026, 1, 3) in job.title and figures.book_title(CASH, "") in job.title


def test_a_file_of_one_school_is_named_after_it_where_all_are_looked_at(year):
    def name_of(query):
        job = actions.start("finance.balances", by=year.chief, school=None, format="csv", params=QueryDict(query))
        return actions.run(job).file_name

    everybody = name_of("year=2026").split("_")[1]
    assert name_of(f"year=2026&ledger={year.ledger.pk}").split("_")[1] == str(year.ledger) != everybody


def test_nobody_exports_the_books_of_other_schools(year):
    stranger = make_person(year.central, "principal")
    ledger_actions.open_ledger(year.central, kind="main", year=2026, by=year.chief)
    job = actions.start(
        "finance.balances",
        by=stranger,
        school=year.central,
        format="csv",
        params=QueryDict(f"year=2026&ledger={year.ledger.pk}"),
    )
    assert actions.run(job).state == "failed"


def test_text_never_becomes_a_formula(year):
    lines = [year.line(EXPENSE, 1, 0, "=1+1"), year.line(CASH, 0, 1, "@SUM(A1)")]
    year.post(year.draft(*lines, on=date(2026, 4, 2)))
    for kind, query in (("journal", ""), ("subsidiary", f"code={EXPENSE}"), ("columns", "code=5001")):
        sheet = openpyxl.load_workbook(export(year.principal, year.campus, kind, "xlsx", query)).worksheets[1]
        texts = [cell for row in sheet.iter_rows() for cell in row if cell.value in ("=1+1", "@SUM(A1)")]
        assert texts and all(cell.data_type == "s" and cell.quotePrefix for cell in texts)
        plain = export(year.principal, year.campus, kind, "csv", query).read_text(encoding="utf-8-sig")
        assert ",'=1+1," in plain or ",'@SUM(A1)," in plain


def test_real_dates_and_numbers(year):
    rows = sheet_rows(export(year.principal, year.campus, "subsidiary", "xlsx", f"code={EXPENSE}"))
    assert all(isinstance(row[0], datetime) and isinstance(row[8], (int, float)) for row in rows)


@pytest.mark.parametrize("kind", ["journal", "subsidiary", "columns", "balances", "general"])
@pytest.mark.parametrize("form", ["xlsx", "csv", "pdf"])
def test_every_book_says_as_of_when_and_where_its_chain_stands(year, kind, form):
    path = export(year.principal, year.campus, kind, form, "code=5001" if kind in ("subsidiary", "columns") else "")
    head = Ledger.objects.get(pk=year.ledger.pk).chain_head
    if form == "pdf":
        text = page_text(PdfReader(path).pages[-1])
    elif form == "csv":
        text = path.read_text(encoding="utf-8")
    else:
        sheet = openpyxl.load_workbook(path).worksheets[0]
        text = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    assert head[:32] in text and head[32:] in text
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", text)
