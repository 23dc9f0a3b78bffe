"""What can be said of the cash of a school: which boxes are counted, what is under way, what waits for whom."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from finance.counts.actions import CASH
from finance.counts.models import ZERO, CashCount
from finance.ledger.models import UNPOSTED, Account, AccountHead, Entry, Voucher, VoucherLine
from houqin.accounts.models import User
from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.schools.roles import Role

COUNT, CONFIRM = "finance.count_cash", "finance.confirm_cash_count"
State = CashCount.State


def cash_accounts(school: School) -> list[Account]:
    """Return the accounts of cash of a school that can be counted, those in use first. One query."""
    accounts = Account.objects.filter(
        ledger__school=school, is_leaf=True, bound_book=True, closed=False, code__startswith=CASH
    )
    return sorted(
        accounts.select_related("ledger__school", "head").order_by("-ledger__kind", "code"),
        key=lambda account: not account.head.position,
    )


def usual_account(accounts: list[Account]) -> Account | None:
    """Return the account that is meant when none is named: the only one, or the only one in use."""
    in_use = [account for account in accounts if account.head.position]
    return next((some[0] for some in (accounts, in_use) if len(some) == 1), None)


@dataclass(frozen=True, slots=True)
class Unposted:
    """What vouchers that are not posted yet take in and pay out of an account."""

    received: Decimal
    paid: Decimal


def unposted(account: Account) -> Unposted:
    """Return what is on its way into the book. A voucher that puts a posting right writes that one off with it."""
    lines = VoucherLine.objects.filter(account=account, voucher__state__in=UNPOSTED)
    wrong = Voucher.objects.filter(ledger=account.ledger, state__in=UNPOSTED, corrects__isnull=False)
    undone = Entry.objects.filter(account=account, posting__in=wrong.values("corrects"))
    moved = [*lines.values_list("debit", "credit"), *undone.values_list("credit", "debit")]
    changes = [debit - credit for debit, credit in moved]
    return Unposted(sum((one for one in changes if one > 0), ZERO), -sum((one for one in changes if one < 0), ZERO))


def waiting(user: Any, school: Any) -> QuerySet[CashCount]:
    """Return the counts that this person may witness."""
    access = access_of(user)
    schools = [pk for pk in access.schools_with(CONFIRM) if Role.CASHIER not in access.roles[pk]]
    rows = CashCount.objects.visible_to(user).at(school).filter(state=State.COUNTED, school_id__in=schools)
    return rows.exclude(counted_by=user)


@dataclass(frozen=True, slots=True)
class Due:
    """A cash account without a confirmed count in this month."""

    account: Account
    balance: Decimal
    # The last day of a confirmed count, and the count of this month that waits for its witness.
    last: date | None
    waits: int | None
    # The newest count, where it was given back.
    given_back: int | None
    is_late: bool


def due(user: User, school: Any) -> list[Due]:
    """Return the cash accounts in use that this person counts and that have no confirmed count this month. One query.

    Late are those that were not even counted last month. In use is what has money in it, or moved since it began, at a
    school that is in use itself.
    """
    today = timezone.localdate()
    this = today.replace(day=1)
    before = date(this.year - (this.month == 1), (this.month - 2) % 12 + 1, 1)
    counts = CashCount.objects.filter(account=OuterRef("account"))
    waits = counts.filter(state=State.COUNTED).order_by("-counted_on", "-pk")
    confirmed = counts.filter(state=State.CONFIRMED).order_by().values("account")
    newest = counts.order_by("-pk")
    heads = AccountHead.objects.filter(
        Q(last_date__gte=before) | ~Q(balance=0),
        ledger__school_id__in=access_of(user).schools_with(COUNT),
        ledger__school__is_active=True,
        account__code__startswith=CASH,
        account__bound_book=True,
        account__closed=False,
        position__gt=0,
    ).at(school)
    rows = heads.annotate(
        last=Subquery(confirmed.annotate(last=Max("counted_on")).values("last")),
        waits=Subquery(waits.filter(counted_on__gte=this).values("pk")[:1]),
        last_waiting=Subquery(waits.values("counted_on")[:1]),
        newest=Subquery(newest.values("pk")[:1]),
        newest_state=Subquery(newest.values("state")[:1]),
    ).filter(Q(last__isnull=True) | Q(last__lt=this))
    return [
        Due(
            account=head.account,
            balance=head.balance,
            last=head.last,
            waits=head.waits,
            given_back=head.newest if head.newest_state == State.RETURNED else None,
            is_late=head.account.ledger.opened_on < this
            and all(day is None or day < before for day in (head.last, head.last_waiting)),
        )
        for head in rows.select_related("account__ledger").order_by("-ledger__kind", "account__code")
    ]
