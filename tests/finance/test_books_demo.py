"""The demo's books: posted, agreeing with each other, and with something to review."""

from decimal import Decimal
from io import StringIO

import pytest

from finance.books import demo
from finance.books.journal_models import JournalBatch
from finance.ledger.models import Account, Ledger, Voucher
from finance.ledger.verify import verify
from houqin.accounts.models import User
from houqin.schools.demo_base import load_base
from houqin.schools.models import School

pytestmark = pytest.mark.django_db


def test_the_demo_keeps_books_that_agree(settings):
    settings.DEMO, settings.DEMO_PASSWORD = True, "houqin-demo"
    load_base()
    demo.load(StringIO())
    assert Ledger.objects.count() == School.objects.count()
    for ledger in Ledger.objects.all():
        assert verify(ledger) is None, ledger
    batch = JournalBatch.objects.get()
    assert (batch.state, batch.closing) == ("posted", Decimal("1710.59"))
    # what the central school has lent, each campus owes
    central = Ledger.objects.get(school__parent=None)
    for account in Account.objects.filter(ledger=central, counterpart__isnull=False).select_related("head"):
        there = Account.objects.get(ledger__school=account.counterpart, counterpart=central.school)
        assert account.head.balance == -there.head.balance
    chief = User.objects.get(username="chief_accountant")
    waiting = Voucher.objects.visible_to(chief).filter(state="submitted")
    assert waiting.count() >= 3
    assert {chief.pk}.isdisjoint(waiting.values_list("prepared_by", flat=True))
    counts = Voucher.objects.count()
    demo.load(StringIO())
    assert Voucher.objects.count() == counts
