"""A campus, its canteen and its central school in one year, with something in most kinds of accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from finance.ledger import actions
from finance.ledger.models import Ledger
from tests.finance.ledger_factories import BANK, CASH, Office, register_bank
from tests.schools.factories import make_person


class Schools(Office):
    """Three sets of books from January on.

    Every month the campus has 500 of the central school and spends 100 and the number of the month; its canteen takes
    in 900 and spends 650 in February, and spends 80 in March.
    """

    def __init__(self, *, months: int = 3, year: int = 2026) -> None:
        super().__init__(year=year)
        self.year = year
        self.main = self.ledger
        self.canteen = actions.open_ledger(self.campus, kind="canteen", year=year, by=self.chief)
        self.centre = actions.open_ledger(self.central, kind="main", year=year, by=self.chief)
        self.clerk = make_person(self.central, "accountant")
        with self.keeping(self.main):
            self._campus(months)
        with self.keeping(self.canteen):
            self._canteen()
        with self.keeping(self.centre):
            self._centre(months)

    @property
    def ledgers(self) -> list[Ledger]:
        """All sets of books."""
        return [self.main, self.canteen, self.centre]

    @contextmanager
    def keeping(self, ledger: Ledger) -> Iterator[None]:
        """Write in other books for a while."""
        before = self.ledger, self.accountant
        self.ledger = ledger
        self.accountant = self.clerk if ledger == self.centre else self.accountant
        yield
        self.ledger, self.accountant = before

    def received(self, income: str, budget: str, amount: Any, on: date, money: str = CASH) -> None:
        """Post income, in both halves."""
        lines = [self.line(money, amount, 0, "收入"), self.line(income, 0, amount)]
        lines += [self.line("800102", amount, 0), self.line(budget, 0, amount)]
        self.post(self.draft(*lines, kind="receipt", on=on))

    def moved(self, debit: str, credit: str, amount: Any, on: date) -> None:
        """Post what moves no money."""
        self.post(self.draft(self.line(debit, amount, 0, "转账"), self.line(credit, 0, amount), kind="transfer", on=on))

    def passed_on(self, amount: Any, on: date) -> None:
        """Post what the campus had of the central school."""
        account = self.ledger.accounts.get(counterpart=self.campus)
        self.post(self.draft(self.line(account.code, amount, 0, "拨付"), self.line(BANK, 0, amount), on=on))

    def _campus(self, months: int) -> None:
        balances = {
            CASH: 1000, "100199": 60, "160102": 8000, "160202": -3000, "1212": 400, "1219": -50, "1701": 600,
            "1702": -200, "2901": -60, "3001": -6750, "800102": 1000, "8101": -1000,
        }  # fmt: skip
        lines = [self.line(code, max(amount, 0), max(-amount, 0), "上年结转") for code, amount in balances.items()]
        self.post(self.draft(*lines, kind="opening", on=self.ledger.opened_on))
        for month in range(1, months + 1):
            self.post(self.receipt(500, on=date(self.year, month, 2)))
            self.post(self.payment(100 + month, on=date(self.year, month, 3)))
            self.moved("510104", "160202", "62.55", date(self.year, month, 28))
        self.received("4603", "6609", "200.05", date(self.year, months, 9))

    def _canteen(self) -> None:
        self.received("4609", "6609", 900, date(self.year, 2, 5))
        self.post(self.payment(650, on=date(self.year, 2, 6)))
        self.post(self.payment(80, on=date(self.year, 3, 6)))

    def _centre(self, months: int) -> None:
        register_bank(self.account(BANK), by=self.chief)
        for month in range(1, months + 1):
            self.received("4001", "6001", 5000, date(self.year, month, 1), money=BANK)
            self.passed_on(500, date(self.year, month, 2))
