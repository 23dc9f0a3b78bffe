"""What the ledger can say about itself: whether schools agree on what they owe each other."""

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


def agreements(central: School) -> list[Agreement]:
    """Return how the books of a central school and of each campus agree; those without books have nothing there."""
    heads = AccountHead.objects.filter(ledger__kind=Ledger.Kind.MAIN)
    here = dict(heads.filter(account__ledger__school=central).values_list("account__counterpart", "balance"))
    there = dict(heads.filter(account__counterpart=central).values_list("ledger__school", "balance"))
    campuses = central.campuses.order_by("name_pinyin", "pk")
    return [Agreement(campus, here.get(campus.pk, ZERO), there.get(campus.pk, ZERO)) for campus in campuses]
