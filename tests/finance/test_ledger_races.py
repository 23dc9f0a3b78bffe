"""Many at once in one set of books: money is not spent twice, numbers have no gaps, nothing is posted twice."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import uuid4

from django.db import connection, transaction

from finance.ledger import actions
from finance.ledger.actions.books import locked
from finance.ledger.models import Account, ChainHead, Posting, Voucher
from finance.ledger.tasks import note_heads
from finance.ledger.verify import verify
from houqin.errors import Refused
from tests.assets.test_repair_races import at_once
from tests.finance.ledger_factories import CASH, EXPENSE, YEAR, Office
from tests.web.threads import at_once as threads


def test_two_hundred_payments_race_for_money_that_covers_fifty(committing_db):
    office = Office()
    office.opening(5000)
    vouchers = [office.reviewed(office.payment(100)) for _number in range(200)]
    shares = [vouchers[start::10] for start in range(10)]

    def pay():
        done = []
        for voucher in shares.pop():
            try:
                done.append(actions.post(voucher, by=office.chief))
            except Refused as refusal:
                done.append(refusal.code)
        return done

    results = [result for batch in threads(10, pay) for result in batch]
    assert results.count("negative_money") == 150
    assert office.balance(CASH) == 0
    numbers = Posting.objects.filter(kind="payment").order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 51))
    assert Voucher.objects.filter(state="posted", kind="payment").count() == 50
    assert verify(office.ledger) is None


def test_one_voucher_posted_by_many_at_once_is_posted_once(committing_db):
    office = Office()
    office.opening(5000)
    voucher = office.reviewed(office.payment(100))
    results = at_once(*[lambda: actions.post(voucher, by=office.chief)] * 6)
    assert results.count("already_posted") == 5
    assert Posting.objects.filter(voucher=voucher).count() == 1


def test_one_form_sent_many_times_at_once_makes_one_voucher(committing_db):
    office = Office()
    key = uuid4()
    results = at_once(*[lambda: office.payment(100, key=key)] * 6)
    assert len({voucher.pk for voucher in results}) == 1
    assert Voucher.objects.count() == 1


def test_a_posting_is_written_off_or_put_right_once_by_many_at_once(committing_db):
    office = Office()
    office.opening(5000)
    posting = office.post(office.payment(100))
    on = date(YEAR, 3, 9)
    results = at_once(
        *[lambda: actions.reverse(posting, prepared_by=office.accountant, by=office.chief, date=on, reason="x")] * 3,
        *[
            lambda: actions.correct(
                posting, lines=office.paid(60), prepared_by=office.accountant, by=office.chief, date=on
            )
        ]
        * 3,
    )
    assert results.count("already_reversed") == 5
    assert Posting.objects.filter(reverses=posting).count() == 1
    assert verify(office.ledger) is None


def test_a_correction_among_many_and_one_of_these_alone_do_not_wait_for_each_other(committing_db):
    """Whoever posts a month at once has all its vouchers before the ledger, as whoever posts one has."""
    office = Office()
    office.opening(5000)
    for day in range(3, 15):
        wrong = office.post(office.payment(10, on=date(YEAR, 3, day)))
        right = office.reviewed(office.payment(9, on=date(YEAR, 3, day), corrects=wrong))
        alone = office.reviewed(office.payment(1, on=date(YEAR, 3, day)))
        results = at_once(
            lambda r=right, a=alone: actions.post_all([r, a], by=office.chief),
            # Later and later, so that some time it comes while the others are under way.
            lambda a=alone, d=day: (time.sleep((d - 3) / 100), actions.post(a, by=office.chief)),
        )
        # One of the two was first; both together, or the one and then none of the two.
        assert results.count("already_posted") == 1
    assert verify(office.ledger) is None


def test_corrections_of_two_months_and_a_closing_do_not_wait_for_each_other(committing_db):
    """Who closes a month has it before the ledger; who posts corrections has all their months before it, too."""
    office = Office()
    worn = [office.line("500104", 30, 0, "计提折旧"), office.line("160202", 0, 30)]
    for late in range(6):
        days = date(YEAR, 3, 31), date(YEAR, 4, 30)
        wrong = [office.post(office.draft(*worn, kind="transfer", on=day)) for day in days]
        right = [office.reviewed(office.draft(*worn, kind="transfer", on=one.date, corrects=one)) for one in wrong]
        results = at_once(
            lambda both=right: len(actions.post_all(both, by=office.chief)),
            lambda after=late: (time.sleep(after / 100), actions.close_period(office.period(4), by=office.chief)),
        )
        assert set(results) == {2, "earlier_open"}
    assert verify(office.ledger) is None


def test_no_voucher_slips_into_a_month_that_is_closed_meanwhile(committing_db):
    """A new draft, one whose date is moved there, one handed in, a correction: each before the closing or refused."""
    office = Office()
    office.opening(5000)
    signed = {"prepared_by": office.accountant, "by": office.chief}
    for month in range(1, 7):
        period, day, later = office.period(month), date(YEAR, month, 25), date(YEAR, 7, 1)
        moving, wrong = office.payment(1, on=later), office.post(office.payment(3, on=day))
        plain = [office.line("500104", 30, 0, "计提折旧"), office.line("160202", 0, 30)]
        results = at_once(
            lambda p=period: actions.close_period(p, by=office.chief),
            lambda p=period: actions.close_period(p, by=office.chief),
            lambda d=day, lines=plain: office.draft(*lines, kind="transfer", on=d),
            lambda v=moving, d=day: office.payment(2, on=d, voucher=v),
            lambda w=wrong, d=day: actions.correct(w, lines=office.paid(2), date=d, attachments=1, **signed),
        )
        inside = Voucher.objects.filter(state="draft", date=day)
        assert office.period(month).is_open or not inside.exists(), results
        for code in (code for code in results if isinstance(code, str)):
            assert code in ("period_closed", "drafts_left")
        for voucher in Voucher.objects.filter(state="draft"):
            actions.void(voucher, by=office.accountant)
        if office.period(month).is_open:
            actions.close_period(office.period(month), by=office.chief)
    assert verify(office.ledger) is None


def test_what_changes_while_a_poster_waits_counts(committing_db):
    """Lines are read before the ledger is locked: an account closed and the first fees collected since are seen."""
    office = Office()
    office.opening(100)
    waiting = {"account_closed": office.payment(1), "fees_spent": office.payment(150)}
    for voucher in waiting.values():
        office.reviewed(voucher)
    expense = Account.objects.filter(pk=office.account(EXPENSE).pk)
    collected = [office.line(CASH, 100, 0, "收取住宿费"), office.line("210302", 0, 100)]
    fees = office.reviewed(office.draft(*collected, kind="receipt"))
    meanwhile = {
        "account_closed": lambda: expense.update(closed=True),
        "fees_spent": lambda: expense.update(closed=False) and actions.post(fees, by=office.chief),
    }
    for code, change in meanwhile.items():
        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            locked(office.ledger)
            result = pool.submit(at_once, lambda voucher=waiting[code]: actions.post(voucher, by=office.chief))
            until_somebody_waits()
            change()
        assert result.result() == [code]
    assert verify(office.ledger) is None


def until_somebody_waits():
    """Return once a transaction waits for another one."""
    with connection.cursor() as cursor:
        for _try in range(500):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits.")


def test_a_month_closes_or_takes_a_voucher_never_both(committing_db):
    office = Office()
    office.opening(5000)
    for month in range(1, 7):
        period, day = office.period(month), date(YEAR, month, 3)
        ready = office.reviewed(office.payment(1, on=day))
        at_once(
            lambda p=period: actions.close_period(p, by=office.chief),
            lambda v=ready: actions.post(v, by=office.chief),
            lambda d=day: office.payment(1, on=d),
        )
        for voucher in Voucher.objects.filter(state__in=["draft", "reviewed"]):
            assert office.period(month).is_open
            actions.void(voucher, by=office.chief)
        if office.period(month).is_open:
            actions.close_period(office.period(month), by=office.chief)
    assert verify(office.ledger) is None


def test_a_head_waits_for_the_posting_that_is_under_way(committing_db, monkeypatch):
    """Noted while a long posting goes on, the head before it would look as if postings had been put behind it."""
    monkeypatch.setattr("finance.ledger.verify._CLOCKS", timedelta(0))
    office = Office()
    office.opening(1000)
    voucher, is_made, goes_on = office.reviewed(office.payment(1)), threading.Event(), threading.Event()

    def post():
        with transaction.atomic():
            actions.post(voucher, by=office.chief)
            is_made.set()
            goes_on.wait(10)
        return "posted"

    def note():
        is_made.wait(10)
        # Whether the head is noted at once or after the posting, the posting ends then.
        threading.Timer(0.5, goes_on.set).start()
        return note_heads()

    assert set(at_once(post, note)) == {"posted", 1}
    assert list(ChainHead.objects.values_list("position", flat=True)) == [2]
    assert verify(office.ledger) is None
