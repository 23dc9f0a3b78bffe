"""Bank accounts are registered with their approval, put right, and closed; the account in the books follows (S109)."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.banks.models import BankAccount
from finance.ledger.actions.books import locked as locked_ledger
from finance.ledger.charts import BANK
from finance.ledger.models import UNPOSTED, Account, VoucherLine
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.permissions import require
from houqin.web.trail import record_action


@transaction.atomic
def register(
    account: Account, *, purpose: str, bank: str, number: str, approval: str, approved_on: date, by: User
) -> BankAccount:
    """Register an approved bank account, and open its account in the books.

    Raises Refused "campus_bank", "not_a_bank", "registered_already" or "approved_in_future".
    """
    ledger = locked_ledger(account.ledger)
    require(by, "finance.manage_ledger", ledger)
    account = Account.objects.select_related("ledger__school").get(pk=account.pk)
    if ledger.school.parent_id is not None:
        raise Refused(
            _("A campus has no bank account of its own; its money comes from the central school."), code="campus_bank"
        )
    if not (account.is_leaf and account.code.startswith(BANK)):
        raise Refused(_("Choose an account below bank deposits."), code="not_a_bank", field="account")
    if BankAccount.objects.filter(account=account, closed_on=None).exists():
        raise Refused(
            _("A bank account is registered for this account already."), code="registered_already", field="account"
        )
    _not_in_future(approved_on, "approved_on")
    made = BankAccount.objects.create(
        account=account,
        purpose=purpose,
        bank=bank.strip(),
        number=number,
        approval=approval.strip(),
        approved_on=approved_on,
        registered_by=by,
    )
    account.closed = False
    account.save(update_fields=["closed"])
    record_action("finance.register_bank_account", by=by, record=made, detail=str(made))
    return made


@transaction.atomic
def change(
    bank_account: BankAccount, *, purpose: str, bank: str, number: str, approval: str, approved_on: date, by: User
) -> BankAccount:
    """Put right what was registered. Raises WrongState "bank_account_closed", Refused "approved_in_future"."""
    bank_account = _open(bank_account, by)
    _not_in_future(approved_on, "approved_on")
    bank_account.purpose, bank_account.bank, bank_account.number = purpose, bank.strip(), number
    bank_account.approval, bank_account.approved_on = approval.strip(), approved_on
    bank_account.save(update_fields=["purpose", "bank", "number", "approval", "approved_on"])
    record_action("finance.change_bank_account", by=by, record=bank_account, detail=str(bank_account))
    return bank_account


@transaction.atomic
def close(bank_account: BankAccount, *, closed_on: date, reason: str, by: User) -> BankAccount:
    """Close an empty bank account; nothing is posted to it any more.

    Raises WrongState "bank_account_closed", Refused "balance_left", "account_drafted", "reason_missing",
    "closed_in_future" or "closed_before_entry".
    """
    bank_account = _open(bank_account, by)
    account = bank_account.account
    if account.head.balance:
        raise Refused(_("There is still money in it. Transfer that first."), code="balance_left")
    if VoucherLine.objects.filter(account=account, voucher__state__in=UNPOSTED).exists():
        raise Refused(_("A voucher that is not posted yet names this account."), code="account_drafted")
    if not reason.strip():
        raise Refused(_("Write why it is closed."), code="reason_missing", field="closed_reason")
    if closed_on > timezone.localdate():
        raise Refused(_("This day lies in the future."), code="closed_in_future", field="closed_on")
    if account.head.last_date is not None and closed_on < account.head.last_date:
        raise Refused(
            _("There is an entry of %(day)s in its book; it was not closed before."),
            code="closed_before_entry",
            field="closed_on",
            params={"day": account.head.last_date},
        )
    account.closed = True
    account.save(update_fields=["closed"])
    bank_account.closed_on, bank_account.closed_reason = closed_on, reason.strip()
    bank_account.save(update_fields=["closed_on", "closed_reason"])
    record_action("finance.close_bank_account", by=by, record=bank_account, detail=reason.strip())
    return bank_account


def _open(bank_account: BankAccount, by: User) -> BankAccount:
    """Return it as it is now, with its books locked, if it is not closed."""
    locked_ledger(bank_account.ledger)
    found = BankAccount.objects.select_related("account__ledger__school", "account__head").get(pk=bank_account.pk)
    require(by, "finance.manage_ledger", found)
    if found.closed_on is not None:
        raise WrongState(_("This bank account is closed."), code="bank_account_closed")
    return found


def _not_in_future(day: date, field: str) -> None:
    if day > timezone.localdate():
        raise Refused(_("This day lies in the future."), code="approved_in_future", field=field)
