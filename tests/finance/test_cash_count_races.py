"""Several people with one cash count, and counts beside postings."""

from finance.counts import actions
from finance.counts.models import CashCount
from finance.ledger import actions as ledgers
from finance.ledger.models import Entry
from houqin.history.models import ActionLog
from tests.assets.test_repair_races import at_once
from tests.finance.count_factories import counted
from tests.finance.ledger_factories import CASH, Office


def test_two_people_decide_at_once_and_one_of_them_has(committing_db):
    office = Office()
    made = counted(office, {})
    steps = (
        lambda: actions.confirm(made, by=office.accountant),
        lambda: actions.give_back(made, reason="重盘", by=office.principal),
        lambda: actions.confirm(made, by=office.chief),
    )
    results = at_once(*steps)
    assert results.count("count_decided") == 2
    assert sum(isinstance(result, CashCount) for result in results) == 1
    assert ActionLog.objects.filter(record_kind="finance.cashcount", record_id=made.pk).count() == 2


def test_what_was_given_back_is_made_anew_by_one_of_two(committing_db):
    office = Office()
    returned = actions.give_back(counted(office, {}), reason="重盘", by=office.accountant)
    results = at_once(*[lambda: counted(office, {}, replaces=returned)] * 3)
    assert results.count("count_replaced") == 2


def test_counts_and_postings_at_once_compare_with_a_line_of_the_book(committing_db):
    office = Office()
    office.opening(1000)
    vouchers = [office.reviewed(office.payment(100)) for _number in range(4)]
    steps = [lambda voucher=voucher: ledgers.post(voucher, by=office.chief) for voucher in vouchers]
    at_once(*steps, *[lambda: counted(office, {}, reason="试")] * 4)
    entries = dict(Entry.objects.filter(account__code=CASH).values_list("position", "balance"))
    counts = CashCount.objects.all()
    assert len(counts) == 4
    assert all(entries[one.book_position] == one.book_balance for one in counts)
