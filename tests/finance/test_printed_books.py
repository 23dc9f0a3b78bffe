"""Books on paper: heads as in the paper book, bold totals, pages of their own for each account."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from pypdf import PdfReader

from finance.books import figures
from finance.books.figures import TOTALS, Kind
from finance.books.writers.pdf_layout import CELL, LEFT, RIGHT, TOP
from finance.books.writers.pdf_paper import Paper
from finance.ledger.actions import add_account, carry_forward
from tests.finance.book_factories import LittleYear
from tests.finance.ledger_factories import CASH, EXPENSE, Office
from tests.finance.test_book_exports import FIGURE, export, page_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """Keep the files of each test apart."""
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def long_year():
    """A year whose general ledger has more lines an account than a page."""
    office = Office(year=2024)
    office.opening(1000, on=date(2024, 1, 1))
    for month in range(1, 13):
        office.post(office.payment(month, on=date(2024, month, 5)))
    office.close_through(11, 2024)
    return office


def printed(office, kind, query=""):
    """The pages of a printed book."""
    return PdfReader(export(office.principal, office.campus, kind, "pdf", query)).pages


def drawn(page):
    """What draws a page."""
    return page["/Contents"].get_data()


def account_of(page):
    """Whose a page is, by its head."""
    head = re.escape(_("Account: %(account)s")).replace(re.escape("%(account)s"), "(.+)")
    found = re.search(head, page_text(page))
    return found[1].strip() if found else ""


def lines_of(page):
    """The lines of a page that is not bound: their words and their amounts."""
    found = (re.fullmatch(r"[\d ]*(.*?) *((?:-?[\d,]+\.\d\d\D*)+)", line) for line in page_text(page).splitlines())
    return [(line[1].strip(), FIGURE.findall(line[2])) for line in found if line]


def test_the_words_and_numbers_of_vouchers_stand_under_one_head():
    year = LittleYear()
    heads = [_("Voucher"), " ".join(pgettext("of a voucher", head) for head in ("Word", "No."))]
    for page in (printed(year, "journal")[1], printed(year, "subsidiary", f"code={EXPENSE}")[0]):
        lines = page_text(page).splitlines()
        assert lines[lines.index(heads[0]) :][:2] == heads


def test_totals_are_bold_by_their_outline_and_nothing_else_is():
    pages = printed(LittleYear(), "journal")
    # Two days with their labels and with 2 and 3 figures, and the label of what is carried over.
    bold = re.compile(rb"2 Tr [\d.]+ w")
    assert len(bold.findall(drawn(pages[1]))) == 2 + 2 + 3 + 1
    # The opening page has no totals.
    assert not bold.search(drawn(pages[0]))
    assert len(pages[1]["/Resources"]["/Font"]) == 2


def test_a_balance_of_nothing_is_a_struck_zero(monkeypatch):
    office = Office()
    office.opening(100)
    office.post(office.payment(100))
    struck = []
    line_of_fpdf = Paper.line

    def noted(paper, x, y, to_x, to_y):
        if y == to_y and to_x - x < CELL:
            struck.append((paper.page, x))
        return line_of_fpdf(paper, x, y, to_x, to_y)

    monkeypatch.setattr(Paper, "line", noted)
    pages = printed(office, "journal")
    assert [page for page, _x in struck] == [2]
    assert figures.side(Decimal(0)) in page_text(pages[1])


def test_what_is_left_of_a_page_is_struck_out_once_the_year_is_carried_forward(long_year, monkeypatch):
    struck = []
    line_of_fpdf = Paper.line

    def noted(paper, x, y, to_x, to_y):
        if to_x < x and y < to_y:
            struck.append(paper.page)
        return line_of_fpdf(paper, x, y, to_x, to_y)

    monkeypatch.setattr(Paper, "line", noted)
    printed(long_year, "journal", "year=2024")
    assert not struck
    long_year.close_through(12, 2024)
    carry_forward(long_year.ledger, 2024, by=long_year.chief)
    pages = printed(long_year, "journal", "year=2024")
    (page,) = struck
    assert figures.summary_of(Kind.NEXT_YEAR, "") in page_text(pages[page - 1])


def test_names_however_long_stay_on_the_page_and_beside_each_other(monkeypatch):
    office = Office(names=("太平中心学校", "西南县太平镇" * 4))
    long = add_account(office.account("5001"), code="500190", name="对个人和家庭的补助费用及其他" * 4, by=office.chief)
    office.opening(1000)
    office.post(office.draft(office.line(long.code, 1, 0, "购粉笔"), office.line(CASH, 0, 1)))
    heads = []

    def noted(paper, x, y, text=""):
        if text.strip() and y < TOP:
            heads.append((paper.page, y, x, x + float(paper.get_string_width(text))))
        return text_of_fpdf(paper, x, y, text)

    text_of_fpdf = Paper.text
    monkeypatch.setattr(Paper, "text", noted)
    printed(office, "subsidiary", f"code={long.code}")
    # Of the book's page: whose it is, title, unit, number; the months below stand alone.
    found = [(left, right) for page, y, left, right in heads if page == 1 and y < TOP - 2]
    *beside, title, number = sorted(found)
    assert len(beside) == 2
    assert all(left >= LEFT and right <= RIGHT + 0.01 for left, right in found)
    assert max(right for _left, right in beside) < title[0]
    assert title[1] < number[0]


def test_every_account_of_the_general_ledger_begins_a_page(long_year):
    pages = list(printed(long_year, "general", "year=2024"))[:-1]
    accounts = [account_of(page) for page in pages]
    assert all(accounts)
    begins = [page for number, page in enumerate(pages) if accounts[number] != accounts[number - 1]]
    assert len(begins) == len(set(accounts)) > 3
    for page in begins:
        assert figures.summary_of(Kind.OPENING, "") in page_text(page)
        assert figures.summary_of(Kind.BROUGHT_FORWARD, "") not in page_text(page)
    for number, page in enumerate(pages, start=1):
        assert f"{number}" in page_text(page) and f"{len(pages)}" in page_text(page)


def test_a_long_account_of_the_general_ledger_carries_the_year_over(long_year):
    pages = list(printed(long_year, "general", "year=2024"))
    first, second = (lines_of(page) for page in pages if account_of(page).startswith("1001"))
    year_total = figures.summary_of(Kind.YEAR_TOTAL, "")
    # 1,000.00 less 1 + 2 + ... + 9, and so on to 12.
    carried = ["0.00", "45.00", "955.00"]
    assert first[-2:] == [(year_total, carried), (figures.summary_of(Kind.CARRIED_OVER, ""), carried)]
    assert second[0] == (figures.summary_of(Kind.BROUGHT_FORWARD, ""), carried)
    assert second[-1] == (year_total, ["0.00", "78.00", "922.00"])
    assert (len(first), len(second)) == (20, 1 + 3 * 2)


def test_the_book_of_an_account_says_whose_it_is_and_carries_the_month_over():
    office = Office()
    office.opening(1000)
    for number in range(1, 25):
        office.post(office.payment(number, on=date(2026, 3, number)))
    pages = list(printed(office, "subsidiary", f"code={EXPENSE}"))[:-1]
    assert [account_of(page).split()[0] for page in pages] == [EXPENSE] * len(pages)
    first, second = map(lines_of, pages)
    # 1 + 2 + ... + 18 beside the opening balance and what is carried over.
    assert len(first) == 20
    assert first[-1] == (figures.summary_of(Kind.CARRIED_OVER, ""), ["171.00", "171.00"])
    assert second[0] == (figures.summary_of(Kind.BROUGHT_FORWARD, ""), ["171.00", "171.00"])


def test_the_total_of_a_month_says_its_day_and_that_of_the_year_does_not():
    lines = page_text(printed(LittleYear(), "journal")[2]).splitlines()
    starts = {kind: next(line for line in lines if figures.summary_of(kind, "") in line) for kind in TOTALS}
    assert starts[Kind.MONTH_TOTAL].startswith("1 31")
    assert not any(starts[kind][0].isdigit() for kind in (Kind.DAY_TOTAL, Kind.YEAR_TOTAL))
