"""Accounts are added below others, renamed, closed and opened again. What decides over postings never changes."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from finance.ledger import charts
from finance.ledger.actions.books import locked
from finance.ledger.models import Account, Entry, VoucherLine
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.permissions import require
from houqin.web.trail import record_action

# Codes have four digits, and two more on each level below (4-2-2).
STEP, DEEPEST = 2, 12


@transaction.atomic
def add_account(parent: Account, *, code: str, name: str, by: User) -> Account:
    """Add an account below another one of the same ledger: it has its half, class and normal side.

    Raises Refused "code_taken", "wrong_account_code", "name_missing", "name_taken", "parent_used", "parent_closed".
    """
    parent = _locked(parent, by)
    code, name = code.strip(), _named(parent, name)
    fits = code.isascii() and code.isdigit() and code.startswith(parent.code) and len(code) == len(parent.code) + STEP
    if not fits or len(code) > DEEPEST:
        raise Refused(
            _("The code is %(code)s and two more digits."),
            code="wrong_account_code",
            field="code",
            params={"code": parent.code},
        )
    if Account.objects.filter(ledger=parent.ledger, code=code).exists():
        raise Refused(_("There is an account of this code already."), code="code_taken", field="code")
    if parent.closed:
        raise Refused(_("%(account)s is closed."), code="parent_closed", params={"account": parent})
    if is_used(parent):
        raise Refused(
            _("%(account)s is posted to already, so nothing can stand below it."),
            code="parent_used",
            params={"account": parent},
        )
    account = charts.add_below(parent, code, name)
    record_action("finance.add_account", by=by, record=account, detail=str(account))
    return account


@transaction.atomic
def rename_account(account: Account, *, name: str, by: User) -> Account:
    """Give an account another name, and those below it their full names. What is posted keeps the old one.

    Raises Refused "name_missing", "name_taken", "standard_account".
    """
    account = _locked(account, by)
    if is_standard(account):
        raise Refused(
            _("The names of four-digit accounts are those of the accounting system."), code="standard_account"
        )
    above = account.parent
    old, account.name = account.name, _named(above, name, besides=account)
    account.write_names()
    account.save(update_fields=NAMES)
    _rename_below(account)
    record_action("finance.rename_account", by=by, record=account, detail=f"{account.code}: {old} → {account.name}")
    return account


@transaction.atomic
def close_account(account: Account, *, by: User) -> Account:
    """Let nothing be posted to an account any more.

    Raises WrongState "account_closed", Refused "balance_left", "open_below", "account_drafted", "bank_registered".
    """
    account = _locked(account, by)
    if account.closed:
        raise WrongState(_("This account is closed."), code="account_closed")
    if account.is_leaf and account.code.startswith(charts.BANK):
        raise Refused(
            _("Close the bank account in the register of bank accounts; this account closes with it."),
            code="bank_registered",
        )
    if account.is_leaf and account.head.balance:
        raise Refused(_("The account still has a balance."), code="balance_left")
    if account.children.filter(closed=False).exists():
        raise Refused(_("Close the accounts below it first."), code="open_below")
    if VoucherLine.objects.filter(account=account).exclude(voucher__state__in=("posted", "voided")).exists():
        raise Refused(_("A voucher that is not posted yet names this account."), code="account_drafted")
    account.closed = True
    account.save(update_fields=["closed"])
    record_action("finance.close_account", by=by, record=account, detail=str(account))
    return account


@transaction.atomic
def reopen_account(account: Account, *, by: User) -> Account:
    """Open a closed account again.

    Raises WrongState "account_open", Refused "not_for_schools", "parent_closed", "bank_unregistered".
    """
    account = _locked(account, by)
    if not account.closed:
        raise WrongState(_("This account is open."), code="account_open")
    if is_closed_for_good(account):
        raise Refused(
            _("Schools make no debts, and a campus has no bank account of its own; this one stays closed."),
            code="not_for_schools",
        )
    if account.parent is not None and account.parent.closed:
        raise Refused(_("%(account)s is closed."), code="parent_closed", params={"account": account.parent})
    if account.is_leaf and account.code.startswith(charts.BANK):
        raise Refused(
            _("An account of bank deposits opens when an approved bank account is registered for it."),
            code="bank_unregistered",
        )
    account.closed = False
    account.save(update_fields=["closed"])
    record_action("finance.reopen_account", by=by, record=account, detail=str(account))
    return account


NAMES = ["name", "full_name", "counter_label", "name_pinyin", "search_text"]


def is_used(account: Account) -> bool:
    """Say whether an account is posted to, or named by a voucher that may still be."""
    lines = VoucherLine.objects.filter(account=account).exclude(voucher__state="voided")
    return Entry.objects.filter(account=account).exists() or lines.exists()


def is_standard(account: Account) -> bool:
    """Say whether code and name are those of the accounting system itself."""
    return account.parent_id is None


def is_closed_for_good(account: Account) -> bool:
    """Say whether no school, or no campus, may ever use it."""
    is_bank_of_campus = account.code.startswith(charts.BANK) and account.ledger.school.parent_id is not None
    return account.use == charts.NOT_FOR_SCHOOLS or is_bank_of_campus


def _locked(account: Account, by: User) -> Account:
    """Return the account as it is now; nothing is posted in its ledger until the transaction ends."""
    ledger = locked(account.ledger)
    require(by, "finance.manage_ledger", ledger)
    return Account.objects.select_related("ledger__school", "parent", "head").get(pk=account.pk)


def _named(above: Account | None, name: str, *, besides: Account | None = None) -> str:
    """Return a name without spaces around it. Refuses none at all, and one that a neighbour has."""
    name = name.strip()
    if not name:
        raise Refused(_("Write the name of the account."), code="name_missing", field="name")
    same = Account.objects.filter(parent=above, name=name) if above is not None else Account.objects.none()
    if same.exclude(pk=besides.pk if besides else None).exists():
        raise Refused(_("There is an account of this name beside it."), code="name_taken", field="name")
    return name[:60]


def _rename_below(account: Account) -> None:
    for child in account.children.all():
        child.parent = account
        child.write_names()
        child.save(update_fields=NAMES)
        _rename_below(child)
