"""Whatever people do in whatever order: the books stay whole. A model of plain numbers judges."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from finance.ledger import actions
from finance.ledger.actions.closing import results
from finance.ledger.models import AccountHead, Entry, Posting, Voucher
from finance.ledger.verify import verify
from houqin.errors import Refused
from tests.finance.ledger_factories import CASH, Office

FIRST = 2024
amounts = st.sampled_from([Decimal("0.01"), Decimal(40), Decimal("99.99"), Decimal(400)])
# Few months, so that they fill, close and turn.
months = st.sampled_from([(FIRST, 11), (FIRST, 12), (FIRST + 1, 1)])
days = st.sampled_from([1, 2, 20])
which = st.integers(0, 7)


class Books(RuleBasedStateMachine):
    """One campus's books over the turn of a year, written by three people."""

    def __init__(self):
        super().__init__()
        self.before = transaction.savepoint()

    def teardown(self):
        transaction.set_rollback(False)
        transaction.savepoint_rollback(self.before)

    @initialize(
        opening=st.sampled_from([Decimal("0.01"), Decimal(500)]),
        lines=st.sampled_from([5, 20]),
        kinds=st.sampled_from(["three", "general"]),
    )
    def begin(self, opening, lines, kinds):
        self.office = Office(year=FIRST, month=11, lines_per_page=lines, voucher_kinds=kinds)
        self.other = self.office.central
        self.cash = Decimal(0)
        self.office.opening(opening)
        self.cash = opening
        # What each posting did to the cash, and what is undone.
        self.moved, self.undone, self.closed = {}, set(), set()
        self.last = date(FIRST, 11, 1)
        self.carried = False

    def take(self, action, *args, **kwargs):
        """Take a step; return what came of it, or the code of its refusal."""
        try:
            with transaction.atomic():
                return action(*args, **kwargs)
        except Refused as refusal:
            return refusal.code

    def vouchers(self, *states):
        return list(Voucher.objects.filter(ledger=self.office.ledger, state__in=states).order_by("pk"))

    def may_book(self, on, change, code):
        """Whether the cash book takes it; the refusal must name the reason."""
        if (on.year, on.month) in self.closed:
            assert code == "period_closed"
        elif not self.office.ledger.periods.filter(year=on.year, month=on.month).exists():
            assert code == "period_missing"
        elif on < self.last:
            assert code == "date_goes_back"
        elif self.cash + change < 0:
            assert code == "negative_money"
        else:
            return True
        return False

    def change_of(self, voucher):
        sums = voucher.lines.filter(account__code=CASH).aggregate(by=Sum("debit") - Sum("credit"))
        return sums["by"] or Decimal(0)

    @rule(amount=amounts, month=months, day=days, receipt=st.booleans(), to=st.sampled_from(["draft", "reviewed"]))
    def write(self, amount, month, day, receipt, to):
        """Write a voucher with any date, perhaps to lie about for a while."""
        made = self.take(self.office.receipt if receipt else self.office.payment, amount, on=date(*month, day))
        if isinstance(made, str):
            assert made in ("period_closed", "period_missing")
        elif to == "reviewed":
            self.office.reviewed(made)

    @rule(amount=amounts, ahead=st.sampled_from([0, 0, 1, 9]), receipt=st.booleans(), twice=st.booleans())
    def book(self, amount, ahead, receipt, twice):
        """Write, review and post a voucher of these days."""
        on = self.last + timedelta(days=ahead)
        made = self.take(self.office.receipt if receipt else self.office.payment, amount, on=on)
        if isinstance(made, Voucher):
            self.book_it(self.office.reviewed(made), twice)

    @rule(nth=which, twice=st.booleans())
    def post(self, nth, twice):
        """Post something that lay about."""
        if found := self.vouchers("reviewed"):
            self.book_it(found[nth % len(found)], twice)

    def book_it(self, voucher, twice):
        change = self.change_of(voucher)
        result = self.take(actions.post, voucher, by=self.office.chief)
        if not change:
            assert isinstance(result, Posting)
        elif self.may_book(voucher.date, change, result):
            assert isinstance(result, Posting)
            self.note(result, change)
        if twice and isinstance(result, Posting):
            assert self.take(actions.post, voucher, by=self.office.chief) == "already_posted"

    @rule(nth=which, step=st.sampled_from(["submit", "review", "send back", "void", "void all"]))
    def step(self, nth, step):
        """One of the steps before posting, with one of those that wait."""
        states = {"submit": ["draft"], "review": ["submitted"], "send back": ["submitted", "reviewed"]}
        found = self.vouchers(*states.get(step, ["draft", "submitted", "reviewed"]))
        if not found:
            return
        voucher, office = found[nth % len(found)], self.office
        if step == "submit":
            actions.submit(voucher, by=office.accountant)
        elif step == "review":
            actions.review(voucher, by=office.chief)
        elif step == "send back":
            actions.send_back(voucher, reason="改", by=office.chief)
        for one in {"void": [voucher], "void all": found}.get(step, []):
            actions.void(one, by=office.accountant)

    def note(self, posting, change):
        self.cash += change
        self.moved[posting.pk] = change
        self.last = posting.date

    def undoable(self, nth, ahead):
        posting = list(Posting.objects.filter(pk__in=self.moved).order_by("-pk"))[nth % len(self.moved)]
        return posting, self.last + timedelta(days=ahead)

    @rule(nth=which, ahead=st.sampled_from([0, 1, -1]))
    def reverse(self, nth, ahead):
        if not self.moved:
            return
        posting, on = self.undoable(nth, ahead)
        result = self.take(
            actions.reverse, posting, prepared_by=self.office.accountant, by=self.office.chief, date=on, reason="重复"
        )
        if self.may_undo(posting, on, -self.moved[posting.pk], result):
            assert isinstance(result, Posting)
            self.undone.add(posting.pk)
            self.cash -= self.moved[posting.pk]
            self.last = on

    @rule(nth=which, ahead=st.sampled_from([0, 1, -1]), amount=amounts)
    def correct(self, nth, ahead, amount):
        if not self.moved:
            return
        posting, on = self.undoable(nth, ahead)
        is_receipt = self.moved[posting.pk] > 0
        change = amount if is_receipt else -amount
        office = self.office
        received = [office.line(CASH, amount, 0), office.line("230790", 0, amount)]
        lines = received if is_receipt else office.paid(amount)
        result = self.take(
            actions.correct, posting, lines=lines, prepared_by=office.accountant, by=office.chief, date=on
        )
        if self.may_undo(posting, on, change - self.moved[posting.pk], result):
            self.undone.add(posting.pk)
            self.cash -= self.moved[posting.pk]
            self.note(result[1], change)

    def may_undo(self, posting, on, change, code):
        if posting.pk in self.undone:
            assert code == "already_reversed"
            return False
        if posting.prepared_by_id == self.office.chief.pk:
            assert code == "own_voucher"
            return False
        if on.year != posting.year:
            assert code in ("earlier_year", "period_closed", "period_missing")
            return False
        return self.may_book(on, change, code)

    @rule(chance=st.integers(0, 2))
    def close_a_month(self, chance):
        if chance:
            return
        period = self.office.ledger.periods.filter(state="open").order_by("year", "month").first()
        if period is None:
            return
        left = Voucher.objects.filter(
            state__in=["draft", "submitted", "reviewed"], date__year=period.year, date__month=period.month
        )
        expected = "drafts_left" if left.exists() else None
        if expected is None and period.month == 12 and results(self.office.ledger, period.year):
            expected = "results_left"
        result = self.take(actions.close_period, period, by=self.office.chief)
        assert result == (expected or period)
        if not expected:
            self.closed.add((period.year, period.month))

    @rule(chance=st.integers(0, 2))
    def open_next_year(self, chance):
        if chance:
            return
        self.take(actions.open_year, self.office.ledger, by=self.office.chief)

    @rule(chance=st.integers(0, 2))
    def turn_the_year(self, chance):
        """Transfer what was earned and spent, and carry the year forward once it is closed."""
        if chance:
            return
        drafted = self.take(actions.draft_results, self.office.ledger, FIRST, by=self.office.accountant)
        if isinstance(drafted, Voucher):
            self.office.post(drafted)
        result = self.take(actions.carry_forward, self.office.ledger, FIRST, by=self.office.chief)
        if self.carried:
            assert result == "already_carried"
        elif not {(FIRST, 11), (FIRST, 12)} <= self.closed:
            assert result == "period_open"
        else:
            self.carried = not isinstance(result, str)
            assert self.carried, result

    @invariant()
    def the_cash_is_what_was_counted(self):
        if hasattr(self, "office"):
            assert self.office.balance(CASH) == self.cash
            assert self.cash >= 0

    @invariant()
    def the_trial_balance_is_zero_in_each_half(self):
        if hasattr(self, "office"):
            heads = AccountHead.objects.filter(ledger=self.office.ledger)
            for half in ("financial", "budget"):
                assert not heads.filter(account__half=half).aggregate(all=Sum("balance"))["all"]
                sums = Entry.objects.filter(ledger=self.office.ledger, account__half=half)
                assert not sums.values("posting").annotate(left=Sum("debit") - Sum("credit")).exclude(left=0).exists()

    @invariant()
    def numbers_have_no_gaps(self):
        series = {}
        for *key, number in Posting.objects.order_by("position").values_list("year", "month", "kind", "number"):
            assert number == series.get(tuple(key), 0) + 1
            series[tuple(key)] = number

    @invariant()
    def the_books_are_whole(self):
        if hasattr(self, "office"):
            assert verify(self.office.ledger) is None


@pytest.mark.django_db
def test_whatever_is_done_the_books_stay_whole():
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
