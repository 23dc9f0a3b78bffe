"""Cash counts."""

from decimal import Decimal

from django.utils import timezone

from finance.counts import actions
from finance.ledger.models import Account
from tests.routes.table import FORM, STEP, Route, of
from tests.schools.factories import make_person

READ, COUNT, CONFIRM = "finance.view_books", "finance.count_cash", "finance.confirm_cash_count"
CASH_COUNT = of("cash_count")


def plant(there):
    """A count of the school's cash, with what the books say of its account."""
    account = Account.objects.select_related("ledger").get(
        ledger__school=there.school, ledger__kind="main", code="100101"
    )
    cashier = make_person(there.school, "cashier")
    there.cash_count = actions.count(
        account, pieces={}, on=timezone.localdate(), paid_unposted=Decimal(1), reason=there.canary, by=cashier
    )


ROUTES = [
    Route("finance:counts:list", may=READ),
    Route("finance:counts:create", FORM, COUNT),
    Route("finance:counts:detail", may=READ, of=CASH_COUNT),
    Route("finance:counts:confirm", STEP, CONFIRM, of=CASH_COUNT),
    Route("finance:counts:give_back", FORM, CONFIRM, of=CASH_COUNT),
    Route("finance:counts:print", may=READ, of=CASH_COUNT),
]
