"""Sets of books are opened, their years too; accounts are added, closed and opened again."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from finance.ledger import charts
from finance.ledger.models import Account, Entry, Ledger, Period, VoucherLine
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.models import School
from houqin.schools.permissions import require
from houqin.web.trail import record_action

# Years that may stand open at once: the old one is still being closed when the new one begins.
OPEN_YEARS = 2


@transaction.atomic
def open_ledger(
    school: School,
    *,
    kind: str,
    year: int,
    by: User,
    name: str = "",
    month: int = 1,
    voucher_kinds: str = Ledger.VoucherKinds.THREE,
    lines_per_page: int = 20,
) -> Ledger:
    """Open a set of books from a month of `year` on, with the shipped chart and the periods of the year.

    Raises Refused "ledger_exists", "no_such_year" or "wrong_lines".
    """
    require(by, "finance.manage_ledger", school)
    if not 2000 <= year <= 2100 or not 1 <= month <= 12:
        raise Refused(_("Choose a year and a month."), code="no_such_year", field="year")
    if not 5 <= lines_per_page <= 60:
        raise Refused(_("A page has from 5 to 60 lines."), code="wrong_lines", field="lines_per_page")
    # The school's row keeps a second one out until this one is there.
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    if Ledger.objects.filter(school=school, kind=kind).exists():
        raise Refused(_("This school has a set of books of this kind already."), code="ledger_exists")
    ledger = Ledger.objects.create(
        school=school,
        kind=kind,
        name=name.strip() or school.name,
        year_opened=year,
        opened_on=date(year, month, 1),
        opened_by=by,
        voucher_kinds=voucher_kinds,
        lines_per_page=lines_per_page,
    )
    charts.copy_chart(ledger)
    _make_periods(ledger, year, from_month=month)
    record_action("finance.open_ledger", by=by, record=ledger, detail=f"{year}-{month:02d}")
    return ledger


@transaction.atomic
def open_year(ledger: Ledger, *, by: User) -> list[Period]:
    """Open the periods of the next year, so that January goes on while December is still being closed.

    Raises WrongState "year_before_open" when the year before the last one is not carried forward yet.
    """
    ledger = locked(ledger)
    require(by, "finance.manage_ledger", ledger)
    last = last_year(ledger)
    carried = ledger.carried_through if ledger.carried_through is not None else ledger.year_opened - 1
    if last - carried >= OPEN_YEARS:
        raise WrongState(
            _("Close %(year)s and carry it forward first."), code="year_before_open", params={"year": carried + 1}
        )
    periods = _make_periods(ledger, last + 1)
    record_action("finance.open_year", by=by, record=ledger, detail=str(last + 1))
    return periods


@transaction.atomic
def add_account(parent: Account, *, code: str, name: str, by: User) -> Account:
    """Add an account below another one of the same ledger.

    Raises Refused "code_taken", "wrong_account_code", "name_missing" or "parent_used".
    """
    ledger = locked(parent.ledger)
    require(by, "finance.manage_ledger", ledger)
    parent = Account.objects.select_related("ledger__school", "parent").get(pk=parent.pk)
    code, name = code.strip(), name.strip()
    if not name:
        raise Refused(_("Write the name of the account."), code="name_missing", field="name")
    if not (code.isascii() and code.isdigit() and code.startswith(parent.code) and len(parent.code) < len(code) <= 16):
        raise Refused(
            _("The code begins with %(code)s and has more digits."),
            code="wrong_account_code",
            field="code",
            params={"code": parent.code},
        )
    if Account.objects.filter(ledger=ledger, code=code).exists():
        raise Refused(_("There is an account of this code already."), code="code_taken", field="code")
    used = Entry.objects.filter(account=parent).exists()
    if used or VoucherLine.objects.filter(account=parent).exclude(voucher__state="voided").exists():
        raise Refused(
            _("%(account)s is posted to already, so nothing can stand below it."),
            code="parent_used",
            params={"account": parent},
        )
    account = charts.add_below(parent, code, name)
    record_action("finance.add_account", by=by, record=account, detail=str(account))
    return account


@transaction.atomic
def close_account(account: Account, *, by: User) -> Account:
    """Let nothing be posted to an account any more. Raises WrongState "account_closed", Refused "balance_left"."""
    locked(account.ledger)
    account = Account.objects.select_related("ledger__school").get(pk=account.pk)
    require(by, "finance.manage_ledger", account)
    if account.closed:
        raise WrongState(_("This account is closed."), code="account_closed")
    if account.is_leaf and account.head.balance:
        raise Refused(_("The account still has a balance."), code="balance_left")
    account.closed = True
    account.save(update_fields=["closed"])
    record_action("finance.close_account", by=by, record=account, detail=str(account))
    return account


@transaction.atomic
def reopen_account(account: Account, *, by: User) -> Account:
    """Open a closed account again. Raises WrongState "account_open", Refused "not_for_schools", "bank_unregistered"."""
    locked(account.ledger)
    account = Account.objects.select_related("ledger__school").get(pk=account.pk)
    require(by, "finance.manage_ledger", account)
    if not account.closed:
        raise WrongState(_("This account is open."), code="account_open")
    if account.use == charts.NOT_FOR_SCHOOLS:
        raise Refused(_("Schools make no debts; this one stays closed."), code="not_for_schools")
    if account.is_leaf and account.code.startswith(charts.BANK):
        raise Refused(
            _("An account of bank deposits opens when an approved bank account is registered for it."),
            code="bank_unregistered",
        )
    account.closed = False
    account.save(update_fields=["closed"])
    record_action("finance.reopen_account", by=by, record=account, detail=str(account))
    return account


def locked(ledger: Ledger) -> Ledger:
    """Return the ledger as it is now; nothing is posted in it until the transaction ends."""
    return Ledger.objects.select_for_update(of=("self",), no_key=True).select_related("school").get(pk=ledger.pk)


def last_year(ledger: Ledger) -> int:
    """Return the last year that has periods."""
    return ledger.periods.order_by("-year").values_list("year", flat=True)[0]


def _make_periods(ledger: Ledger, year: int, *, from_month: int = 1) -> list[Period]:
    return Period.objects.bulk_create(Period(ledger=ledger, year=year, month=month) for month in range(from_month, 13))
