"""The exported book is the paper one, line by line; and the reader that says so notices whatever differs."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.http import QueryDict

from finance.journals import actions as journal_actions
from finance.ledger import actions as ledger_actions
from houqin.exports import actions as exports
from tests.finance.journal_factories import ENTRIES, PAPER, entered, of_file, submitted
from tests.finance.ledger_factories import Office
from tests.finance.paper_reader import differences, of_paper, of_pdf, of_workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(settings, tmp_path):
    """Books that hold the paper journal of 2024, closed and carried forward."""
    settings.MEDIA_ROOT = str(tmp_path)
    office = Office(year=2024)
    journal_actions.confirm(submitted(entered(of_file(PAPER, office), office), office), by=office.chief)
    office.post(ledger_actions.draft_results(office.ledger, 2024, by=office.accountant))
    office.close_through(12, 2024)
    ledger_actions.carry_forward(office.ledger, 2024, by=office.chief)
    return office


def exported(office, form):
    query = QueryDict(f"ledger={office.ledger.pk}&code=100101&year=2024")
    job = exports.start("finance.journal", by=office.accountant, school=office.campus, format=form, params=query)
    return exports.run(job).path


def test_workbook_and_print_are_the_paper_book(office):
    paper, workbook = of_paper(PAPER), of_workbook(exported(office, "xlsx"))
    assert len([line for line in workbook if line.kind == "entry"]) == ENTRIES
    assert differences(paper, workbook) == []
    assert of_pdf(exported(office, "pdf")) == workbook


def altered(book, kind, **changes):
    """The book with one line of a kind, in its middle, changed."""
    places = [at for at, line in enumerate(book) if line.kind == kind]
    at = places[len(places) // 2]
    return [*book[:at], replace(book[at], **changes), *book[at + 1 :]]


def test_the_reader_notices_whatever_differs():
    paper = of_paper(PAPER)
    assert differences(paper, paper) == []
    fen = Decimal("0.01")
    for changes in (
        {"day": (8, 1)},
        {"word": "转"},
        {"number": 99},
        {"summary": "购粉笔"},
        {"debit": fen},
        {"credit": fen},
        {"balance": fen},
    ):
        assert differences(paper, altered(paper, "entry", **changes)), changes
    for kind in ("month_total", "year_total", "brought_forward", "carried_over"):
        for name in ("debit", "credit", "balance"):
            assert differences(paper, altered(paper, kind, **{name: fen})), (kind, name)
    for kind in ("opening", "next_year"):
        assert differences(paper, altered(paper, kind, balance=fen)), kind
    for kind in ("entry", "month_total", "year_total", "opening", "next_year"):
        left_out = next(line for line in paper if line.kind == kind)
        assert differences(paper, [line for line in paper if line is not left_out]), kind
    assert differences(paper, [*paper[:5], paper[6], paper[5], *paper[7:]])
