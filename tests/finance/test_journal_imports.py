"""The paper cash journal of 2024 comes into the books, line by line; its twin with mistakes is refused whole."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import translation

from finance.journals import actions as journal_actions
from finance.journals.compare import compare
from finance.journals.forms import MapForm
from finance.journals.imports import JOURNAL
from finance.journals.models import JournalBatch, JournalRow
from finance.journals.waiting import waiting
from finance.ledger import actions
from finance.ledger.models import BookLine, Entry, Posting, Voucher
from finance.ledger.verify import verify
from houqin.imports import actions as imports
from houqin.imports.checking import examine
from houqin.imports.columns import match_columns
from houqin.imports.work import run_job
from houqin.notices.models import Notice
from tests.finance.journal_factories import (
    CLOSING,
    CREDIT,
    DEBIT,
    ENTRIES,
    FROM_CENTRAL,
    GOODS,
    HEAD,
    MONTHS,
    OPENING,
    PAPER,
    TWIN,
    WRONG_ROWS,
    entered,
    examined,
    of_file,
    refused,
    small,
    submitted,
)
from tests.finance.ledger_factories import CASH, Office, books_of, second_chief
from tests.schools.factories import make_membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office(year=2024)


# --- the paper of 2024


def test_the_makers_and_this_test_agree_on_the_paper():
    """The figures above are those of the files' makers where these are at hand."""
    assert sum(Decimal(debit) for debit, _credit, _balance in MONTHS.values()) == DEBIT
    assert sum(Decimal(credit) for _debit, credit, _balance in MONTHS.values()) == CREDIT
    assert OPENING + DEBIT - CREDIT == CLOSING


def test_the_journal_of_2024_becomes_books_that_stand_where_the_paper_stands(office):
    found = of_file(PAPER, office)
    assert found.errors == []
    batch = submitted(entered(found, office), office)
    assert (batch.opening, batch.debit, batch.credit, batch.closing) == (OPENING, DEBIT, CREDIT, CLOSING)
    assert not Posting.objects.filter(ledger=office.ledger).exists()
    postings = journal_actions.confirm(batch, by=office.chief)
    assert len(postings) == ENTRIES + 1
    cash = office.account(CASH)
    assert cash.head.balance == CLOSING
    # numbers, dates, amounts and balances are the paper's own, line by line
    lines = Entry.objects.filter(account=cash, posting__position__gt=1).order_by("position")
    booked = list(
        lines.values_list("date", "posting__kind", "posting__number", "summary", "debit", "credit", "balance")
    )
    paper = JournalRow.objects.filter(batch=batch)
    fields = ("month", "day", "word", "number", "summary", "debit", "credit", "balance")
    assert booked == [(date(2024, row[0], row[1]), *row[2:]) for row in paper.values_list(*fields)]
    assert booked[-1][-1] == CLOSING
    assert verify(books_of(office)) is None
    assert set(Voucher.objects.values_list("reviewed_by", "prepared_by")) == {(office.chief.pk, office.accountant.pk)}


def test_months_and_years_of_the_bound_book_are_those_of_the_paper(office):
    batch = submitted(entered(of_file(PAPER, office), office), office)
    journal_actions.confirm(batch, by=office.chief)
    office.close_through(12, 2024)
    lines = BookLine.objects.filter(account=office.account(CASH)).order_by("page", "line")
    struck = {
        line.date.month: tuple(map(str, (line.debit, line.credit, line.balance)))
        for line in lines.filter(kind="month_total")
    }
    assert struck == {month: tuple(f"{Decimal(amount):.2f}" for amount in amounts) for month, amounts in MONTHS.items()}
    last = lines.filter(kind="year_total").last()
    assert (last.debit, last.credit, last.balance) == (DEBIT, CREDIT, CLOSING)
    assert lines.first().kind == "opening"
    assert lines.first().balance == OPENING


def test_the_twin_is_refused_whole_with_exactly_the_wrong_rows(office):
    found = of_file(TWIN, office)
    assert {error.row: error.code for error in found.errors} == WRONG_ROWS
    assert len(found.errors) == len(WRONG_ROWS)
    assert [(error.column, error.cell) for error in found.errors] == [
        ("credit", "123.456"),
        ("month", "4-30"),
        ("number", "17"),
        ("balance", "2344.17"),
        ("credit", "10"),
        ("summary", ""),
        ("balance", "2033.13"),
    ]
    job = imports.upload(
        SimpleUploadedFile(TWIN.name, TWIN.read_bytes()), kind=JOURNAL, school=office.school, by=office.accountant
    )
    run_job(job.pk)
    job.refresh_from_db()
    imports.choose_columns(job, mapping=job.mapping, by=office.accountant)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_count) == ("refused", len(WRONG_ROWS))
    assert [error["row"] for error in job.errors] == list(WRONG_ROWS)
    assert not JournalBatch.objects.exists()


def test_what_is_shown_before_confirming_are_the_figures_of_the_paper(office):
    rows = of_file(PAPER, office).rows
    with translation.override("en"):
        figures = {str(name): value for name, value in JOURNAL.summarise(rows)}
    assert figures["entries"] == "230"
    assert figures["opening balance"] == "¥1,286.40"
    assert figures["closing balance"] == "¥1,710.59"
    assert figures["month 10"] == "received ¥5,000.00, paid ¥7,282.67, then ¥1,087.00"


# --- mapping, confirming


def test_counter_accounts_are_asked_once_and_proposed_well(office):
    batch = entered(examined([HEAD, *small()], office), office)
    assert list(batch.counters.values_list("text", "lines")) == [(GOODS, 2), (FROM_CENTRAL, 1)]
    batch = submitted(batch, office)
    chosen = dict(batch.counters.values_list("text", "account__code"))
    # a campus has no bank account: what came from there came from the central school
    assert chosen == {GOODS: "500102", FROM_CENTRAL: "230790"}
    assert batch.counters.get(text=GOODS).budget_account.code == "720101"
    journal_actions.confirm(batch, by=office.chief)
    assert (office.balance("230790"), office.balance("500102"), office.balance("720101")) == (-200, 100, 100)
    assert office.balance("3001") == -100


def test_a_paper_without_a_year_is_of_the_year_that_the_books_stand_in(office):
    assert entered(examined([HEAD, *small()], office), office).year == 2024
    office.close_through(12, 2024)
    actions.carry_forward(office.ledger, 2024, by=office.chief)
    lines = [[*line] for line in small()]
    lines[1][4] = "购板擦"
    assert entered(examined([HEAD, *lines], office), office).year == 2025


def test_nobody_confirms_their_own_import_and_a_cashier_none(office):
    batch = submitted(entered(examined([HEAD, *small()], office), office), office)
    assert refused(journal_actions.confirm, batch, by=office.accountant) == "not_allowed"
    assert refused(journal_actions.confirm, batch, by=office.cashier) == "not_allowed"
    journal_actions.drop(batch, by=office.accountant)
    own = entered(examined([HEAD, *small()], office), office)
    form = MapForm(about=own, by=office.chief)
    data = {name: "" if field.initial is None else field.initial for name, field in form.fields.items()}
    form = MapForm(data, about=own, by=office.chief)
    assert form.is_valid()
    form.save()
    assert refused(journal_actions.confirm, own, by=office.chief) == "own_batch"
    journal_actions.confirm(own, by=second_chief(office))
    assert refused(journal_actions.confirm, own, by=office.chief) == "not_submitted"
    own.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        JournalBatch.objects.filter(pk=own.pk).update(confirmed_by=own.prepared_by)


def test_all_is_posted_or_nothing(office):
    """The second month is closed meanwhile: the first one is not posted either."""
    batch = submitted(entered(examined([HEAD, *small()], office), office), office)
    office.close_through(2, 2024)
    assert refused(journal_actions.confirm, batch, by=office.chief) == "period_closed"
    assert not Posting.objects.filter(ledger=office.ledger).exists()
    assert not Voucher.objects.filter(ledger=office.ledger).exists()
    batch.refresh_from_db()
    assert batch.state == "submitted"


def test_a_journal_goes_on_where_the_books_stand_or_is_refused(office):
    office.post(
        office.draft(
            office.line(CASH, 90, 0, "上年结转"), office.line("3001", 0, 90), kind="opening", on=date(2024, 1, 1)
        )
    )
    batch = entered(examined([HEAD, *small()], office), office)
    assert refused(submitted, batch, office) == "opening_differs"
    office.post(office.receipt(10, on=date(2024, 1, 1)))
    # the books gave the number away that the paper has
    assert refused(submitted, batch, office) == "number_differs"
    office.post(office.receipt(10, on=date(2024, 1, 5)))
    lines = small()
    lines[0][-1], lines[1][-1], lines[2][-1] = 110, 80, 280
    later = entered(examined([HEAD, lines[0], lines[1]], office), office)
    assert refused(submitted, later, office) == "date_goes_back"


def test_a_journal_goes_back_with_words_and_can_be_given_up(office):
    batch = submitted(entered(examined([HEAD, *small()], office), office), office)
    assert refused(journal_actions.send_back, batch, reason=" ", by=office.chief) == "reason_missing"
    journal_actions.send_back(batch, reason="对方科目不对", by=office.chief)
    batch.refresh_from_db()
    assert (batch.state, batch.returned_reason) == ("draft", "对方科目不对")
    assert refused(journal_actions.send_back, batch, reason="再看", by=office.chief) == "not_submitted"
    journal_actions.drop(batch, by=office.accountant)
    assert refused(journal_actions.drop, batch, by=office.accountant) == "not_draft"


def test_accounts_that_cannot_be_are_refused(office):
    batch = entered(examined([HEAD, *small()], office), office)
    cash, surplus = office.account(CASH), office.account("3001")
    choices = {counter.pk: (office.account("500102"), None) for counter in batch.counters.all()}

    def code(**changes):
        facts = {"year": 2024, "account": cash, "opening_account": surplus, "choices": choices}
        return refused(journal_actions.submit, batch, by=office.accountant, **facts | changes)

    assert code(account=surplus) == "wrong_account"
    assert code(opening_account=cash) == "wrong_account"
    assert code(opening_account=office.account("800102")) == "wrong_account"
    assert code(choices={}) == "counter_missing"
    assert code(choices=dict.fromkeys(choices, (cash, None))) == "counter_not_fit"
    assert code(choices=dict.fromkeys(choices, (office.account("5001"), None))) == "counter_not_fit"
    assert code(choices=dict.fromkeys(choices, (office.account("720101"), None))) == "counter_not_fit"
    assert code(year=2023) == "period_missing"
    office.close_through(1, 2024)
    assert code() == "period_closed"


def test_the_same_paper_comes_in_once(office):
    first = entered(examined([HEAD, *small()], office), office)
    again = examined([HEAD, *small()], office)
    assert [(error.row, error.code) for error in again.errors] == [(0, "journal_twice")]
    # other heads and another order of columns are the same paper
    other = examined([HEAD[::-1], *(line[::-1] for line in small())], office)
    assert [(error.row, error.code) for error in other.errors] == [(0, "journal_twice")]
    assert refused(entered, again, office) == "journal_twice"
    with pytest.raises(IntegrityError), transaction.atomic():
        JournalBatch.objects.create(
            ledger=office.ledger,
            school=office.school,
            year=2024,
            entries=0,
            prepared_by=office.chief,
            fingerprint=first.fingerprint,
        )
    journal_actions.drop(first, by=office.accountant)
    assert examined([HEAD, *small()], office).errors == []
    journal_actions.confirm(submitted(entered(again, office), office), by=office.chief)
    assert [error.code for error in examined([HEAD, *small()], office).errors] == ["journal_twice"]


def test_who_is_chief_accountant_and_cashier_at_once_confirms_nothing(office):
    batch = submitted(entered(examined([HEAD, *small()], office), office), office)
    both = second_chief(office)
    make_membership(both, office.campus, "cashier")
    assert refused(journal_actions.confirm, batch, by=both) == "cashier_reviews"


def test_the_second_person_is_told_and_finds_it_at_home(client, office):
    batch = submitted(entered(examined([HEAD, *small()], office), office), office)
    assert set(Notice.objects.filter(url=batch.get_absolute_url()).values_list("person", flat=True)) == {
        office.chief.pk
    }
    waits = {}
    for name in ("chief", "accountant", "cashier"):
        client.force_login(getattr(office, name))
        waits[name] = f'href="{batch.get_absolute_url()}"' in client.get("/").content.decode()
    assert waits == {"chief": True, "accountant": False, "cashier": False}
    assert list(waiting(office.chief, None)) == [batch]
    assert not waiting(office.accountant, office.school).exists()
    journal_actions.send_back(batch, reason="对方科目不对", by=office.chief)
    client.force_login(office.accountant)
    assert "对方科目不对" in client.get("/").content.decode()
    assert not waiting(office.chief, None).exists()


def test_the_paper_stands_beside_what_it_comes_to(client, office):
    batch = submitted(entered(of_file(PAPER, office), office), office)
    before = compare(batch)
    assert [total.month for total in before if total.kind == "month_total"] == list(MONTHS)
    assert [total.kind for total in before].count("year_total") == len(MONTHS)
    assert before[-1].kind == "next_year"
    assert all(total.is_same for total in before)
    journal_actions.confirm(batch, by=office.chief)
    batch.refresh_from_db()
    assert [(total.kind, total.month, total.ours) for total in compare(batch)] == [
        (total.kind, total.month, total.ours) for total in before
    ]
    # what the paper states is really looked at
    batch.totals.filter(kind="month_total", month=3).update(credit=Decimal("5155.82"))
    assert [(total.kind, total.month) for total in compare(batch) if not total.is_same] == [("month_total", 3)]
    client.force_login(office.chief)
    assert not client.get(batch.get_absolute_url()).context["is_same"]


def test_a_receipt_word_on_a_payment_is_refused_with_its_row(office):
    lines = small([2, 2, "收", 1, "水费", GOODS, None, 5, "借", 195])
    batch = entered(examined([HEAD, *lines], office), office)
    assert refused(submitted, batch, office) == "wrong_kind"


def test_books_must_be_there():
    office = Office(year=2024, at="central")
    found = examine(
        JOURNAL,
        [HEAD, *small()],
        header_row=1,
        mapping=match_columns(HEAD, JOURNAL),
        school=office.campus,
        by=office.accountant,
        progress=lambda _n: None,
    )
    assert [(error.row, error.code) for error in found.errors] == [(0, "books_missing")]
