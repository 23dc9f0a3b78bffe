"""Months are closed for good, years carried forward, and the heads of the chains noted."""

from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.ledger import wording
from finance.ledger.accounts import Accounts
from finance.ledger.actions.books import _make_periods, locked
from finance.ledger.actions.drafts import Line, open_period, save_draft
from finance.ledger.models import UNPOSTED, ZERO, Account, Entry, Ledger, Period, Voucher, VoucherKind
from finance.ledger.rules import TRANSFER
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.permissions import require
from houqin.web.trail import record_action

RESULTS = (
    Account.Category.INCOME,
    Account.Category.EXPENSE,
    Account.Category.BUDGET_INCOME,
    Account.Category.BUDGET_EXPENSE,
)
# 本期盈余, 本年盈余分配, 累计盈余: the way of the year's surplus.
SURPLUS = ("3301", "3302", "3001")
FISCAL_INCOME, FISCAL_CARRIED, OTHER_BALANCE = "6001", "8101", "8501"


@transaction.atomic
def close_period(period: Period, *, by: User) -> Period:
    """Close a month for good. The database strikes the bound books with it, and notes the head of the chain.

    Raises WrongState "period_closed", Refused "earlier_open", "drafts_left" (with how many), "not_begun", and, in
    December, "results_left": no voucher could transfer them afterwards.
    """
    # The period before the ledger: everybody locks in this order.
    period = Period.objects.select_for_update(of=("self",), no_key=True).get(pk=period.pk)
    ledger = locked(period.ledger)
    require(by, "finance.close_period", ledger)
    if not period.is_open:
        raise WrongState(_("This month is closed already."), code="period_closed")
    if date(period.year, period.month, 1) > timezone.localdate():
        raise Refused(_("This month has not begun."), code="not_begun")
    before = ledger.periods.filter(state=Period.State.OPEN, year__lt=period.year) | ledger.periods.filter(
        state=Period.State.OPEN, year=period.year, month__lt=period.month
    )
    first = before.order_by("year", "month").first()
    if first is not None:
        raise Refused(_("Close %(period)s first."), code="earlier_open", params={"period": first})
    left = ledger.vouchers.filter(state__in=UNPOSTED, date__year=period.year, date__month=period.month).count()
    if left:
        raise Refused(
            _("%(left)s vouchers of this month are not posted yet. Post or void them first."),
            code="drafts_left",
            params={"left": left},
        )
    if period.month == 12:
        _nothing_left(ledger, period.year)
    period.state, period.closed_at, period.closed_by = Period.State.CLOSED, timezone.now(), by
    period.save(update_fields=["state", "closed_at", "closed_by"])
    record_action("finance.close_period", by=by, record=ledger, detail=str(period))
    return period


@transaction.atomic
def carry_forward(ledger: Ledger, year: int, *, by: User) -> Ledger:
    """Carry a closed year forward: 结转下年 and 上年结转 in the bound books, and the months of the next year.

    Raises WrongState "already_carried", Refused "wrong_year", "period_open" or "results_left".
    """
    ledger = locked(ledger)
    require(by, "finance.close_period", ledger)
    due = ledger.year_opened if ledger.carried_through is None else ledger.carried_through + 1
    if year < due:
        raise WrongState(_("This year is carried forward already."), code="already_carried")
    if year > due or not ledger.periods.filter(year=year).exists():
        raise Refused(_("Carry %(year)s forward first."), code="wrong_year", params={"year": due})
    if ledger.periods.filter(year=year, state=Period.State.OPEN).exists():
        raise Refused(_("Close all months of the year first."), code="period_open")
    _nothing_left(ledger, year)
    ledger.carried_through = year
    ledger.save(update_fields=["carried_through"])
    if not ledger.periods.filter(year=year + 1).exists():
        _make_periods(ledger, year + 1)
    record_action("finance.carry_forward", by=by, record=ledger, detail=str(year))
    return ledger


@transaction.atomic
def draft_results(ledger: Ledger, year: int, *, by: User) -> Voucher:
    """Draft the transfer of the year's income and expenses, to be looked through, reviewed and posted like any other.

    Raises Refused "no_results" when nothing is left to transfer, "source_taken" while an earlier draft of it waits,
    "no_account" where the chart has none for the balance, and what `save_draft` refuses.
    """
    require(by, "finance.prepare_transfer", ledger)
    last = date(year, 12, 31)
    left = results(ledger, year)
    if not left:
        raise Refused(_("There is nothing left to transfer."), code="no_results")
    # Whoever drafts it at the same moment has the period locked until then.
    open_period(ledger, last)
    if ledger.vouchers.filter(source_kind=TRANSFER, date=last, state__in=UNPOSTED).exists():
        raise Refused(_("There is a voucher for this already."), code="source_taken")
    general = ledger.voucher_kinds == Ledger.VoucherKinds.GENERAL
    return save_draft(
        ledger,
        kind=VoucherKind.GENERAL if general else VoucherKind.TRANSFER,
        date=last,
        lines=_transfer(Accounts(ledger), left),
        by=by,
        source_kind=TRANSFER,
    )


def results(ledger: Ledger, year: int) -> list[tuple[Account, Decimal]]:
    """Return the accounts of income and expense that are not zero at the end of a year, debit less credit."""
    sums = (
        Entry.objects.filter(ledger=ledger, account__category__in=RESULTS, date__lte=date(year, 12, 31))
        .values("account")
        .annotate(left=Sum(F("debit") - F("credit")))
        .exclude(left=0)
        .order_by("account__code")
        .values_list("account", "left")
    )
    found = list(sums)
    accounts = Account.objects.in_bulk([account for account, _left in found])
    return [(accounts[account], left) for account, left in found]


def _nothing_left(ledger: Ledger, year: int) -> None:
    """Refuse "results_left" while income and expenses of a year are not transferred."""
    left = results(ledger, year)
    if left:
        raise Refused(
            _("Income and expenses are not transferred yet: %(account)s."),
            code="results_left",
            params={"account": left[0][0]},
        )


def note_chain_heads() -> int:
    """Note where the chain of every ledger stands, unless that is noted; return how many were.

    Each waits for whoever posts there: postings have the time at which they were made, and one that is made but not
    committed yet would stand behind a head that was noted after it. Ledgers are let go one by one.
    """
    noted = 0
    for ledger in Ledger.objects.order_by("pk"):
        with transaction.atomic(), connection.cursor() as cursor:
            locked(ledger)
            cursor.execute("SELECT finance_note_head(%s)", [ledger.pk])
            noted += cursor.fetchone()[0]
    return noted


def _transfer(accounts: Accounts, left: list[tuple[Account, Decimal]]) -> list[Line]:
    """Return lines that bring every account of `left` to zero, and its half to the balance it belongs to."""
    lines = [_line(account, -amount) for account, amount in left]
    surplus = sum((amount for account, amount in left if account.half == Account.Half.FINANCIAL), ZERO)
    if surplus:
        current, allotted, kept = (_open(accounts, code) for code in SURPLUS)
        steps = [(current, surplus), (current, -surplus), (allotted, surplus), (allotted, -surplus), (kept, surplus)]
        lines += [_line(account, amount) for account, amount in steps]
    fiscal = sum((amount for account, amount in left if account.code.startswith(FISCAL_INCOME)), ZERO)
    spent = sum((a for account, a in left if account.category == Account.Category.BUDGET_EXPENSE), ZERO)
    budget = sum((amount for account, amount in left if account.half == Account.Half.BUDGET), ZERO)
    # Which money was spent only a person knows; appropriations are taken to go first.
    carried = min(fiscal + spent, ZERO) if fiscal else ZERO
    parts = [(FISCAL_CARRIED, carried), (OTHER_BALANCE, budget - carried)]
    lines += [_line(_open(accounts, code), amount) for code, amount in parts if amount]
    return lines


def _open(accounts: Accounts, code: str) -> Account:
    """Return the account of a code, or the first one below it that is posted to. Refuses "no_account"."""
    found = accounts.usual(code)
    if found is None:
        raise Refused(
            _("No account below %(code)s is open. Open it, or add one to the chart."),
            code="no_account",
            params={"code": code},
        )
    return found


def _line(account: Account, amount: Decimal) -> Line:
    """Return a line of a signed amount, debit above zero."""
    return Line(account, max(amount, ZERO), max(-amount, ZERO), wording.RESULTS)
