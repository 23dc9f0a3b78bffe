"""The books on screen: a little year that is known by heart, read by every role of every school."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from finance.banks import actions as banks
from finance.banks.models import BankAccount
from finance.books import balances, figures, months, subsidiary
from finance.ledger import actions
from finance.ledger.models import BookLine, Period, Posting
from houqin.exports import actions as exports
from houqin.exports.models import ExportJob
from tests.finance.book_factories import EXPECTED, LittleYear
from tests.finance.ledger_factories import BANK, EXPENSE, Office
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
MOST = 12


@pytest.fixture
def year():
    """The little year."""
    return LittleYear()


@pytest.fixture
def reader(client, year):
    """A client of the school's principal."""
    client.force_login(year.principal)
    return client


def get(client, name, pk, query=""):
    """The answer of a page of the books."""
    return client.get(reverse(f"finance:books:{name}", args=[pk]) + query)


def test_the_bound_book_is_the_one_written_by_hand(year):
    lines = BookLine.objects.filter(account=year.cash).order_by("page", "line")
    written = [
        (row.page, row.kind, (row.date.month, row.date.day), str(row.debit), str(row.credit), str(row.balance))
        for row in lines
    ]
    assert written == EXPECTED


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_page_shows_its_lines_and_nothing_else(year, reader, page):
    response = get(reader, "page", year.cash.pk, f"?year=2026&page={page}")
    shown = [
        (line.page, line.kind, (line.date.month, line.date.day), line.balance.plain.replace(",", ""))
        for line in response.context["lines"]
    ]
    assert shown == [(row[0], row[1], row[2], row[5]) for row in EXPECTED if row[0] == page]
    assert response.context["last"] == 3
    assert len(response.context["blank"]) == 8 - len(shown)


@pytest.mark.parametrize("name", ["account", "columns", "table"])
def test_a_book_opens_on_the_last_month_that_has_entries(year, reader, name):
    """Today is months later; the empty month is reached by its link, and other books are not taken along there."""
    account = {"account": year.account(EXPENSE), "columns": year.account("5001"), "table": year.cash}[name]
    response = get(reader, name, account.pk)
    assert response.context["shown"].words == months.words(2026, *((4, 4) if name == "table" else (2, 2)))
    assert 'href="?year=2026&amp;month=12"' in response.content.decode()
    empty = get(reader, name, account.pk, "?year=2026&month=12")
    assert empty.context["shown"].month == 12
    tabs = {tab.url for tab in response.context["frame_of"].tabs}
    assert reverse("finance:books:subsidiary", args=[year.ledger.pk]) in tabs
    tabs = {tab.url for tab in empty.context["frame_of"].tabs}
    assert reverse("finance:books:subsidiary", args=[year.ledger.pk]) + "?year=2026&month=12" in tabs


def test_a_book_without_an_entry_opens_on_this_month(year, reader):
    shown = get(reader, "account", year.account("1201").pk).context["shown"]
    today = timezone.localdate()
    assert (shown.year, shown.month) == (2026, today.month if today.year == 2026 else 12)


def test_other_years_are_links_and_the_page_says_why_a_period_lies_within_one(year, reader):
    account, why = year.account(EXPENSE), "each year has books of its own"
    reader.cookies["django_language"] = "en"
    assert why not in get(reader, "account", account.pk).content.decode()
    Period.objects.create(ledger=year.ledger, year=2027, month=1)
    text = get(reader, "account", account.pk).content.decode()
    assert why in text
    assert 'href="?year=2027"' in text
    assert get(reader, "account", account.pk, "?year=2027").context["shown"].words == months.words(2027, 1, 1)


def test_red_rules_and_red_ink(year, reader):
    text = get(reader, "page", year.cash.pk, "?year=2026&page=2").content.decode()
    assert text.count('class="sum red"') == 2
    assert text.count('<td class="dg neg">') == 2
    assert f'<span class="d" aria-hidden="true">{figures.MINUS}24024</span>' in text
    assert '<span class="neg">注销1月5日付字2号凭证</span>' in text


@pytest.mark.parametrize(("month", "page"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_a_month_leads_to_its_page(year, reader, month, page):
    assert get(reader, "page", year.cash.pk, f"?year=2026&month={month}").context["number"] == page


@pytest.mark.parametrize(
    "query",
    [
        *("?page=0", "?page=99999", "?page=x", "?year=1&month=77", "?at=nonsense", "?year=２０２６"),
        *("?year=02026999", "?month=000019", f"?month={'9' * 5000}"),
    ],
)
@pytest.mark.parametrize("name", ["page", "table", "cover", "account"])
def test_any_address_shows_something(year, reader, name, query):
    assert get(reader, name, year.cash.pk, query).status_code == 200


def test_the_table_goes_on_and_back(year, reader, monkeypatch):
    monkeypatch.setattr("finance.books.views.TABLE_PAGE", 5)
    expected = [row for row in EXPECTED if row[1] not in figures.CARRIED]
    seen, at, backs = [], "", []
    while True:
        context = get(reader, "table", year.cash.pk, f"?year=2026&from=1&to=4&at={at}").context
        seen += [(line.page, line.kind) for line in context["lines"]]
        backs.append(context["newer"])
        at = context["older"]
        if not at:
            break
    assert seen == [(row[0], row[1]) for row in expected]
    assert backs[0] == "" and all(backs[1:])


def test_the_book_of_an_account_runs_on_page_by_page(year, reader, monkeypatch):
    monkeypatch.setattr(subsidiary, "PAGE", 2)
    account = year.account(EXPENSE)
    seen, page = [], get(reader, "account", account.pk, "?year=2026&month=1").context["page"]
    assert page.begins
    while True:
        seen += [(row.debit, row.balance) for row in page.rows]
        if not page.after:
            break
        forward = page
        page = get(reader, "account", account.pk, f"?year=2026&month=1&at={page.after}").context["page"]
        back = get(reader, "account", account.pk, f"?year=2026&month=1&at={page.before}").context["page"]
        assert back.rows == forward.rows
    balance = Decimal()
    for debit, standing in seen:
        balance += debit
        assert standing == balance
    assert len(seen) == 5
    [end] = page.ends.values()
    assert end.sums.balance == balance == Decimal("404.29")


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_opening_balance_takes_the_place_of_no_entry(year, reader, monkeypatch, size):
    monkeypatch.setattr(subsidiary, "PAGE", size)
    seen, at = [], ""
    while not seen or at:
        page = get(reader, "account", year.cash.pk, f"?year=2026&month=1&at={at}").context["page"]
        seen += [str(row.balance) for row in page.rows]
        at = page.after
    assert seen == [balance for _page, kind, (month, _day), *_, balance in EXPECTED if (kind, month) == ("entry", 1)]


def test_a_late_voucher_stands_where_it_belongs_and_old_addresses_stay_right(year, reader, monkeypatch):
    monkeypatch.setattr(subsidiary, "PAGE", 2)
    account = year.account(EXPENSE).pk
    owed = [year.line(EXPENSE, "1.11", 0, "欠付"), year.line("230790", 0, "1.11")]
    for on in (20, 21, 22):
        year.post(year.draft(*owed, kind="transfer", on=date(2026, 4, on)))
    address = get(reader, "account", account, "?year=2026&month=4").context["page"].after
    page = get(reader, "account", account, f"?year=2026&month=4&at={address}").context["page"]
    assert [(row.date.day, str(row.balance)) for row in page.rows] == [(22, "3263.33")]
    year.post(year.draft(*owed, kind="transfer", on=date(2026, 4, 10)))
    page = get(reader, "account", account, f"?year=2026&month=4&at={address}").context["page"]
    assert [(row.date.day, str(row.balance)) for row in page.rows] == [(22, "3264.44")]
    first = get(reader, "account", account, "?year=2026&month=4").context["page"]
    assert [row.date.day for row in first.rows] == [10, 20]


def test_columns_spread_what_the_account_moved(year, reader):
    context = get(reader, "columns", year.account("5001").pk, "?year=2026&month=1").context
    [end] = context["page"].ends.values()
    assert end.columns[1] == Decimal("404.29")
    assert sum(end.columns) == end.sums.debit
    assert get(reader, "columns", year.cash.pk).status_code == 404


@pytest.mark.parametrize("month", [1, 2, 3, 4])
def test_the_trial_balance_balances(year, reader, month):
    context = get(reader, "balances", year.ledger.pk, f"?year=2026&month={month}").context
    assert len(context["halves"]) == 2
    for _label, rows, totals in context["halves"]:
        sides = dict(zip(balances.NAMES, totals, strict=True))
        assert sides["opening_debit"] == sides["opening_credit"]
        assert sides["debit"] == sides["credit"]
        assert sides["year_debit"] == sides["year_credit"]
        assert sides["closing_debit"] == sides["closing_credit"]
        assert rows


def test_the_general_ledger_agrees_with_the_bound_book(year, reader):
    accounts = {a.node.code: a for a in get(reader, "general", year.ledger.pk, "?year=2026").context["accounts"]}
    cash = accounts["1001"]
    assert cash.opening == Decimal("1000.00")
    assert [(m.month, str(m.debit), str(m.credit), str(m.balance)) for m in cash.months] == [
        (1, "2500.00", "404.29", "3095.71"),
        (2, "0.00", "2855.71", "240.00"),
        (4, "1234.56", "0.00", "1474.56"),
    ]


def test_a_span_of_months_runs_through_with_the_totals_of_each(year, reader, monkeypatch):
    monkeypatch.setattr(subsidiary, "PAGE", 3)
    ends, rows, at = [], 0, ""
    while True:
        page = get(reader, "account", year.account(EXPENSE).pk, f"?year=2026&from=1&to=4&at={at}").context["page"]
        ends += [(end.month, end.sums.debit, end.sums.year_debit, end.sums.balance) for end in page.ends.values()]
        rows += len(page.rows)
        at = page.after
        if not at:
            break
    jan, feb = Decimal("404.29"), Decimal("2855.71")
    assert (rows, ends) == (6, [(1, jan, jan, jan), (2, feb, jan + feb, jan + feb)])
    later = get(reader, "account", year.account(EXPENSE).pk, "?year=2026&from=2&to=4").context["page"]
    assert (later.opening, later.rows[-1].balance) == (jan, jan + feb)


def test_the_balances_of_a_span_have_what_moved_in_it(year, reader):
    def cash(months):
        context = get(reader, "balances", year.ledger.pk, f"?year=2026&{months}").context
        row = next(row for _label, rows, _totals in context["halves"] for row in rows if row.code == "100101")
        return " ".join(f"{amount:.2f}" for amount in row.amounts)

    assert cash("from=1&to=4") == "1000.00 0.00 3734.56 3260.00 3734.56 3260.00 1474.56 0.00"
    assert cash("from=2&to=4") == "3095.71 0.00 1234.56 2855.71 3734.56 3260.00 1474.56 0.00"
    assert cash("from=4&to=2") == cash("from=2&to=4")


def test_the_general_ledger_of_a_span_begins_with_its_balance(year, reader):
    context = get(reader, "general", year.ledger.pk, "?year=2026&from=2&to=3").context
    cash = next(account for account in context["accounts"] if account.node.code == "1001")
    assert cash.opening == Decimal("3095.71")
    assert [(row.month, row.credit, row.year_credit) for row in cash.months] == [
        (2, Decimal("2855.71"), Decimal("3260.00"))
    ]


@pytest.mark.parametrize("name", ["page", "table", "cover", "account", "columns", "balances", "general"])
def test_every_book_leads_to_every_other_and_says_as_of_when(year, reader, name):
    pk = {"balances": year.ledger.pk, "general": year.ledger.pk, "columns": year.account("5001").pk}
    response = get(reader, name, pk.get(name, year.cash.pk), "?year=2026&month=1")
    text = response.content.decode()
    tabs = response.context["frame_of"].tabs
    assert [tab.is_current for tab in tabs].count(True) == 1
    assert len(tabs) == 5
    for tab in tabs:
        assert reader.get(tab.url, follow=True).status_code == 200
    moment = timezone.localtime(response.context["frame_of"].as_of).strftime("%Y-%m-%d %H:%M")
    assert moment in text
    assert str(year.ledger.__class__.objects.get(pk=year.ledger.pk).chain_position) in text


@pytest.mark.parametrize(("role", "writes"), [("accountant", True), ("principal", False), ("auditor", False)])
def test_only_those_who_prepare_vouchers_are_led_to_a_new_one(client, year, role, writes):
    client.force_login(make_person(year.campus, role))
    text = get(client, "page", year.cash.pk).content.decode()
    assert (reverse("finance:ledger:create") in text) is writes
    assert reverse("exports:start") in text and "data-print" in text


def test_a_closed_month_says_so(year, reader):
    assert b"is-off" in get(reader, "page", year.cash.pk, "?year=2026&month=2").content
    assert b"is-off" not in get(reader, "page", year.cash.pk, "?year=2026&month=4").content
    assert b"is-off" not in get(reader, "table", year.cash.pk, "?year=2026&from=1&to=4").content


def test_an_export_of_this_book_is_told_on_its_page(year, reader, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    page = reverse("finance:books:page", args=[year.cash.pk])
    asked = {"kind": "finance.journal", "format": "csv", "query": f"code=100101&ledger={year.ledger.pk}"}
    chosen = {"filter_year": "2026", "filter_from": "2", "filter_to": "3", "back": page, "stay": "1"}
    assert reader.post(reverse("exports:start"), asked | chosen).url == page
    job = ExportJob.objects.get(owner=year.principal)
    assert (job.params["from"], job.params["to"]) == (["2"], ["3"])
    line = reverse("finance:books:export", args=[job.pk])
    assert f'hx-get="{line}"' in reader.get(page).content.decode()
    assert f'hx-get="{line}"' not in get(reader, "page", year.account("100199").pk).content.decode()
    assert exports.run(job).state == "done"
    text = reader.get(line).content.decode()
    assert "hx-get" not in text and reverse("exports:download", args=[job.pk]) in text


def test_schools_stand_side_by_side(client, year):
    actions.open_ledger(year.central, kind="main", year=2026, by=year.chief)
    client.force_login(make_person(year.central, "auditor"))
    context = client.get(reverse("finance:books:schools") + "?year=2026&month=4").context
    cash = next(row for row in context["rows"] if row.code == "1001")
    assert sorted(balance for balance in cash.balances if balance is not None) == [Decimal("1474.56")]
    assert cash.total == Decimal("1474.56")
    assert len(context["ledgers"]) == 2


@pytest.mark.parametrize("query", ["year=02026999", "month=000019", "from=000019", f"to={'9' * 5000}"])
@pytest.mark.parametrize("name", ["schools", "results"])
def test_a_number_too_long_for_a_month_or_a_year_is_none(client, year, name, query):
    client.force_login(make_person(year.central, "auditor"))
    assert client.get(f"{reverse(f'finance:books:{name}')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "role", ["principal", "cashier", "accountant", "chief_accountant", "central_officer", "auditor"]
)
@pytest.mark.parametrize("name", ["page", "table", "cover", "account", "balances", "general"])
def test_who_reads_which_books(client, year, role, name):
    pk = year.ledger.pk if name in ("balances", "general") else year.cash.pk
    client.force_login(make_person(year.campus, role))
    assert get(client, name, pk).status_code == 200
    client.force_login(make_person(year.central, role))
    assert get(client, name, pk).status_code == (
        200 if role in ("chief_accountant", "central_officer", "auditor") else 404
    )
    client.force_login(make_person(make_school(parent=year.central), role))
    assert get(client, name, pk).status_code == 404


def test_the_shelf_shows_each_book_with_its_balance(client, year):
    client.force_login(year.principal)
    [(ledger, books)] = client.get(reverse("finance:books:home")).context["rows"]
    assert ledger == year.ledger
    assert next(book.head.balance for book, _title in books if book == year.cash) == Decimal("1474.56")
    assert b"<form" in client.get(reverse("finance:books:home")).content


def test_the_book_of_a_closed_account_stays_on_the_shelf(client):
    office = Office(at="central")
    bank = BankAccount.objects.select_related("account").get(account__code=BANK)
    for debit in (100, -100):
        lines = [office.line(BANK, debit, 0, "拨款"), office.line("3001", 0, debit)]
        office.post(office.draft(*lines, kind="receipt"))
    banks.close(bank, closed_on=date(2026, 3, 2), reason="并户", by=office.chief)
    client.force_login(office.principal)
    [(_ledger, books)] = client.get(reverse("finance:books:home")).context["rows"]
    # Of accounts of banks that are not registered there is no book.
    assert [book.code for book, _title in books if book.code.startswith("1002")] == [BANK]
    tabs = get(client, "page", bank.account_id).context["frame_of"].tabs
    assert [tab.label for tab in tabs if tab.is_current] == [figures.book_title(BANK, "")]


def test_staff_read_no_books(client, year):
    client.force_login(make_person(year.campus, "staff"))
    assert get(client, "page", year.cash.pk).status_code in (403, 404)
    assert client.get(reverse("finance:books:home")).status_code == 403


@pytest.mark.parametrize(
    ("name", "months"), [("page", "month=4"), ("table", "month=4"), ("account", "month=4"), ("account", "from=1&to=4")]
)
def test_a_longer_book_costs_the_same(year, reader, name, months):
    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert get(reader, name, year.cash.pk, f"?year=2026&{months}").status_code == 200
        return [query["sql"] for query in captured.captured_queries]

    cost()
    few = cost()
    for number in range(12):
        year.post(year.receipt(number + 1, on=date(2026, 4, 2)))
    many = cost()
    assert len(many) == len(few) <= MOST
    assert not any("OFFSET" in sql or "COUNT(" in sql for sql in many)
    assert Posting.objects.filter(ledger=year.ledger).count() == 21
