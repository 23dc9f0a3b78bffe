"""The pages of bound books: carried over and forward, days, months and years struck, years turned."""

from datetime import date
from decimal import Decimal

import pytest

from finance.ledger import actions
from finance.ledger.models import BookLine, ChainHead, Entry
from finance.ledger.tasks import note_heads
from finance.ledger.verify import verify
from tests.finance.ledger_factories import CASH, YEAR, Office
from tests.finance.test_ledger import refused

pytestmark = pytest.mark.django_db


def book(office, year=YEAR, code=CASH):
    """The lines of a book: page, line, kind, day, debit, credit, balance."""
    lines = BookLine.objects.filter(account=office.account(code), year=year).order_by("page", "line")
    return [
        (line.page, line.line, line.kind, f"{line.date:%m%d}", line.debit, line.credit, line.balance) for line in lines
    ]


def kinds(office, year=YEAR):
    return [line[2] for line in book(office, year)]


def test_a_day_is_struck_when_it_had_several_entries_and_the_next_one_begins():
    office = Office()
    office.opening(1000)
    office.post(office.payment(100))
    office.post(office.payment(50))
    office.post(office.payment(25, on=date(YEAR, 3, 5)))
    office.post(office.payment(1, on=date(YEAR, 3, 6)))
    assert book(office) == [
        (1, 1, "opening", "0101", 0, 0, 1000),
        (1, 2, "entry", "0302", 0, 100, 900),
        (1, 3, "entry", "0302", 0, 50, 850),
        (1, 4, "day_total", "0302", 0, 150, 850),
        (1, 5, "entry", "0305", 0, 25, 825),
        (1, 6, "entry", "0306", 0, 1, 824),
    ]


def test_a_month_is_struck_at_closing_or_when_a_later_one_begins_whichever_is_first():
    office = Office()
    office.opening(1000)
    office.post(office.payment(100, on=date(YEAR, 1, 31)))
    office.post(office.receipt(7, on=date(YEAR, 1, 31)))
    office.close_through(2)
    office.post(office.payment(50, on=date(YEAR, 3, 1)))
    # April's first entry comes before March is closed.
    office.post(office.payment(50, on=date(YEAR, 4, 1)))
    office.close_through(3)
    assert book(office)[3:] == [
        (1, 4, "day_total", "0131", 7, 100, 907),
        (1, 5, "month_total", "0131", 7, 100, 907),
        (1, 6, "year_total", "0131", 7, 100, 907),
        (1, 7, "entry", "0301", 0, 50, 857),
        (1, 8, "month_total", "0331", 0, 50, 857),
        (1, 9, "year_total", "0331", 7, 150, 857),
        (1, 10, "entry", "0401", 0, 50, 807),
    ]
    assert verify(office.ledger) is None


def test_a_full_page_is_carried_over_with_the_sums_of_the_month_when_the_next_line_comes():
    office = Office(lines_per_page=6)
    office.opening(1000)
    for day in range(1, 5):
        office.post(office.payment(10, on=date(YEAR, 3, day)))
    assert kinds(office) == ["opening", "entry", "entry", "entry", "entry"]
    office.post(office.payment(10, on=date(YEAR, 3, 9)))
    assert book(office)[4:] == [
        (1, 5, "entry", "0304", 0, 10, 960),
        (1, 6, "carried_over", "0304", 0, 40, 960),
        (2, 1, "brought_forward", "0304", 0, 40, 960),
        (2, 2, "entry", "0309", 0, 10, 950),
    ]


def test_what_is_written_off_stands_in_red_and_the_day_is_struck_with_it():
    office = Office()
    office.opening(1000)
    posting = office.post(office.payment(100))
    actions.correct(
        posting, lines=office.paid(60), prepared_by=office.accountant, by=office.chief, date=date(YEAR, 3, 5)
    )
    office.close_through(3)
    assert [(line[2], line[5], line[6]) for line in book(office)[2:5]] == [
        ("entry", Decimal("-100.00"), 1000),
        ("entry", 60, 940),
        ("day_total", Decimal("-40.00"), 940),
    ]


def test_a_year_is_carried_forward_once_all_is_closed_and_transferred():
    office = Office(year=2024)
    office.opening(1000)
    office.post(office.payment(100, on=date(2024, 12, 30)))
    assert refused(actions.carry_forward, office.ledger, 2024, by=office.chief) == "period_open"
    office.close_through(11, 2024)
    results = actions.draft_results(office.ledger, 2024, by=office.accountant)
    office.post(results)
    office.close_through(12, 2024)
    assert refused(actions.carry_forward, office.ledger, 2025, by=office.chief) == "wrong_year"
    actions.carry_forward(office.ledger, 2024, by=office.chief)
    assert kinds(office, 2024) == ["opening", "entry", "month_total", "year_total", "next_year"]
    assert book(office, 2025) == [(1, 1, "opening", "0101", 0, 0, 900)]
    assert refused(actions.carry_forward, office.ledger, 2024, by=office.chief) == "already_carried"
    assert office.ledger.periods.filter(year=2025).count() == 12
    assert office.balance("3001") == -900
    assert office.balance("8501") == 100
    assert refused(actions.draft_results, office.ledger, 2024, by=office.accountant) == "no_results"
    assert verify(office.ledger) is None


def test_income_and_expenses_must_be_transferred_first():
    office = Office(year=2024)
    office.opening(1000)
    office.post(office.payment(100, on=date(2024, 12, 30)))
    office.close_through(11, 2024)
    # December stays open for them: nothing could be posted in it afterwards.
    assert refused(actions.close_period, office.period(12, 2024), by=office.chief) == "results_left"
    results = actions.draft_results(office.ledger, 2024, by=office.accountant)
    assert refused(actions.draft_results, office.ledger, 2024, by=office.accountant) == "source_taken"
    office.post(results)
    office.post(office.payment(1, on=date(2024, 12, 31)))
    office.post(actions.draft_results(office.ledger, 2024, by=office.accountant))
    actions.close_period(office.period(12, 2024), by=office.chief)
    actions.carry_forward(office.ledger, 2024, by=office.chief)
    assert [office.balance(code) for code in ("500102", "720101", "3301", "3302", "3001")] == [0, 0, 0, 0, -899]
    assert verify(office.ledger) is None


def test_january_goes_on_while_december_is_still_being_closed():
    office = Office(year=2024)
    office.opening(1000)
    office.post(office.payment(100, on=date(2024, 12, 30)))
    actions.open_year(office.ledger, by=office.chief)
    assert refused(actions.open_year, office.ledger, by=office.chief) == "year_before_open"
    office.post(office.payment(5, on=date(2025, 1, 3)))
    assert kinds(office, 2024)[-3:] == ["month_total", "year_total", "next_year"]
    assert book(office, 2025)[-1] == (1, 2, "entry", "0103", 0, 5, 895)
    office.post(actions.draft_results(office.ledger, 2024, by=office.accountant))
    office.close_through(12, 2024)
    actions.carry_forward(office.ledger, 2024, by=office.chief)
    assert kinds(office, 2025) == ["opening", "entry"]
    assert verify(office.ledger) is None


def test_every_page_has_its_lines_and_every_entry_its_line():
    office = Office(lines_per_page=7)
    office.opening(1000)
    for number in range(40):
        office.post(office.payment(1, on=date(YEAR, 1 + number // 10, 1 + number % 10 // 2)))
    office.close_through(4)
    lines = book(office)
    pages = max(line[0] for line in lines)
    assert pages > 8
    for page in range(1, pages):
        on_it = [line for line in lines if line[0] == page]
        assert [line[1] for line in on_it] == list(range(1, 8))
        assert on_it[-1][2] == "carried_over"
        following = next(line for line in lines if line[:2] == (page + 1, 1))
        assert (following[2], following[4:]) == ("brought_forward", on_it[-1][4:])
    written = BookLine.objects.filter(entry__isnull=False).count()
    assert written == Entry.objects.filter(account=office.account(CASH)).count()
    assert verify(office.ledger) is None


def test_the_heads_of_chains_are_noted_at_closing_and_by_night():
    office = Office()
    assert note_heads() == 0
    office.opening(1000)
    assert note_heads() == 1
    assert note_heads() == 0
    office.post(office.payment(on=date(YEAR, 1, 5)))
    office.close_through(1)
    assert list(ChainHead.objects.order_by("position").values_list("position", flat=True)) == [1, 2]


def test_carrying_a_dormant_year_forward_turns_the_book_too():
    office = Office(year=2024, lines_per_page=5)
    office.opening(1000)
    for year in (2024, 2025):
        office.close_through(12, year)
        actions.carry_forward(office.ledger, year, by=office.chief)
    assert kinds(office, 2025) == ["opening", "next_year"]
    assert kinds(office, 2026) == ["opening"]
    assert verify(office.ledger) is None
