"""What the ledger can say about itself: whether schools agree on what they owe each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from finance.ledger.models import ZERO, AccountHead, Ledger
from houqin.schools.models import School


@dataclass(frozen=True, slots=True)
class Agreement:
    """What stands between a central school and one campus, each book's own way: debit less credit."""

    campus: School
    here: Decimal
    there: Decimal

    @property
    def difference(self) -> Decimal:
        """What one book has and the other has not yet; zero when they agree."""
        return self.here + self.there


def agreements(centrals: Sequence[School]) -> list[Agreement]:
    """Return how the books of central schools and of each campus agree; those without books have nothing there."""
    heads = AccountHead.objects.filter(ledger__kind=Ledger.Kind.MAIN)
    here = dict(heads.filter(account__ledger__school__in=centrals).values_list("account__counterpart", "balance"))
    there = dict(heads.filter(account__counterpart__in=centrals).values_list("ledger__school", "balance"))
    campuses = School.objects.filter(parent__in=centrals).order_by("parent_id", "name_pinyin", "pk")
    return [Agreement(campus, here.get(campus.pk, ZERO), there.get(campus.pk, ZERO)) for campus in campuses]
