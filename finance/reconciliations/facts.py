"""What the journal says at a month's end, and which months of which bank accounts are not reconciled yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from finance.banks.models import BankAccount
from finance.ledger.models import ZERO, Entry
from finance.reconciliations.models import OURS, BankReconciliation, ReconciliationItem

State = BankReconciliation.State


def month_end(day: date) -> date:
    """Return the last day of the month of `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)


def is_over(ends_on: date) -> bool:
    """Whether the month that ends on this day is past."""
    return ends_on < timezone.localdate()


def over(account_id: int) -> list[date]:
    """Return the ends of the months that are over, from that of the journal's first entry; none without entries."""
    first = Entry.objects.filter(account=account_id, position=1).values_list("date", flat=True).first()
    return list(_over(first, None)) if first is not None else []


def standing(account_id: int, ends_on: date) -> tuple[int, Decimal]:
    """Return the place and the balance of the last entry up to a day; nothing is 0 and zero. One row by index."""
    last = _upto(account_id, ends_on).values_list("position", "balance").first()
    return last or (0, ZERO)


def previous(account_id: int, ends_on: date) -> BankReconciliation | None:
    """Return the latest reconciliation of a journal before that of a month; the first one has none."""
    rows = BankReconciliation.objects.filter(bank_account__account=account_id, ends_on__lt=ends_on)
    return rows.order_by("-ends_on").first()


def from_before(one: BankReconciliation) -> QuerySet[ReconciliationItem]:
    """Return the items of ours that were booked before these books were opened."""
    return one.items.filter(kind__in=OURS, entry__isnull=True)


def with_moved(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Add to reconciliations whether the journal moved since: entries of the month that came after it was written."""
    later = Entry.objects.filter(
        account=OuterRef("bank_account__account"), position=OuterRef("position") + 1, date__lte=OuterRef("ends_on")
    )
    return rows.annotate(moved=Exists(later))


def has_moved(one: BankReconciliation) -> bool:
    """Whether the journal has entries of the month that came after this was written."""
    return standing(one.bank_account.account_id, one.ends_on) != (one.position, one.book)


@dataclass(frozen=True, slots=True)
class Due:
    """A bank account with the months that are over and not reconciled, the oldest first."""

    bank_account: BankAccount
    months: list[date]
    # What was begun, by its month.
    begun: dict[date, BankReconciliation]

    @property
    def fresh(self) -> list[date]:
        """The months in which nothing was begun."""
        return [month for month in self.months if month not in self.begun]


def due(user: Any, school: Any) -> list[Due]:
    """Return the bank accounts that a person sees with months left to be reconciled. Two queries at most.

    From the first entry of an account on, until it was closed or its school is no longer in use; what waits for review
    is not left to whoever prepares.
    """
    first = Entry.objects.filter(account=OuterRef("account"), position=1).values("date")
    used = BankAccount.objects.visible_to(user).at(school)
    used = used.filter(account__head__position__gt=0, account__ledger__school__is_active=True)
    accounts = list(used.select_related("account__ledger__school").annotate(first=Subquery(first)))
    # An account of the books may have stood for another bank account before, which was closed.
    accounts.sort(key=lambda one: (one.account_id, one.closed_on or date.max, one.pk))
    if not accounts:
        return []
    books = [one.account_id for one in accounts]
    made: dict[int, dict[date, BankReconciliation]] = {}
    rows = BankReconciliation.objects.filter(bank_account__account__in=books).select_related("bank_account__account")
    for row in rows.order_by("ends_on"):
        made.setdefault(row.bank_account.account_id, {})[row.ends_on] = row
    found, since = [], date.min
    for one, following in zip(accounts, [*accounts[1:], None], strict=True):
        own = made.get(one.account_id, {})
        ended = list(_over(max(one.first, since), one.closed_on))
        since = date.min
        if one.closed_on is not None and following is not None and following.account_id == one.account_id:
            # The month of the closing is the next one's.
            since = one.closed_on
            ended = [month for month in ended if month < month_end(since)]
        months = [month for month in ended if month not in own or own[month].is_draft]
        if months:
            found.append(Due(one, months, {month: row for month, row in own.items() if row.is_draft}))
    return found


def waiting_for_review(user: Any, school: Any, reviewed_at: frozenset[int]) -> QuerySet[Any]:
    """Return what others submitted at the schools where this person reviews."""
    rows = BankReconciliation.objects.visible_to(user).at(school).filter(state=State.SUBMITTED)
    return rows.filter(school_id__in=reviewed_at).exclude(prepared_by=user)


def _over(first: date, closed_on: date | None) -> Iterator[date]:
    """Yield the ends of the months that are over, from that of the first entry to that of the closing."""
    ends_on = month_end(first)
    while is_over(ends_on) and (closed_on is None or ends_on <= month_end(closed_on)):
        yield ends_on
        ends_on = month_end(ends_on + timedelta(days=1))


def _upto(account_id: int, ends_on: date) -> QuerySet[Any]:
    return Entry.objects.filter(account=account_id, date__lte=ends_on).order_by("-date", "-position")
