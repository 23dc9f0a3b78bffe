"""The demo's books: posted, agreeing with each other, and with something to review."""

from decimal import Decimal
from io import StringIO

import pytest
from django.utils import timezone

from finance.books import demo
from finance.counts.models import CashCount
from finance.journals.models import JournalBatch
from finance.ledger.models import Account, Ledger, Voucher
from finance.ledger.verify import verify
from finance.reconciliations import demo as reconciliations
from finance.reconciliations.models import BankReconciliation
from finance.statements import tables
from finance.statements.amounts import Span
from finance.statements.papers import INCOME, PART
from houqin.accounts.models import User
from houqin.schools.demo_base import load_base
from houqin.schools.models import School

pytestmark = pytest.mark.django_db


def test_the_demo_keeps_books_that_agree(settings):
    settings.DEMO, settings.DEMO_PASSWORD = True, "houqin-demo"
    load_base()
    demo.load(StringIO())
    assert Ledger.objects.filter(kind="main").count() == School.objects.count()
    for ledger in Ledger.objects.all():
        assert verify(ledger) is None, ledger
    batch = JournalBatch.objects.get()
    assert (batch.state, batch.closing) == ("posted", Decimal("1710.59"))
    # what the central school has lent, each campus owes
    central = Ledger.objects.get(school__parent=None, kind="main")
    for account in Account.objects.filter(ledger=central, counterpart__isnull=False).select_related("head"):
        there = Account.objects.get(ledger__school=account.counterpart, counterpart=central.school)
        assert account.head.balance == -there.head.balance
    chief = User.objects.get(username="chief_accountant")
    waiting = Voucher.objects.visible_to(chief).filter(state="submitted")
    assert waiting.count() >= 3
    assert {chief.pk}.isdisjoint(waiting.values_list("prepared_by", flat=True))
    # Each campus has counted its cash in the last months; some wait for their witness, and one was given back.
    for campus in School.objects.exclude(parent=None):
        assert CashCount.objects.filter(school=campus, state="confirmed", difference=0).exists(), campus
    assert set(CashCount.objects.values_list("state", flat=True)) == {"counted", "confirmed", "returned"}
    reconciliations.load(StringIO())
    states = list(BankReconciliation.objects.order_by("ends_on").values_list("state", flat=True))
    # Of the year's months that are over, the last one is left to be made, and the one before waits for review.
    over = timezone.localdate().month - 1
    assert states == ["reviewed"] * (over - 2) + ["submitted"] * (over > 1)
    counts = Voucher.objects.count()
    demo.load(StringIO())
    reconciliations.load(StringIO())
    assert BankReconciliation.objects.count() == len(states)
    assert Voucher.objects.count() == counts


def test_what_an_auditor_sees_in_the_demo_makes_sense(settings):
    settings.DEMO, settings.DEMO_PASSWORD = True, "houqin-demo"
    load_base()
    demo.load(StringIO())
    for ledger in Ledger.objects.all():
        balances = {
            account.code: account.head.balance
            for account in ledger.accounts.filter(is_leaf=True).select_related("head")
        }
        money = sum(balance for code, balance in balances.items() if code.startswith(("1001", "1002")))
        funds = sum(balance for code, balance in balances.items() if code.startswith("8001"))
        assert funds == money > 0, ledger
        # Nobody spends what never came: income and what was carried forward bear the spending.
        income = balances["6001"] + balances["6609"]
        assert -income - balances["8101"] > balances["720101"] - balances["8501"] >= 0, ledger
        assert balances["8501"] == 0
    # The canteen's net result is seen in its school's statement.
    today, central = timezone.localdate(), Ledger.objects.get(school__parent=None, kind="main")
    made = tables.statement(INCOME, central, Span(today.year, today.month))
    assert str(made.canteen) != str(central)
    net = [line.values[1] for line in made.lines if line.row.kind == PART and line.row.number is None]
    assert (made.canteen is not None, net[0] > 0) == (True, today.month > 1)
    # The years before this one came to what was left of the cash, and nothing is owed of them.
    books = Ledger.objects.get(school__name=demo.CAMPUS)
    kept = [books.accounts.get(code=code).head.balance for code in (demo.SURPLUS, demo.CARRIED)]
    assert books.carried_through == timezone.localdate().year - 1
    assert kept[0] == kept[1] < 0
