"""How long papers of accounting are kept, and where that is said: screen and paper, books and reconciliations."""

from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from finance.ledger.archive import BOOKS, kept, shipped
from houqin.schools.middleware import SESSION_KEY
from tests.finance.ledger_factories import CASH, YEAR, Office
from tests.finance.reconciliation_factories import BankOffice
from tests.finance.test_book_exports import export, page_text


def test_the_table_is_that_of_the_norm():
    years = {one.code: one.years for one in shipped()}
    assert years == {
        "vouchers": 30,
        "books": 30,
        "reports": 10,
        "accounts": None,
        "reconciliations": 10,
        "handovers": 30,
        "destructions": None,
    }


def test_years_are_counted_from_the_first_day_after_the_year():
    (books,) = kept(2026, BOOKS)
    assert (books.years, books.since, books.until) == (30, date(2027, 1, 1), date(2056, 12, 31))
    assert [one.until for one in kept(2026)].count(None) == 2


@pytest.mark.django_db
def test_a_book_says_so_on_its_opening_page(client, settings, tmp_path):
    office = Office()
    office.opening(1000)
    client.force_login(office.chief)
    page = client.get(reverse("finance:books:cover", args=[office.account(CASH).pk]))
    assert page.context["kept"].until == date(YEAR + 30, 12, 31)
    assert f"{YEAR + 30}-12-31" in page.content.decode()
    settings.MEDIA_ROOT = str(tmp_path)
    paper = export(office.chief, office.school, "journal", "pdf", f"account={office.account(CASH).pk}")
    assert f"{YEAR + 30}-12-31" in page_text(PdfReader(paper).pages[0])


@pytest.mark.django_db
def test_a_reconciliation_says_so_on_paper(client):
    office = BankOffice()
    one = office.reviewed_one()
    client.force_login(office.chief)
    paper = client.get(reverse("finance:reconciliations:print", args=[one.pk])).content
    text = "".join(PdfReader(BytesIO(paper)).pages[0].extract_text().split())
    assert f"保管期限：10年，自{YEAR + 1}年1月1日起，至{YEAR + 10}年12月31日止" in text


@pytest.mark.django_db
def test_a_closed_year_says_what_of_it_is_kept_until_when(client):
    office = Office(year=2024)
    office.opening(1000)
    client.force_login(office.chief)
    session = client.session
    session[SESSION_KEY] = office.school.pk
    session.save()
    periods, carry = reverse("finance:ledger:periods"), reverse("finance:ledger:carry", args=[office.ledger.pk, 2024])
    until = "2054-12-31"
    for address in (periods, carry):
        assert until not in client.get(address).content.decode()
    office.close_through(12, 2024)
    for address in (periods, carry):
        assert until in client.get(address).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("year", [1, YEAR - 1, 9999, 10**10])
def test_a_year_that_the_books_lack_is_not_found(client, year):
    office = Office()
    client.force_login(office.chief)
    assert client.get(reverse("finance:ledger:carry", args=[office.ledger.pk, year])).status_code == 404
    client.force_login(office.accountant)
    assert client.post(reverse("finance:ledger:draft_results", args=[office.ledger.pk, year])).status_code == 404
