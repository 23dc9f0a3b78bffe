"""The paper cash journal of a year goes into the books and comes out again: the same book, line by line."""

from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.urls import reverse
from playwright.sync_api import expect

from finance.journals.models import JournalBatch
from finance.ledger import actions as ledger_actions
from finance.ledger.models import Entry
from houqin.exports.models import ExportJob
from houqin.imports.models import ImportJob
from tests.browser.devices import expect_address, press, submit
from tests.conftest import as_superuser
from tests.finance.ledger_factories import CASH, Office
from tests.finance.paper_reader import differences, of_paper, of_pdf, of_workbook

DATA = Path(__file__).parents[1] / "data"
PAPER, TWIN = DATA / "cash_journal_2024.xlsx", DATA / "cash_journal_2024_with_errors.xlsx"
# Of the twin, by its makers: three decimals, a date too late, a gap, no money, two sides, no summary, a wrong balance.
WRONG_ROWS = ["25", "52", "77", "102", "117", "137", "154"]
NAMES = {"accountant": "陈静", "chief": "吴红", "cashier": "蒋霞"}


@pytest.fixture
def office(live_site):
    """黄竹林学校 with books that begin in 2024, empty."""
    office = Office(year=2024, names=("太平中心学校", "黄竹林学校"))
    for person, name in NAMES.items():
        user = getattr(office, person)
        user.display_name = name
        user.save()
    return office


def test_the_paper_book_comes_out_as_it_went_in(device, office, workers):
    desk = device("desk", office.accountant)
    _the_file_is_read(desk, workers)
    batch = _its_accounts_are_chosen(desk)
    _a_second_person_compares_and_confirms(device("desk", office.chief), batch, workers)
    _the_year_is_closed(office)
    paper = of_paper(PAPER)
    workbook = of_workbook(_exported(desk, office, workers, "xlsx"))
    printed = of_pdf(_exported(desk, office, workers, "pdf"))
    assert differences(paper, workbook) == []
    assert differences(paper, printed) == []
    # The two exports are one book, with the same pages.
    assert workbook == printed
    assert verified() == ""
    _one_byte_is_changed(office)


def _the_file_is_read(desk, workers):
    """From the books to the import; the columns are recognised and can be changed."""
    page = desk.open("/")
    press(page.locator(f"nav a[href='{reverse('finance:books:home')}']").first)
    desk.look()
    press(page.locator("main a[href$='/imports/start/finance.journal/']"))
    desk.look()
    upload(page, PAPER, workers)
    columns = page.locator("#columns")
    heads = {"month": "月", "day": "日", "word": "凭证字", "number": "号", "summary": "摘要", "debit": "收入(借方)"}
    for name, head in heads.items():
        expect(columns.locator(f"select[name={name}] option:checked")).to_contain_text(head)
    # A column that is taken for something else is refused in words, and put right.
    columns.locator("select[name=balance]").select_option("")
    desk.expected.add(422)
    press(page.locator("button[form=columns]"))
    expect(page.locator("#columns .invalid-feedback")).to_be_visible()
    page.locator("#columns select[name=balance]").select_option(label="J  余额")
    desk.look()
    press(page.locator("button[form=columns]"))
    expect(page.locator(".hq-job progress")).to_be_visible()
    workers.work()
    confirm = page.locator("form[action$='/confirm/'] button")
    expect(confirm).to_be_visible()
    for figure in ("230", "¥1,286.40", "¥55,500.00", "¥55,075.81", "¥1,710.59", "¥7,282.67"):
        expect(page.locator(".hq-import-figures")).to_contain_text(figure)
    desk.look()
    assert not JournalBatch.objects.exists()
    press(confirm)
    workers.work()
    press(page.locator(f"main a.btn-primary[href='{reverse('finance:journals:list')}']"))


def _its_accounts_are_chosen(desk):
    """Each counter account once: what a campus had of a bank came over its current account with the centre."""
    batch = JournalBatch.objects.get()
    page = desk.page
    desk.look()
    press(page.locator(f"main a[href='{batch.get_absolute_url()}']"))
    desk.look()
    press(page.locator("main a.btn-primary[href$='/accounts/']"))
    for text, account in (("1002 银行存款", "与太平中心学校往来"), ("5001 业务活动费用", "500102")):
        counter = batch.counters.get(text=text)
        expect(page.locator(f"[name=account_{counter.pk}] option:checked")).to_contain_text(account)
    desk.look()
    assert desk.find_barriers() == []
    submit(page)
    expect_address(page, f"{batch.get_absolute_url()}$")
    batch.refresh_from_db()
    assert (batch.state, batch.counters.count()) == ("submitted", 2)
    # Who imported it is told who goes on; there is nothing to press.
    expect(page.locator(".hq-next.is-quiet")).to_be_visible()
    expect(page.locator("form[action$='/confirm/']")).to_have_count(0)
    return batch


def _a_second_person_compares_and_confirms(chief, batch, workers):
    """The journal waits at home and among the notices; every total of the paper stands beside ours.

    A worker posts it, and the page says how far it is.
    """
    page = chief.open("/")
    press(page.locator(f"main a[href='{batch.get_absolute_url()}']").first)
    totals = page.locator(".hq-journal-totals tbody")
    # Ten months, each with its year to date; and what goes over to the next year.
    expect(totals.locator(".hq-journal-same")).to_have_count(21)
    expect(totals).to_contain_text("¥55,075.81")
    chief.look()
    assert chief.find_barriers() == []
    press(page.locator("form[action$='/confirm/'] button"))
    expect_address(page, f"{batch.get_absolute_url()}$")
    expect(page.locator(".hq-job progress")).to_be_visible()
    expect(page.locator("form[action$='/confirm/']")).to_have_count(0)
    chief.look()
    workers.work()
    expect(page.locator(".hq-message.green")).to_be_visible()
    expect(totals.locator(".hq-journal-same")).to_have_count(21)
    batch.refresh_from_db()
    assert batch.state == "posted"
    chief.look()


def _the_year_is_closed(office):
    """As every year: its results are transferred, its months closed, its books carried forward."""
    office.post(ledger_actions.draft_results(office.ledger, 2024, by=office.accountant))
    office.close_through(12, 2024)
    ledger_actions.carry_forward(office.ledger, 2024, by=office.chief)


def _exported(desk, office, workers, form):
    """Download the book of 2024 from its page."""
    page = desk.open(reverse("finance:books:home"))
    press(page.locator("main a.hq-books-spine[href*='/bound/']").first)
    press(page.locator(".hq-books-years a[href='?year=2024']"))
    page.locator("details:has(.hq-books-export) > summary").click()
    press(page.locator(f".hq-books-export form:last-of-type button[value={form}]"))
    workers.work()
    page = desk.open(ExportJob.objects.latest("pk").get_absolute_url())
    with page.expect_download() as download:
        page.locator("#job a[href$='/download/']").click()
    assert download.value.suggested_filename.endswith(f".{form}")
    desk.look()
    return BytesIO(download.value.path().read_bytes())


def _one_byte_is_changed(office):
    """By a superuser with the triggers off: a 2 becomes a 3 in one summary; the check names that voucher."""
    entry = Entry.objects.filter(account=office.account(CASH), summary="打印纸20包").order_by("pk").first()
    with as_superuser(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE finance_entry SET summary = '打印纸30包' WHERE id = %s", [entry.pk])
    with pytest.raises(CommandError) as caught:
        verified()
    assert str(caught.value).startswith(f"黄竹林学校: finance_posting {entry.posting_id}:")


def verified():
    """What verify_books says."""
    out = StringIO()
    call_command("verify_books", stdout=out, stderr=out)
    return out.getvalue()


def upload(page, path, workers):
    page.locator("input[type=file]").set_input_files(path)
    submit(page)
    expect_address(page, r"/imports/\d+/$")
    workers.work()


def test_the_twin_with_mistakes_is_refused_whole_and_each_row_named(device, office, workers):
    desk = device("desk", office.accountant)
    page = desk.open(reverse("imports:start", args=["finance.journal"]))
    upload(page, TWIN, workers)
    press(page.locator("button[form=columns]"))
    workers.work()
    rows = page.locator(".hq-import-row")
    expect(rows.first).to_be_visible()
    assert [text.strip() for text in rows.all_inner_texts()] == WRONG_ROWS
    table = page.locator("main table", has=rows.first)
    for column, stands in (("支出(贷方)", "123.456"), ("号", "17")):
        expect(table).to_contain_text(column)
        expect(table).to_contain_text(stands)
    assert ImportJob.objects.get().state == "refused"
    assert not JournalBatch.objects.exists()
    desk.look()
    assert desk.find_barriers() == []
    phone = device("phone", office.accountant)
    phone.open(ImportJob.objects.get().get_absolute_url())
    phone.look()


def test_who_keeps_the_cash_is_offered_neither_import_nor_confirmation(device, office):
    desk = device("desk", office.cashier)
    page = desk.open(reverse("finance:books:home"))
    expect(page.locator("main a[href$='/journals/']")).to_have_count(1)
    expect(page.locator("main a[href*='/imports/start/']")).to_have_count(0)
    desk.expected.add(403)
    page = desk.open(reverse("imports:start", args=["finance.journal"]))
    desk.look()
    expect(page.locator("main h1")).to_be_visible()
