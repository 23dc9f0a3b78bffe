"""Bank reconciliations."""

from datetime import date
from decimal import Decimal

from finance.reconciliations.models import BankReconciliation, ReconciliationItem
from tests.routes.table import FORM, STEP, Route, of

READ, PREPARE, REVIEW = "finance.view_books", "finance.reconcile_bank", "finance.review_reconciliation"
ONE = of("reconciliation")


def plant(there):
    """A draft of the bank account of a school. The keeper is no accountant: nobody who walks prepared it."""
    there.reconciliation = BankReconciliation.objects.create(
        bank_account=there.bank,
        school=there.school,
        ends_on=date(2026, 1, 31),
        statement=Decimal(5),
        book=Decimal(0),
        position=0,
        prepared_by=there.keeper,
    )
    ReconciliationItem.objects.create(
        reconciliation=there.reconciliation,
        position=1,
        kind="bank_received",
        date=date(2026, 1, 21),
        text=there.canary,
        amount=Decimal(4),
    )


def words(_there):
    return {"reason": "再看一遍"}


ROUTES = [
    Route("finance:reconciliations:list", may=READ),
    # A campus is told that it has nothing to reconcile.
    Route("finance:reconciliations:create", FORM, PREPARE, answers=frozenset({200, 302, 403, 422})),
    Route("finance:reconciliations:detail", may=READ, of=ONE),
    Route("finance:reconciliations:update", FORM, PREPARE, of=ONE),
    Route("finance:reconciliations:submit", STEP, PREPARE, of=ONE),
    Route("finance:reconciliations:review", STEP, REVIEW, of=ONE),
    Route("finance:reconciliations:send_back", FORM, REVIEW, of=ONE, data=words),
    Route("finance:reconciliations:print", may=READ, of=ONE),
]
