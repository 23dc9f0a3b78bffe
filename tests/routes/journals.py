"""Paper journals on their way into the books."""

from decimal import Decimal

from finance.journals.models import JournalBatch, JournalCounter, JournalRow
from finance.ledger import actions
from finance.ledger.models import Account, Ledger
from tests.routes.table import FORM, STEP, Route, of
from tests.schools.factories import make_membership, make_user


def plant(there):
    central = there.school.parent or there.school
    ledger = Ledger.objects.filter(school=there.school, kind="main").first()
    if ledger is None:
        chief = make_user()
        make_membership(chief, central, "chief_accountant")
        ledger = actions.open_ledger(there.school, kind="main", year=2026, by=chief, name=f"{there.canary}账套")
    # Every school may name whom it has a current account with; here a name of another school would be a leak.
    Account.objects.filter(counterpart__isnull=False).update(full_name="往来", counter_label="往来")
    cash = Account.objects.get(ledger=ledger, code="100101")
    figures = {"opening": Decimal(100), "credit": Decimal(30), "closing": Decimal(70)}
    # The keeper is no accountant: nobody who walks imported it.
    there.journal = JournalBatch.objects.create(
        ledger=ledger,
        school=there.school,
        year=2026,
        account=cash,
        entries=1,
        prepared_by=there.keeper,
        fingerprint=there.canary,
        **figures,
    )
    counter = JournalCounter.objects.create(
        batch=there.journal, text=f"{there.canary}费用", lines=1, credit=Decimal(30)
    )
    JournalRow.objects.create(
        batch=there.journal,
        position=1,
        row=5,
        month=1,
        day=3,
        word="payment",
        number=1,
        summary=f"{there.canary}粉笔",
        counter=counter,
        credit=Decimal(30),
        balance=Decimal(70),
    )


def words(_there):
    return {"reason": "再看一遍"}


JOURNAL = of("journal")
VIEW, PREPARE, POST = "finance.view_books", "finance.prepare_transfer", "finance.post_voucher"

ROUTES = [
    Route("finance:journals:list", may=VIEW),
    Route("finance:journals:detail", may=VIEW, of=JOURNAL),
    Route("finance:journals:map", FORM, PREPARE, of=JOURNAL),
    Route("finance:journals:send_back", FORM, POST, of=JOURNAL, data=words),
    Route("finance:journals:confirm", STEP, POST, of=JOURNAL),
    Route("finance:journals:drop", STEP, PREPARE, of=JOURNAL),
]
