"""What accounts moved since January without the transfer of the year's results, which would empty them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from finance.books import months
from finance.ledger.models import ZERO, Entry, VoucherKind
from finance.ledger.rules import RESULTS, TRANSFER


@dataclass(frozen=True, slots=True)
class Moved:
    """What an account moved, debit less credit, and where it stood at the end."""

    month: Decimal = ZERO
    year: Decimal = ZERO
    balance: Decimal = ZERO


def movements(ledgers: Sequence[int], year: int, month: int) -> dict[int, dict[int, Moved]]:
    """Return what each account moved in a month and from January through it, by ledger and account. Three queries.

    Books that begin in the middle of a year take over what was received and spent in it so far. In December what
    transfers the results is left out: it brings their accounts to zero, and is neither income nor spending.
    """
    keys = list(ledgers)
    found = {
        ledger: {
            account: Moved(sums.debit - sums.credit, sums.year_debit - sums.year_credit, sums.balance)
            for account, sums in accounts.items()
        }
        for ledger, accounts in months.sums(keys, year, month).items()
    }
    for account, ledger, amount in _sums(_begun(keys, year, month)):
        was = found[ledger][account]
        found[ledger][account] = Moved(was.month, was.year + amount, was.balance)
    if month == 12:
        for account, ledger, amount in _sums(_transferred(keys, year)):
            was = found[ledger][account]
            found[ledger][account] = Moved(was.month - amount, was.year - amount, was.balance)
    return found


def _begun(ledgers: Sequence[int], year: int, month: int) -> QuerySet[Entry]:
    """Return the opening balances of results in books that began in a year, by a month of it."""
    opening = {"posting__kind": VoucherKind.OPENING, "posting__year": year, "posting__month__lte": month}
    return Entry.objects.filter(ledger__in=ledgers, account__category__in=RESULTS, posting__position=1, **opening)


def _transferred(ledgers: Sequence[int], year: int) -> QuerySet[Entry]:
    """Return what the vouchers that transfer the results of a year posted, and what writes such a one off."""
    transfers = Q(posting__voucher__source_kind=TRANSFER)
    undone = Q(posting__reverses__voucher__source_kind=TRANSFER) | Q(posting__corrects__voucher__source_kind=TRANSFER)
    return Entry.objects.filter(
        transfers | undone, ledger__in=ledgers, account__category__in=RESULTS, posting__year=year
    )


def _sums(entries: QuerySet[Entry]) -> Iterable[tuple[int, int, Decimal]]:
    """Return account, ledger, and debit less credit of some entries."""
    rows = entries.order_by().values_list("account", "ledger").annotate(debits=Sum("debit"), credits=Sum("credit"))
    return ((account, ledger, debit - credit) for account, ledger, debit, credit in rows)
