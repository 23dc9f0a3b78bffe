"""The smallest valid books, and vouchers in each state."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from finance.banks import actions as banks
from finance.banks.models import BankAccount
from finance.ledger import actions
from finance.ledger.actions import Line
from finance.ledger.actions.closing import results
from finance.ledger.models import Account, Ledger, Period, Posting, Voucher
from tests.schools.factories import make_membership, make_person, make_school, make_user

CASH, BANK, EXPENSE, BUDGET_SPENT, BUDGET_MONEY, SURPLUS = "100101", "100201", "500102", "720101", "800102", "3001"
YEAR = 2026


class Office:
    """A central school and a campus, those who keep books there, and the campus's books of 2026."""

    def __init__(self, *, at: str = "campus", year: int = YEAR, names: Sequence[str] = (), **fields: Any) -> None:
        central, campus = [{"name": name} for name in names] or ({}, {})
        self.central = make_school(**central)
        self.campus = make_school(parent=self.central, **campus)
        self.school = self.campus if at == "campus" else self.central
        self.chief = make_person(self.central, "chief_accountant")
        self.accountant = make_person(self.school, "accountant")
        self.cashier = make_person(self.school, "cashier")
        self.principal = make_person(self.school, "principal")
        self.ledger = actions.open_ledger(self.school, kind="main", year=year, by=self.chief, **fields)
        if at == "central":
            register_bank(self.account(BANK), by=self.chief)

    def account(self, code: str) -> Account:
        """An account of the books."""
        return Account.objects.select_related("ledger__school").get(ledger=self.ledger, code=code)

    def line(self, code: str, debit: Any = 0, credit: Any = 0, summary: str = "") -> Line:
        """A line of a voucher."""
        return Line(self.account(code), Decimal(str(debit)), Decimal(str(credit)), summary)

    def draft(self, *lines: Line, kind: str = "payment", on: date = date(YEAR, 3, 2), **fields: Any) -> Voucher:
        """A draft of the accountant; books of one kind of voucher take any as that kind."""
        if self.ledger.voucher_kinds == "general" and kind != "opening":
            kind = "general"
        values = {"kind": kind, "date": on, "lines": lines, "by": self.accountant, "attachments": 1}
        return actions.save_draft(self.ledger, **values | fields)

    def opening(self, amount: Any = 1000, on: date | None = None) -> Posting:
        """Cash that the books begin with."""
        lines = [self.line(CASH, amount, 0, "上年结转"), self.line(SURPLUS, 0, amount)]
        on = on or self.ledger.opened_on
        return self.post(self.draft(*lines, kind="opening", on=on))

    def payment(self, amount: Any = 100, on: date = date(YEAR, 3, 2), **fields: Any) -> Voucher:
        """A draft that pays cash for something, in both halves."""
        return self.draft(*self.paid(amount), on=on, **fields)

    def paid(self, amount: Any) -> list[Line]:
        """The lines of a payment."""
        return [
            self.line(EXPENSE, amount, 0, "购粉笔"),
            self.line(CASH, 0, amount),
            self.line(BUDGET_SPENT, amount, 0),
            self.line(BUDGET_MONEY, 0, amount),
        ]

    def receipt(self, amount: Any = 100, on: date = date(YEAR, 3, 2), **fields: Any) -> Voucher:
        """A draft that receives cash from the central school."""
        lines = [self.line(CASH, amount, 0, "从中心学校提备用金"), self.line("230790", 0, amount)]
        return self.draft(*lines, kind="receipt", on=on, **fields)

    def reviewed(self, voucher: Voucher) -> Voucher:
        """The voucher, submitted and reviewed."""
        actions.submit(voucher, by=self.accountant)
        return actions.review(voucher, by=self.chief)

    def post(self, voucher: Voucher) -> Posting:
        """The voucher's posting."""
        return actions.post(self.reviewed(voucher), by=self.chief)

    def chief_posts(self, voucher: Voucher) -> Posting:
        """The posting of a voucher that was submitted."""
        return actions.post(actions.review(voucher, by=self.chief), by=self.chief)

    def period(self, month: int, year: int = YEAR) -> Period:
        """A month of the books."""
        return Period.objects.select_related("ledger__school").get(ledger=self.ledger, year=year, month=month)

    def close_through(self, month: int, year: int = YEAR) -> None:
        """Close the months of a year, up to this one; before December the year's results are transferred."""
        for period in self.ledger.periods.filter(year=year, month__lte=month, state="open").order_by("month"):
            if period.month == 12 and results(self.ledger, year):
                self.post(actions.draft_results(self.ledger, year, by=self.accountant))
            actions.close_period(period, by=self.chief)

    def balance(self, code: str) -> Decimal:
        """What an account has, debit less credit."""
        return self.account(code).head.balance


def register_bank(account: Account, *, by: Any, **fields: Any) -> BankAccount:
    """An approved bank account, which opens its account in the books."""
    values = {
        "purpose": "basic",
        "bank": "农村信用社太平分社",
        "number": f"62201800{account.pk:010d}",
        "approval": "教财〔2019〕12号",
        "approved_on": date(2019, 3, 18),
        "by": by,
    }
    return banks.register(account, **values | fields)


def second_chief(office: Office) -> Any:
    """Another chief accountant of the central school."""
    user = make_user()
    make_membership(user, office.central, "chief_accountant")
    return user


def books_of(office: Office) -> Ledger:
    """The books as they are now."""
    return Ledger.objects.get(pk=office.ledger.pk)


def settle() -> None:
    """Judge now what is judged when a transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
