"""Vouchers become postings, and what is refused on the way."""

from datetime import date
from decimal import Decimal

import pytest

from finance.ledger.models import Entry
from tests.finance.ledger_factories import CASH, YEAR, Office, books_of

pytestmark = pytest.mark.django_db


def test_a_reviewed_voucher_becomes_a_posting_with_number_balances_and_chain():
    office = Office()
    first = office.opening(1000)
    posting = office.post(office.payment(300))
    assert (first.kind, first.position, first.number) == ("opening", 1, 1)
    assert (posting.kind, posting.year, posting.month, posting.number, posting.position) == ("payment", YEAR, 3, 1, 2)
    assert posting.previous_hash == first.hash
    ledger = books_of(office)
    assert (ledger.chain_position, ledger.chain_head) == (2, posting.hash)
    assert office.balance(CASH) == 700
    cash = Entry.objects.get(posting=posting, account__code=CASH)
    assert (cash.position, cash.credit, cash.balance) == (2, Decimal("300.00"), Decimal("700.00"))
    assert cash.counter == "5001 业务活动费用"
    assert cash.date == date(YEAR, 3, 2)
