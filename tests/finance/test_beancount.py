"""Beancount, a program of others, reads our books: nothing to complain of, and the same balances."""

import re
import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core import data
from django.core.management import CommandError, call_command

from finance.books import beancount
from finance.journals import actions as journal_actions
from finance.ledger import actions
from finance.ledger.models import Account
from tests.finance.journal_factories import ENTRIES, PAPER, entered, of_file, submitted
from tests.finance.ledger_factories import BANK, CASH, Office, books_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    """Books with the paper journal of 2024, and a payment that was put right afterwards."""
    office = Office(year=2024)
    journal_actions.confirm(submitted(entered(of_file(PAPER, office), office), office), by=office.chief)
    wrong = office.post(office.payment(100, on=date(2024, 12, 30)))
    actions.correct(
        wrong,
        lines=office.paid(120),
        prepared_by=office.accountant,
        by=office.chief,
        date=date(2024, 12, 31),
        attachments=1,
    )
    office.close_through(12, 2024)
    return office


def read(text):
    entries, errors, _options = loader.load_string(text, dedent=False)
    return entries, errors


def test_beancount_finds_no_mistake_and_the_same_balances(office):
    text = "".join(beancount.lines(books_of(office)))
    entries, errors = read(text)
    assert errors == []
    # with them the opening balances, the payment, its correction in two, and the transfer of the year's results
    assert sum(isinstance(entry, data.Transaction) for entry in entries) == ENTRIES + 5
    theirs = Counter()
    for entry in entries:
        if isinstance(entry, data.Transaction):
            for posting in entry.postings:
                theirs[posting.account] += posting.units.number
    accounts = Account.objects.filter(ledger=office.ledger, is_leaf=True).select_related("head")
    assert {beancount.name_of(account): account.head.balance for account in accounts if account.head.position} == theirs
    assert theirs["Assets:1001:100101"] == Decimal("1710.59") - 120


def test_beancount_would_find_a_changed_fen(office):
    """The oracle can fail: one fen in one line of cash is named."""
    text = "".join(beancount.lines(books_of(office)))
    changed, count = re.subn(r"(Assets:1001:100101  -\d+\.)(\d\d) CNY", r"\g<1>77 CNY", text, count=1)
    assert count == 1
    assert read(changed)[1] != []


def test_the_command_writes_what_bean_check_passes(office, tmp_path):
    path = tmp_path / "books.beancount"
    call_command("export_beancount", office.school.code, path)
    done = subprocess.run(
        [sys.executable, "-m", "beancount.scripts.check", path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    with pytest.raises(CommandError):
        call_command("export_beancount", "nobody", path)


def test_empty_books_and_strange_words_are_no_trouble():
    office = Office(at="central")
    assert read("".join(beancount.lines(books_of(office))))[1] == []
    office.opening(500)
    office.post(
        office.draft(office.line("500102", 20, 0, '购"粉笔"\\一盒'), office.line(CASH, 0, 20), on=date(2026, 3, 3))
    )
    assert not office.account(BANK).closed
    assert read("".join(beancount.lines(books_of(office))))[1] == []


def checked(office, kind, path):
    """What `bean-check` says of a set of books, which the command has written."""
    call_command("export_beancount", office.school.code, path, kind=kind)
    command = [sys.executable, "-m", "beancount.scripts.check", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_the_canteens_books_and_what_was_written_off_pass_too(tmp_path):
    office = Office()
    office.opening(1000)
    wrong = office.post(office.payment("300.03", on=date(2026, 3, 2)))
    main = books_of(office)
    office.ledger = actions.open_ledger(office.school, kind="canteen", year=2026, by=office.chief)
    office.opening("500.50")
    office.post(office.payment("0.50", on=date(2026, 3, 2)))
    bad = office.post(office.payment("499.99", on=date(2026, 3, 3)))
    actions.reverse(bad, prepared_by=office.accountant, by=office.chief, date=date(2026, 3, 4), reason="记错账套")
    office.close_through(3)
    canteen = office.ledger
    office.ledger = main
    put_right = {"date": date(2026, 3, 5), "attachments": 1}
    actions.correct(wrong, lines=office.paid("30.30"), prepared_by=office.accountant, by=office.chief, **put_right)
    for kind, cash in (("main", "969.70"), ("canteen", "500.00")):
        assert checked(office, kind, tmp_path / f"{kind}.beancount") == (0, "")
        ledger = main if kind == "main" else canteen
        assert Account.objects.get(ledger=ledger, code=CASH).head.balance == Decimal(cash)
        entries, _errors = read((tmp_path / f"{kind}.beancount").read_text(encoding="utf-8"))
        amounts = [
            posting.units.number
            for entry in entries
            if isinstance(entry, data.Transaction)
            for posting in entry.postings
            if posting.account.endswith(CASH)
        ]
        assert sum(amounts) == Decimal(cash)
        assert any(amount > 0 for amount in amounts[1:])
