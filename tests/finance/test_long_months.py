"""A month of 250 entries, page by page: none left out or twice, sums as in the workbook, each page as cheap."""

from decimal import Decimal

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from finance.journals import actions, entries
from houqin.exports import actions as exports
from tests.finance.journal_factories import FROM_CENTRAL, GOODS, HEAD, entered, examined, submitted
from tests.finance.ledger_factories import Office
from tests.finance.paper_reader import of_workbook

pytestmark = pytest.mark.django_db
ROWS = 250


@pytest.fixture
def office(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return Office(year=2024)


@pytest.fixture
def journal(office):
    """A paper journal whose January has 250 entries, and February one."""
    balance, numbers = 100, {"收": 0, "付": 0}
    lines = [[None, None, None, None, "上年结转", None, None, None, "借", balance]]
    for number in range(ROWS):
        word, more, less = ("付", None, 30) if number % 5 else ("收", 200, None)
        numbers[word] += 1
        balance += (more or 0) - (less or 0)
        what, of = ("提备用金", FROM_CENTRAL) if more else ("购粉笔", GOODS)
        lines.append([1, 3 + number // 10, word, numbers[word], f"{what}{number}", of, more, less, "借", balance])
    lines.append([2, 1, "付", 1, "打印纸", GOODS, None, 70, "借", balance - 70])
    return entered(examined([HEAD, *lines], office), office)


@pytest.fixture
def reader(client, office):
    client.force_login(office.accountant)
    return client


def context(reader, address, at=""):
    return reader.get(f"{address}&at={at}").context


def test_the_pages_of_a_paper_month_join_and_go_back(reader, journal):
    address = f"{journal.get_absolute_url()}?month=1"
    pages, at = [], ""
    while at is not None:
        pages.append(context(reader, address, at)["page"])
        at = pages[-1].after
    assert [len(page.rows) for page in pages] == [entries.PAGE] * 5
    assert [row.position for page in pages for row in page.rows] == list(range(1, ROWS + 1))
    assert [page.before for page in pages] == [None, *(page.rows[0].position for page in pages[:-1])]
    # What is brought forward is where the page before ended, and the paper began with 100.
    assert [page.brought for page in pages] == [100, *(page.rows[-1].balance for page in pages[:-1])]
    assert [page.sums is None for page in pages] == [True] * 4 + [False]
    assert pages[-1].sums == entries.MonthSums(Decimal(10000), Decimal(6000), Decimal(4100))
    text = reader.get(f"{address}&at={pages[1].rows[0].position}").content.decode()
    assert f'href="?month=1&amp;at={pages[2].rows[0].position}#entries"' in text
    assert 'href="?month=1&amp;at=1#entries"' in text


@pytest.mark.parametrize("at", ["0", "x", "-1", "99999999999", "²", "251"])
def test_a_place_that_the_month_does_not_have_is_its_first_page(reader, journal, at):
    page = context(reader, f"{journal.get_absolute_url()}?month=1", at)["page"]
    assert page.rows[0].position == 1
    assert page.before is None


def test_a_short_month_has_no_pages(reader, journal):
    page = context(reader, f"{journal.get_absolute_url()}?month=2")["page"]
    assert [row.summary for row in page.rows] == ["打印纸"]
    assert (page.before, page.after, page.brought) == (None, None, Decimal(4100))
    assert page.sums == entries.MonthSums(Decimal(0), Decimal(70), Decimal(4030))


def test_every_page_costs_the_same(reader, journal):
    def cost(at):
        with CaptureQueriesContext(connection) as captured:
            assert context(reader, f"{journal.get_absolute_url()}?month=1", at)["page"].rows
        sent = [query["sql"] for query in captured.captured_queries]
        assert not any("OFFSET" in sql for sql in sent)
        return len(sent)

    cost("")
    assert cost("") == cost("51") == cost("201")


def walk(reader, address, key):
    """The contexts of all pages of a book."""
    found, at = [], ""
    while True:
        found.append(context(reader, address, at))
        at = key(found[-1])
        if not at:
            return found


def test_paper_table_account_and_workbook_have_the_same_lines_and_sums(reader, office, journal):
    actions.confirm(submitted(journal, office), by=office.chief)
    cash = office.account("100101")
    query = QueryDict(f"ledger={office.ledger.pk}&code=100101&year=2024&from=1&to=1")
    job = exports.start("finance.journal", by=office.accountant, school=office.campus, format="xlsx", params=query)
    book = of_workbook(exports.run(job).path)
    lines = [(line.debit, line.credit, line.balance) for line in book if line.kind == "entry"]
    [end] = [(line.debit, line.credit, line.balance) for line in book if line.kind == "month_total"]

    def address(name):
        return f"{reverse(f'finance:books:{name}', args=[cash.pk])}?year=2024&month=1"

    paper = walk(reader, f"{journal.get_absolute_url()}?month=1", lambda page: page["page"].after)
    assert [(row.debit, row.credit, row.balance) for page in paper for row in page["page"].rows] == lines
    sums = paper[-1]["page"].sums
    assert (sums.debit, sums.credit, sums.balance) == end
    account = walk(reader, address("account"), lambda page: page["page"].after)
    assert [(row.debit, row.credit, row.balance) for page in account for row in page["page"].rows] == lines
    [month] = [month for page in account for month in page["page"].ends.values()]
    assert (month.sums.debit, month.sums.credit, month.sums.balance) == end

    def plain(line):
        amounts = line.debit, line.credit, line.balance
        return tuple(amount.value if amount else Decimal(0) for amount in amounts)

    table = [line for page in walk(reader, address("table"), lambda page: page["older"]) for line in page["lines"]]
    assert [plain(line) for line in table if line.kind == "entry"] == lines
    assert [plain(line) for line in table if line.kind == "month_total"] == [end]


def test_a_number_that_is_no_month_shows_the_first(reader, journal):
    page = context(reader, f"{journal.get_absolute_url()}?month={'9' * 5000}")["page"]
    assert page.rows[0].position == 1
