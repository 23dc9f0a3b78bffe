"""Usual cases, booked in both halves at once: what is bought, collected, advanced, kept for others."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from finance.ledger.accounts import Accounts, label
from finance.ledger.models import Account

DEBIT, CREDIT = "debit", "credit"
# What the accounts are used for; where one of four digits has none below it in the shipped chart, its code.
CASH, BANK, EQUIPMENT, GOODS = "cash", "bank", "equipment", "goods"
DEPRECIATION, DEPRECIATED, PENDING = "depreciation", "equipment_depreciation", "pending"
FEES, DEPOSITS, AID = "fees", "deposits", "student_aid"
SPENT, OTHER_SPENT, FUNDS = "spent", "7901", "funds"
# The budget half of money that goes out.
_BUDGET_SPENT = ((SPENT, DEBIT), (FUNDS, CREDIT))


@dataclass(frozen=True, slots=True)
class Case:
    """A usual case: its name, and the sides of its accounts. The last `open` lines have other amounts."""

    name: str
    title: str | Promise
    sides: Sequence[tuple[str, str]]
    # So many lines at the end wait for amounts of their own.
    open: int = 0

    def lines(self, accounts: Accounts, amount: Decimal | None = None) -> list[dict[str, Any]]:
        """Return the lines as the form takes them."""
        same = len(self.sides) - self.open
        return [
            line_values(
                accounts.usual(use),
                side,
                amount if place < same else None,
                summary=str(self.title) if place == 0 else "",
            )
            for place, (use, side) in enumerate(self.sides)
        ]


def line_values(account: Account | None, side: str, amount: Decimal | None, *, summary: str = "") -> dict[str, Any]:
    """Return a line of the form."""
    shown = label(account) if account is not None else ""
    return {"summary": summary, "account": shown, side: "" if amount is None else amount}


CASES = (
    Case("goods_bank", _("office supplies bought by bank"), ((GOODS, DEBIT), (BANK, CREDIT), *_BUDGET_SPENT)),
    Case("goods_cash", _("small purchase in cash"), ((GOODS, DEBIT), (CASH, CREDIT), *_BUDGET_SPENT)),
    Case("equipment", _("equipment bought by bank"), ((EQUIPMENT, DEBIT), (BANK, CREDIT), *_BUDGET_SPENT)),
    Case("depreciation", _("depreciation of the month"), ((DEPRECIATION, DEBIT), (DEPRECIATED, CREDIT))),
    Case("fee", _("fee collected for the treasury"), ((BANK, DEBIT), (FEES, CREDIT))),
    Case("fee_paid_in", _("fees paid into the special account"), ((FEES, DEBIT), (BANK, CREDIT))),
    Case(
        "fee_returned",
        _("fees returned by the bureau"),
        ((BANK, DEBIT), ("4101", CREDIT), (FUNDS, DEBIT), ("6101", CREDIT)),
    ),
    Case("advance", _("advance to a colleague"), (("1218", DEBIT), (CASH, CREDIT))),
    Case("deposit", _("deposit received"), ((CASH, DEBIT), (DEPOSITS, CREDIT))),
    Case("deposit_back", _("deposit given back"), ((DEPOSITS, DEBIT), (CASH, CREDIT))),
    Case("aid_received", _("student aid received"), ((BANK, DEBIT), (AID, CREDIT))),
    Case("aid_paid", _("student aid paid out"), ((AID, DEBIT), (BANK, CREDIT))),
    Case("cash_from_bank", _("cash drawn from the bank"), ((CASH, DEBIT), (BANK, CREDIT))),
    Case("donated", _("donated equipment"), ((EQUIPMENT, DEBIT), ("4603", CREDIT))),
    Case("allotted", _("equipment allotted by the bureau"), ((EQUIPMENT, DEBIT), ("3401", CREDIT))),
    Case(
        "freight",
        _("freight paid for donated equipment"),
        ((EQUIPMENT, DEBIT), (BANK, CREDIT), (OTHER_SPENT, DEBIT), (FUNDS, CREDIT)),
    ),
    # The book value goes to property pending; depreciation so far and the price are known to whoever counted.
    Case(
        "shortage",
        _("equipment missing at stocktaking"),
        ((PENDING, DEBIT), (DEPRECIATED, DEBIT), (EQUIPMENT, CREDIT)),
        open=2,
    ),
    Case("shortage_approved", _("missing equipment, approved"), (("5301", DEBIT), (PENDING, CREDIT))),
    Case("surplus", _("equipment found at stocktaking"), ((EQUIPMENT, DEBIT), (PENDING, CREDIT))),
    Case("surplus_approved", _("found equipment of earlier years, approved"), ((PENDING, DEBIT), ("3501", CREDIT))),
    Case("surplus_of_year", _("found equipment of this year, approved"), ((PENDING, DEBIT), ("4609", CREDIT))),
    Case(
        "cash_short", _("cash found short"), ((PENDING, DEBIT), (CASH, CREDIT), (OTHER_SPENT, DEBIT), (FUNDS, CREDIT))
    ),
)
BY_NAME = {case.name: case for case in CASES}
