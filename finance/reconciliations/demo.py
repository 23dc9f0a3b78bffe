"""The demo's bank reconciliations: the months before, one that waits for review, and the last one still to be made."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TextIO

from finance.banks.models import BankAccount
from finance.ledger.models import Entry
from finance.reconciliations import actions
from finance.reconciliations.actions import PREPARE, REVIEW, TypedItem
from finance.reconciliations.facts import due, standing
from finance.reconciliations.models import BankReconciliation, ItemKind
from houqin.accounts.models import User
from houqin.schools.people import people_with

FEE = ("账户管理费", Decimal("15.00"))


def load(out: TextIO) -> None:
    """Reconcile the bank accounts of central schools; a second run finds them and leaves them alone."""
    if BankReconciliation.objects.exists():
        return
    for bank in BankAccount.objects.select_related("account__ledger__school"):
        chief = people_with(REVIEW, bank.school).order_by("pk").first()
        if chief is None:
            continue
        accountant = people_with(PREPARE, bank.school).exclude(pk=chief.pk).order_by("pk").first()
        if accountant is None:
            continue
        for here in due(accountant, bank.school):
            if here.bank_account.pk == bank.pk:
                _reconcile(bank, here.months[:-1], accountant, chief)
    out.write(f"bank reconciliations: {BankReconciliation.objects.count()}")


def _reconcile(bank: BankAccount, months: Sequence[date], accountant: User, chief: User) -> None:
    """Submit these months, the earlier ones reviewed: the bank sees the last payment of a month in the next one."""
    for month in months:
        paid = Entry.objects.filter(account=bank.account_id, credit__gt=0)
        ours = list(paid.filter(date__gte=month.replace(day=1), date__lte=month).order_by("-position")[:1])
        fees = [] if month != months[-1] else [TypedItem(ItemKind.BANK_PAID, month, *FEE)]
        _position, book = standing(bank.account_id, month)
        statement = book + sum(entry.credit for entry in ours) - sum(fee.amount for fee in fees)
        one = actions.begin(bank, ends_on=month, statement=statement, by=accountant)
        keys = [entry.pk for entry in ours]
        one = actions.write(one, statement=statement, bank_items=fees, entries=keys, by=accountant)
        one = actions.submit(one, by=accountant)
        if month != months[-1]:
            actions.review(one, by=chief)
