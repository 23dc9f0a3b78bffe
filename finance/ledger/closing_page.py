"""What stands against closing a month: vouchers left, months before it, and whether both halves balance."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum
from django.utils import timezone

from finance.ledger.archive import Kept, kept
from finance.ledger.models import (
    UNPOSTED,
    ZERO,
    Account,
    AccountHead,
    ChainHead,
    Entry,
    Ledger,
    Period,
    Voucher,
    VoucherKind,
)

MOST_LEFT = 100


@dataclass(frozen=True, slots=True)
class Balance:
    """One half: what the month moved, and whether all its accounts together are zero."""

    label: Any
    debit: Decimal
    credit: Decimal
    standing: Decimal

    @property
    def is_even(self) -> bool:
        """Whether debit and credit are equal, of the month and of everything."""
        return self.debit == self.credit and not self.standing


def left(period: Period) -> list[Voucher]:
    """Return the vouchers of a month that are not posted, the oldest first."""
    rows = Voucher.objects.filter(
        ledger_id=period.ledger_id, state__in=UNPOSTED, date__year=period.year, date__month=period.month
    )
    return list(rows.select_related("prepared_by").order_by("date", "pk")[:MOST_LEFT])


def balances(period: Period) -> list[Balance]:
    """Return the trial balance of a month in short; opening balances are no movement of it. Two queries."""
    month = Entry.objects.filter(
        posting__ledger=period.ledger_id, posting__year=period.year, posting__month=period.month
    ).exclude(posting__kind=VoucherKind.OPENING)
    moved = {
        row["account__half"]: row
        for row in month.order_by().values("account__half").annotate(debits=Sum("debit"), credits=Sum("credit"))
    }
    heads = AccountHead.objects.filter(ledger_id=period.ledger_id).order_by().values("account__half")
    standing = {row["account__half"]: row["sum"] for row in heads.annotate(sum=Sum("balance"))}
    return [
        Balance(
            name,
            moved.get(half, {}).get("debits") or ZERO,
            moved.get(half, {}).get("credits") or ZERO,
            standing.get(half) or ZERO,
        )
        for half, name in Account.Half.choices
    ]


def first_open(ledger: Ledger) -> Period | None:
    """Return the month that closes next."""
    return ledger.periods.filter(state=Period.State.OPEN).order_by("year", "month").first()


@dataclass(slots=True)
class Month:
    """A month of the list, with how many of its vouchers are not posted."""

    period: Period
    left: int
    closes_next: bool

    @property
    def has_begun(self) -> bool:
        """Whether it is not still to come."""
        return has_begun(self.period)


@dataclass(slots=True)
class Year:
    """A year of the books: its months, and what comes after them."""

    year: int
    months: list[Month]
    is_carried: bool
    is_due: bool

    @property
    def kept(self) -> list[Kept]:
        """How long its papers are kept, once all its months are closed."""
        return kept(self.year) if self.is_carried or self.is_due else []


def years(ledger: Ledger) -> list[Year]:
    """Return the years of the books, the latest first. Two queries."""
    rows = Voucher.objects.filter(ledger=ledger, state__in=UNPOSTED).order_by()
    counts = rows.values(y=F("date__year"), m=F("date__month")).annotate(n=Count("pk"))
    unposted = {(row["y"], row["m"]): row["n"] for row in counts}
    periods = list(ledger.periods.select_related("closed_by").order_by("year", "month"))
    following = next((one for one in periods if one.is_open), None)
    carried = ledger.carried_through if ledger.carried_through is not None else ledger.year_opened - 1
    found: list[Year] = []
    for year in sorted({period.year for period in periods}, reverse=True):
        own = [period for period in periods if period.year == year]
        months = [Month(one, unposted.get((year, one.month), 0), one is following) for one in own]
        is_due = year == carried + 1 and not any(one.is_open for one in own)
        found.append(Year(year, months, year <= carried, is_due))
    return found


def noted_heads(user: Any, ledger: Ledger) -> list[ChainHead]:
    """Return the head noted last of every chain that `user` sees, these books' own first. One query.

    Printed and kept, they show later whether anything was cut off or written anew (`verify_books --printed`).
    """
    rows = ChainHead.objects.visible_to(user).select_related("ledger__school")
    heads = list(rows.order_by("ledger", "-position").distinct("ledger"))
    return sorted(heads, key=lambda head: (head.ledger_id != ledger.pk, head.ledger.school.name_pinyin, head.ledger_id))


def has_begun(period: Period) -> bool:
    """Whether the month is not still to come."""
    today = timezone.localdate()
    return (period.year, period.month) <= (today.year, today.month)


def is_over(period: Period) -> bool:
    """Whether the month is past."""
    today = timezone.localdate()
    return (period.year, period.month) < (today.year, today.month)
