"""A central school with a bank journal, and reconciliations of it in each state."""

from datetime import date
from decimal import Decimal
from typing import Any

from finance.banks.models import BankAccount
from finance.ledger.models import Entry, Posting
from finance.reconciliations import actions
from finance.reconciliations.actions import TypedItem
from finance.reconciliations.models import BankReconciliation
from tests.finance.ledger_factories import BANK, YEAR, Office

MARCH, APRIL = date(YEAR, 3, 31), date(YEAR, 4, 30)


class BankOffice(Office):
    """A bank journal of March: 1000.00 received, 300.00 paid on the last day, so 700.00 are in it."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(at="central", **fields)
        self.bank = self.bank_account()
        self.received(1000, date(YEAR, 3, 2))
        self.paid_out = self.paid_by_bank(300, date(YEAR, 3, 31))

    def bank_account(self) -> BankAccount:
        """The bank account as it is now."""
        return BankAccount.objects.select_related("account__ledger__school").get(account=self.account(BANK))

    def received(self, amount: Any, on: date) -> Posting:
        """Money that came into the bank account."""
        lines = [self.line(BANK, amount, 0, "收到拨款"), self.line("3001", 0, amount)]
        return self.post(self.draft(*lines, kind="receipt", on=on))

    def paid_by_bank(self, amount: Any, on: date) -> Entry:
        """The entry of what was paid from it."""
        lines = [self.line("3001", amount, 0, "支付电费"), self.line(BANK, 0, amount)]
        return self.post(self.draft(*lines, kind="payment", on=on)).entries.get(account=self.account(BANK))

    def begun(self, statement: Any = "1012.50", ends_on: date = MARCH) -> BankReconciliation:
        """A draft: the bank has 12.50 of interest that the books lack, and not yet seen what was paid last."""
        return actions.begin(self.bank, ends_on=ends_on, statement=Decimal(statement), by=self.accountant)

    def written(self, one: BankReconciliation | None = None, **changes: Any) -> BankReconciliation:
        """A draft that agrees."""
        one = one or self.begun()
        values = {
            "statement": Decimal("1012.50"),
            "bank_items": [interest()],
            "entries": [self.paid_out.pk],
            "by": self.accountant,
        }
        return actions.write(one, **values | changes)

    def submitted(self) -> BankReconciliation:
        """One that waits for its review."""
        return actions.submit(self.written(), by=self.accountant)

    def reviewed_one(self) -> BankReconciliation:
        """One that stays as it is."""
        return actions.review(self.submitted(), by=self.chief)


def interest(amount: Any = "12.50", **changes: Any) -> TypedItem:
    """Interest that the bank paid."""
    values = {"kind": "bank_received", "date": date(YEAR, 3, 21), "text": "一季度利息", "amount": Decimal(amount)}
    return TypedItem(**values | changes)
