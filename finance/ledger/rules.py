"""What a voucher must fulfil before anybody reviews or posts it; `finance_post` asks the hard part of it again."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import DataError, IntegrityError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.ledger.models import UNPOSTED, Account, Ledger, Posting, Voucher, VoucherKind, VoucherLine
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.access import access_of
from houqin.schools.roles import Role

# 应缴财政款: collected for the treasury, kept apart from income and spending (F01, S123).
FEES = "2103"
# 以前年度盈余调整: mistakes of earlier years are put right through it.
EARLIER = "3501"
# What a voucher that transfers the results comes from; a year may need several, one after the other.
TRANSFER = "results"
RESULTS = frozenset(Account.Category) - {
    Account.Category.ASSET,
    Account.Category.LIABILITY,
    Account.Category.NET_ASSET,
}
# As far as amounts can be written in capitals, and balances in their columns.
MOST_AMOUNT, MOST_BALANCE = Decimal(10) ** 12, Decimal(10) ** 14
MOST_LINES, MOST_ATTACHMENTS = 1000, 999
# What is said when the code is refused; %(about)s is the account and what it has, where there is one.
SENTENCES: dict[str, Any] = {
    "negative_money": _("There is not enough money for this: %(about)s."),
    "period_closed": _("This month is closed. Take a date in an open one."),
    "period_missing": _("These books have no such month. Open the year first."),
    "date_goes_back": _("The book has a later entry already: %(about)s. Take that date or a later one."),
    "unbalanced": _("Debit and credit must be equal, in financial and in budget accounting each."),
    "account_closed": _("The account %(about)s is closed."),
    "account_not_leaf": _("Take an account below %(about)s."),
    "already_posted": _("This voucher is posted already."),
    "not_reviewed": _("The voucher is not reviewed yet."),
    "fees_mixed": _(
        "Fees collected for the treasury are neither income nor spent: pay them in, and book what comes back as income."
    ),
    "fees_spent": _(
        "This would spend fees that are still to be paid in: ¥%(about)s are missing. Pay them in first, or pay less."
    ),
    "opening_late": _("Opening balances come before anything else in the books."),
    "opening_date": _("Opening balances stand on the first day of the books: %(about)s."),
    "date_in_future": _("Money does not move on a day that is still to come. Take today or an earlier day."),
    "not_red": _("What writes a posting off has the lines of that posting in red, and nothing else."),
    "not_written_off": _("What puts a posting right is posted together with its write-off. Post it from its own page."),
    "amount_wrong": _("Write amounts with two decimals at most, below 1,000,000,000,000 for the whole voucher."),
    "balance_too_large": _("The books have no room for a balance of so many figures. %(about)s"),
    "too_many_lines": _("A voucher has at most %(about)s lines. Write another one for the rest."),
    "attachments_wrong": _("The number of attachments is from 0 to %(about)s."),
    "earlier_year": _("Mistakes of earlier years are put right by a voucher of their own, through account 3501."),
    "already_reversed": _("This posting is written off already."),
    "already_corrected": _("This posting is put right already."),
}
STATES = frozenset({"already_posted", "not_reviewed", "already_reversed", "already_corrected"})
# PostgreSQL's own code for a number that its column has no room for.
_OUT_OF_RANGE = "22003"
_CONSTRAINTS = {
    "finance_posting_voucher_id_key": "already_posted",
    "finance_posting_reverses_id_key": "already_reversed",
    "finance_posting_corrects_id_key": "already_corrected",
    "finance_period_closed_for_good": "period_closed",
}


def refusal(code: str, field: str | None = None, about: str = "") -> Refused:
    """Return the refusal of a code."""
    kind = WrongState if code in STATES else Refused
    return kind(SENTENCES[code], code=code, field=field, params={"about": about})


def from_database(error: IntegrityError | DataError) -> Refused:
    """Return what the database refused in our words; raise `error` when it was something else."""
    diag = getattr(error.__cause__, "diag", None)
    if getattr(diag, "sqlstate", None) == _OUT_OF_RANGE:
        return refusal("balance_too_large")
    name = getattr(diag, "constraint_name", None) or ""
    code = name.removeprefix("finance_post_") if name.startswith("finance_post_") else _CONSTRAINTS.get(name, "")
    if code not in SENTENCES:
        raise error
    return refusal(code, about=getattr(diag, "message_detail", None) or "")


def kind_fits_ledger(ledger: Ledger, kind: str) -> None:
    """Refuse "wrong_kind": 收付转 and 记 do not mix in one set of books."""
    three = {VoucherKind.RECEIPT, VoucherKind.PAYMENT, VoucherKind.TRANSFER}
    allowed = three if ledger.voucher_kinds == Ledger.VoucherKinds.THREE else {VoucherKind.GENERAL}
    if kind not in allowed | {VoucherKind.OPENING}:
        raise Refused(_("These books have no vouchers of this kind."), code="wrong_kind", field="kind")


def content_fits(amounts: Sequence[Decimal], attachments: int) -> None:
    """Refuse what no column has room for: "too_many_lines", "amount_wrong", "attachments_wrong"."""
    if len(amounts) > 2 * MOST_LINES:
        raise refusal("too_many_lines", "lines", str(MOST_LINES))
    if not all(map(_is_amount, amounts)) or sum(map(abs, amounts)) >= 2 * MOST_AMOUNT:
        raise refusal("amount_wrong", "lines")
    if not 0 <= attachments <= MOST_ATTACHMENTS:
        raise refusal("attachments_wrong", "attachments", str(MOST_ATTACHMENTS))


def _is_amount(value: Decimal) -> bool:
    """Say whether it is a number of yuan to the fen, of a sane size; a float that is none is refused like any other."""
    value = Decimal(value)
    return value.is_finite() and abs(value) < MOST_AMOUNT and value == round(value, 2)


def may_be_corrected(ledger: Ledger, posting: Posting) -> None:
    """Refuse a posting of other books, of an earlier year, opening balances, and what is undone already."""
    if posting.ledger_id != ledger.pk:
        raise Refused(_("This posting is of other books."), code="wrong_ledger")
    if posting.kind == VoucherKind.OPENING or posting.reverses_id is not None:
        raise Refused(
            _("Opening balances and what was written off are put right by a voucher of their own."),
            code="not_reversible",
        )
    if Posting.objects.filter(reverses=posting).exists():
        raise refusal("already_reversed")
    if Posting.objects.filter(corrects=posting).exists():
        raise refusal("already_corrected")


def undoing(posting: Posting) -> QuerySet[Voucher]:
    """Return the vouchers that are to write a posting off or to put it right, and are not posted yet."""
    return Voucher.objects.filter(Q(reverses=posting) | Q(corrects=posting), state__in=UNPOSTED).order_by("pk")


def nothing_undoes(posting: Posting, *, besides: Voucher) -> None:
    """Refuse "undoing_waits": another voucher that undoes it is on its way."""
    if undoing(posting).exclude(pk=besides.pk).exists():
        raise WrongState(_("A voucher that undoes this one waits already."), code="undoing_waits")


def may_review(voucher: Voucher, by: User) -> None:
    """Refuse who prepared it ("own_voucher"), and cashiers ("cashier_reviews")."""
    if voucher.prepared_by_id == by.pk:
        raise Refused(_("Nobody reviews what they prepared themselves."), code="own_voucher")
    if _keeps_cash(by, voucher.school_id):
        raise Refused(_("Who keeps the cash does not review vouchers."), code="cashier_reviews")


def may_post(voucher: Voucher, by: User) -> None:
    """Refuse cashiers ("cashier_posts"), whatever else they are: they keep no books of income and expense."""
    if _keeps_cash(by, voucher.school_id):
        raise Refused(_("Who keeps the cash does not post vouchers."), code="cashier_posts")


def _keeps_cash(person: User, school_id: int) -> bool:
    return Role.CASHIER in access_of(person).roles.get(school_id, ())


def may_be_posted(voucher: Voucher) -> bool:
    """Refuse a voucher whose lines do not fit; return whether it moves money.

    Codes: "unbalanced", "account_closed", "account_not_leaf", "balance_too_large", "fees_mixed", "wrong_kind",
    "attachments_missing", "opening_date", "date_in_future".
    """
    lines = list(voucher.lines.select_related("account__head"))
    sums = {half: sum(line.amount for line in lines if line.account.half == half) for half in Account.Half.values}
    if len(lines) < 2 or any(sums.values()):
        raise refusal("unbalanced", "lines")
    for line in lines:
        if line.account.closed:
            raise refusal("account_closed", "lines", str(line.account))
        if not line.account.is_leaf:
            raise refusal("account_not_leaf", "lines", str(line.account))
    _balances_fit(lines)
    results = any(line.account.category in RESULTS for line in lines)
    opens = voucher.kind == VoucherKind.OPENING
    if results and not opens and any(line.account.code.startswith(FEES) for line in lines):
        raise refusal("fees_mixed", "lines")
    received = any(line.account.is_money and line.debit for line in lines)
    paid = any(line.account.is_money and line.credit for line in lines)
    _kind_fits_lines(voucher.kind, received=received, paid=paid)
    _date_fits(voucher, moves_money=received or paid)
    _attachments_fit(voucher, lines)
    return received or paid


def _attachments_fit(voucher: Voucher, lines: Iterable[VoucherLine]) -> None:
    """Refuse "attachments_missing": only what opens, closes or puts right rests on the books themselves."""
    closes = voucher.kind == VoucherKind.OPENING or voucher.source_kind == TRANSFER
    corrects = voucher.reverses_id or voucher.corrects_id or any(one.account.code.startswith(EARLIER) for one in lines)
    if not (voucher.attachments or closes or corrects):
        raise Refused(
            _("Every voucher has attachments. Write how many."), code="attachments_missing", field="attachments"
        )


def _balances_fit(lines: Iterable[VoucherLine]) -> None:
    """Refuse "balance_too_large", as far as one can tell before the voucher is posted."""
    balances: dict[int, Decimal] = {}
    for line in lines:
        balances[line.account_id] = balances.get(line.account_id, line.account.head.balance) + line.amount
        if abs(balances[line.account_id]) >= MOST_BALANCE:
            raise refusal("balance_too_large", "lines", str(line.account))


def _date_fits(voucher: Voucher, *, moves_money: bool) -> None:
    """Refuse "opening_date", and "date_in_future": no earlier day could be written in the book after that."""
    if voucher.kind == VoucherKind.OPENING and voucher.date != voucher.ledger.opened_on:
        raise refusal("opening_date", "date", str(voucher.ledger.opened_on))
    if moves_money and voucher.date > timezone.localdate():
        raise refusal("date_in_future", "date")


def _kind_fits_lines(kind: str, *, received: bool, paid: bool) -> None:
    """Refuse "wrong_kind". Between cash and bank a payment voucher is written."""
    fits = {
        VoucherKind.RECEIPT: received and not paid,
        VoucherKind.PAYMENT: paid,
        VoucherKind.TRANSFER: not received and not paid,
    }
    if not fits.get(VoucherKind(kind), True):
        raise Refused(
            _("Money received is a receipt voucher, money paid a payment voucher, anything else a transfer voucher."),
            code="wrong_kind",
            field="kind",
        )
