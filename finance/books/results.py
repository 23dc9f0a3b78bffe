"""Income, spending and money of each school, beside the same months of the year before (S53)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet, Sum

from finance.books import months
from finance.books.months import Sums
from finance.ledger.models import ZERO, Account, Entry, Ledger, VoucherKind
from finance.ledger.rules import TRANSFER

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
    for ledger, accounts in months.sums(ledgers, year, month).items():
        for account, sums in accounts.items():
            if account in kinds:
                key = (ledger, kinds[account])
                found[key] = found.get(key, ZERO) + _moved(sums, kinds[account])
    # Books that begin in the middle of a year take over what was received and spent in it so far.
    for account, ledger, debit, credit in _sums(_begun(ledgers, year, month)):
        if kinds.get(account) in RESULTS:
            key = (ledger, kinds[account])
            found[key] = found.get(key, ZERO) + debit - credit
    if month == 12:
        # The transfer of the results brings their accounts to zero; it is neither income nor spending.
        for account, ledger, debit, credit in _sums(_transferred(ledgers, year)):
            if account in kinds:
                found[ledger, kinds[account]] -= debit - credit
    return found


def _moved(sums: Sums, kind: str) -> Decimal:
    return sums.balance if kind == MONEY else sums.year_debit - sums.year_credit


def _begun(ledgers: Sequence[int], year: int, month: int) -> QuerySet[Entry]:
    """Return the opening balances of books that began in a year, by a month of it."""
    opening = {"posting__kind": VoucherKind.OPENING, "posting__year": year, "posting__month__lte": month}
    return Entry.objects.filter(ledger__in=ledgers, posting__position=1, **opening)


def _transferred(ledgers: Sequence[int], year: int) -> QuerySet[Entry]:
    """Return what the vouchers that transfer the results of a year posted."""
    return Entry.objects.filter(ledger__in=ledgers, posting__voucher__source_kind=TRANSFER, posting__year=year)


def _sums(entries: QuerySet[Entry]) -> Iterable[tuple[int, int, Decimal, Decimal]]:
    """Return debit and credit of some entries, by account."""
    rows = entries.order_by().values_list("account", "ledger")
    return rows.annotate(debits=Sum("debit"), credits=Sum("credit"))
