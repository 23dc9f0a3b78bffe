"""Income, spending and money of each school, beside the same months of the year before (S53)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finance.books.movements import movements
from finance.ledger.models import ZERO, Account, Ledger

Category = Account.Category
# Spending as the budget sees it: money that went out, not what wears off.
INCOME, SPENDING, EXPENSE = Category.INCOME, Category.BUDGET_EXPENSE, Category.EXPENSE
RESULTS = (INCOME, SPENDING, EXPENSE)
CENTRAL = "central"
MONEY = "money"


@dataclass(frozen=True, slots=True)
class Result:
    """What a set of books took in and spent from January through a month, and the same a year before."""

    ledger: Ledger | None
    income: Decimal
    # What a campus had of its central school over their current account; no income of its own.
    from_central: Decimal
    spent: Decimal
    spent_before: Decimal
    money: Decimal
    # Income less expenses, what wears off included.
    net: Decimal

    @property
    def is_canteen(self) -> bool:
        """Whether these are a canteen's own books."""
        return self.ledger is not None and self.ledger.kind == Ledger.Kind.CANTEEN

    @property
    def saved(self) -> Decimal:
        """What was spent less than a year before; below zero when it was more."""
        return self.spent_before - self.spent

    @property
    def saved_percent(self) -> Decimal | None:
        """The same in percent; None when nothing was spent then."""
        return None if not self.spent_before else (self.saved * 100 / self.spent_before).quantize(Decimal("0.1"))

    @property
    def more(self) -> Decimal:
        """What was spent beyond the year before."""
        return -self.saved

    @property
    def more_percent(self) -> Decimal | None:
        """The same in percent."""
        return None if self.saved_percent is None else -self.saved_percent


def results(ledgers: Sequence[Ledger], year: int, month: int) -> list[Result]:
    """Return the results of some sets of books. Seven queries, however many there are."""
    keys = [ledger.pk for ledger in ledgers]
    kinds = _kinds(keys)
    now, before = (_year(keys, one, month, kinds) for one in (year, year - 1))
    return [
        Result(
            ledger,
            income=-now.get((ledger.pk, INCOME), ZERO),
            from_central=-now.get((ledger.pk, CENTRAL), ZERO),
            spent=now.get((ledger.pk, SPENDING), ZERO),
            spent_before=before.get((ledger.pk, SPENDING), ZERO),
            money=now.get((ledger.pk, MONEY), ZERO),
            net=-now.get((ledger.pk, INCOME), ZERO) - now.get((ledger.pk, EXPENSE), ZERO),
        )
        for ledger in ledgers
    ]


def together(rows: Iterable[Result]) -> Result:
    """Return the sum of the schools; what the central school gave its campuses is counted in neither.

    Where a school has no figures of the year before, the sum has none: some schools of then are not all of now.
    A canteen keeps books of its own: its net result alone enters the school's, as income (财会〔2018〕20号).
    """
    rows = list(rows)
    schools = [row for row in rows if not row.is_canteen]
    before = [row.spent_before for row in schools]
    return Result(
        None,
        income=sum((row.net if row.is_canteen else row.income for row in rows), ZERO),
        from_central=ZERO,
        spent=sum((row.spent for row in schools), ZERO),
        spent_before=sum(before, ZERO) if all(before) else ZERO,
        money=sum((row.money for row in rows), ZERO),
        net=sum((row.net for row in rows), ZERO),
    )


def _kinds(ledgers: Sequence[int]) -> dict[int, str]:
    """Return which accounts count as what, by their keys."""
    accounts = Account.objects.filter(ledger__in=ledgers, is_leaf=True).select_related("ledger__school")
    found: dict[int, str] = {}
    for account in accounts.only("category", "is_money", "counterpart", "ledger__school__parent"):
        if account.category in RESULTS:
            found[account.pk] = account.category
        elif account.is_money:
            found[account.pk] = MONEY
        elif account.counterpart_id is not None and account.ledger.school.parent_id == account.counterpart_id:
            found[account.pk] = CENTRAL
    return found


def _year(ledgers: Sequence[int], year: int, month: int, kinds: Mapping[int, str]) -> dict[tuple[int, str], Decimal]:
    """Return what was moved since January by ledger and kind, debit less credit; of money, what is there."""
    found: dict[tuple[int, str], Decimal] = {}
    for ledger, accounts in movements(ledgers, year, month).items():
        for account, moved in accounts.items():
            if account in kinds:
                key = (ledger, kinds[account])
                found[key] = found.get(key, ZERO) + (moved.balance if key[1] == MONEY else moved.year)
    return found
