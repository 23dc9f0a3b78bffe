"""Bank accounts."""

from datetime import date

from finance.banks.models import BankAccount
from finance.ledger.models import Account
from houqin.schools.models import School
from tests.routes.table import FORM, Route, of

READ, MANAGE = "finance.view_books", "finance.manage_ledger"
BANK = of("bank")


def plant(there):
    """A bank account of a school that had it before it came under a central school: a campus gets none."""
    schools = School.objects.filter(pk=there.school.pk)
    schools.update(parent=None)
    there.bank = BankAccount.objects.create(
        account=Account.objects.get(ledger__school=there.school, ledger__kind="main", code="100201"),
        bank=there.canary,
        number=f"62201800{there.school.pk:010d}",
        approval=there.canary,
        approved_on=date(2019, 3, 18),
        registered_by=there.keeper,
    )
    schools.update(parent=there.school.parent)


ROUTES = [
    Route("finance:banks:list", may=READ),
    # A campus is told that it gets none.
    Route("finance:banks:create", FORM, MANAGE, answers=frozenset({200, 302, 403, 422})),
    Route("finance:banks:detail", may=READ, of=BANK),
    Route("finance:banks:change", FORM, MANAGE, of=BANK),
    Route("finance:banks:close", FORM, MANAGE, of=BANK),
]
