"""A paper journal beside what it comes to here: the totals that the paper states, and ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import ExtractMonth

from finance.journals.models import JournalBatch, JournalTotal
from finance.ledger.models import ZERO, Entry

Kind = JournalTotal.Kind


@dataclass(frozen=True, slots=True)
class Figures:
    """What came, what went, and the balance after it."""

    debit: Decimal
    credit: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Compared:
    """A total: ours, and the paper's where it states one."""

    kind: str
    month: int
    ours: Figures
    paper: JournalTotal | None

    @property
    def label(self) -> Any:
        """What the paper calls it."""
        return Kind(self.kind).label

    @property
    def has_sums(self) -> bool:
        """Whether it states what came and went, not only the balance."""
        return self.kind != Kind.NEXT_YEAR

    @property
    def is_same(self) -> bool:
        """Whether the paper states the same; where only the balance is carried, that."""
        if self.paper is None:
            return False
        same = self.paper.balance in (None, self.ours.balance)
        sums = (self.paper.debit, self.paper.credit) == (self.ours.debit, self.ours.credit)
        return same and (sums or not self.has_sums)


def compare(batch: JournalBatch) -> list[Compared]:
    """Return month by month what both come to, and at the end what is carried on. At most two queries.

    Before it is posted ours are the sums of its entries, afterwards those of the book.
    """
    stated = {(total.kind, total.month): total for total in batch.totals.all()}
    # A paper that begins within a year has sums from before it; only those of the month are known.
    carried = next((total for total in stated.values() if not total.entries), None)
    return list(_totals(batch, stated, carried))


def _totals(
    batch: JournalBatch, stated: dict[tuple[str, int], JournalTotal], carried: JournalTotal | None
) -> Iterator[Compared]:
    balance, month, first = batch.opening, 0, carried
    debit = credit = ZERO
    for month, more, less in _months(batch):
        balance += more - less
        debit, credit = debit + more, credit + less
        before = (first.debit, first.credit) if first else (ZERO, ZERO)
        ours, first = Figures(more + before[0], less + before[1], balance), None
        yield Compared(Kind.MONTH_TOTAL, month, ours, stated.get((Kind.MONTH_TOTAL, month)))
        year = stated.get((Kind.YEAR_TOTAL, month))
        if year is not None and carried is None:
            yield Compared(Kind.YEAR_TOTAL, month, Figures(debit, credit, balance), year)
    last = stated.get((Kind.NEXT_YEAR, month))
    if last is not None:
        yield Compared(Kind.NEXT_YEAR, month, Figures(debit, credit, balance), last)


def _months(batch: JournalBatch) -> QuerySet[Any, tuple[int, Decimal, Decimal]]:
    """Return each month with what came and went: of the paper's entries, or of the book once they are there."""
    lines: QuerySet[Any] = batch.rows.all()
    if batch.state == JournalBatch.State.POSTED:
        entries = Entry.objects.filter(account=batch.account, posting__voucher__in=batch.rows.values("voucher"))
        lines = entries.annotate(month=ExtractMonth("date"))
    return lines.values_list("month").annotate(more=Sum("debit"), less=Sum("credit")).order_by("month")
