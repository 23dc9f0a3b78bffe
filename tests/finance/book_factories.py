"""A little year of books whose every line is known: day and month totals, a page turn, a reversal in red."""

from datetime import date
from typing import Any

from finance.ledger import actions
from finance.ledger.models import Account
from tests.finance.ledger_factories import CASH, Office, second_chief


class LittleYear(Office):
    """Cash of a campus from January to April 2026, on pages of eight lines; three months are closed."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(lines_per_page=8, **fields)
        self.opening("1000.00")
        self.post(self.payment("200.00", on=date(2026, 1, 5)))
        self.wrong = self.post(self.payment("240.24", on=date(2026, 1, 5)))
        self.post(self.receipt("2500.00", on=date(2026, 1, 9)))
        self.post(self.payment("0.05", on=date(2026, 1, 9)))
        actions.correct(
            self.wrong,
            lines=self.paid("204.24"),
            prepared_by=self.accountant,
            by=second_chief(self),
            date=date(2026, 1, 12),
            attachments=1,
        )
        self.post(self.payment("2855.71", on=date(2026, 2, 10)))
        self.post(self.receipt("1234.56", on=date(2026, 4, 1)))
        self.close_through(3)

    @property
    def cash(self) -> Account:
        """The account of the cash journal."""
        return self.account(CASH)


# kind, month, day, debit, credit, balance: written down by hand.
EXPECTED = [
    (1, "opening", (1, 1), "0.00", "0.00", "1000.00"),
    (1, "entry", (1, 5), "0.00", "200.00", "800.00"),
    (1, "entry", (1, 5), "0.00", "240.24", "559.76"),
    (1, "day_total", (1, 5), "0.00", "440.24", "559.76"),
    (1, "entry", (1, 9), "2500.00", "0.00", "3059.76"),
    (1, "entry", (1, 9), "0.00", "0.05", "3059.71"),
    (1, "day_total", (1, 9), "2500.00", "0.05", "3059.71"),
    (1, "carried_over", (1, 9), "2500.00", "440.29", "3059.71"),
    (2, "brought_forward", (1, 9), "2500.00", "440.29", "3059.71"),
    (2, "entry", (1, 12), "0.00", "-240.24", "3299.95"),
    (2, "entry", (1, 12), "0.00", "204.24", "3095.71"),
    (2, "day_total", (1, 12), "0.00", "-36.00", "3095.71"),
    (2, "month_total", (1, 31), "2500.00", "404.29", "3095.71"),
    (2, "year_total", (1, 31), "2500.00", "404.29", "3095.71"),
    (2, "entry", (2, 10), "0.00", "2855.71", "240.00"),
    (2, "carried_over", (2, 10), "0.00", "2855.71", "240.00"),
    (3, "brought_forward", (2, 10), "0.00", "2855.71", "240.00"),
    (3, "month_total", (2, 28), "0.00", "2855.71", "240.00"),
    (3, "year_total", (2, 28), "2500.00", "3260.00", "240.00"),
    (3, "entry", (4, 1), "1234.56", "0.00", "1474.56"),
]
