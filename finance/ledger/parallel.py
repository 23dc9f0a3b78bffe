"""Parallel booking (平行记账): what money within the budget lacks when it is booked in financial accounting alone."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.ledger import charts
from finance.ledger.cases import BY_NAME, CASES, CREDIT, DEBIT, FUNDS, Case
from finance.ledger.models import UNPOSTED, Account, Voucher, VoucherKind

# Advanced, passed on, owed to the treasury, kept for others: outside the budget, so that there is no budget half.
OUTSIDE = ("1218", "1891", "2103", "2307", "2901")
CASH, BANK = "1001", "1002"
# Operating activities and administration: what is spent for either is booked alike.
_ALIKE = {"5101": "5001"}
_BUDGET = ("6", "7", "8")
_NOT_OURS = _("Money that is only advanced, kept for others or owed to the treasury has none.")
# A line as it is compared: an account of four digits, and the side.
Side = tuple[str, str]


def hint(voucher: Voucher, lines: Sequence[Any]) -> str | Promise:
    """Return what to look at before the voucher is posted; nothing where its budget half is there, or has not to be.

    `lines` have their accounts along. A hint and no refusal: an office may know better. No query.
    """
    if voucher.state not in UNPOSTED or voucher.kind == VoucherKind.OPENING or voucher.reverses_id is not None:
        return ""
    if not lacks_budget_half(lines):
        return ""
    case = case_for(lines)
    if case is None:
        return format_lazy(
            "{} {}",
            _(
                "Money moves here, and the budget half is missing: debit 8001 and credit budget income for what comes"
                " in, debit budget expenditure and credit 8001 for what is spent."
            ),
            _NOT_OURS,
        )
    debit, credit = (code for code, _side in _sides_of(case, budget=True))
    words = _(
        "Money moves here, and the budget half is missing: debit {debit}, credit {credit},"
        " as the usual case “{case}” books it."
    )
    return format_lazy("{} {}", format_lazy(words, debit=debit, credit=credit, case=case.title), _NOT_OURS)


def lacks_budget_half(lines: Iterable[Any]) -> bool:
    """Say whether money within the budget moves and nothing is booked in the budget half.

    Money is also what a campus gets and spends over its current account with the central school; between cash, bank
    and that account it only changes its place.
    """
    accounts = [line.account for line in lines]
    if any(account.half == Account.Half.BUDGET for account in accounts) or not any(map(_is_means, accounts)):
        return False
    return any(not _is_means(account) and not account.code.startswith(OUTSIDE) for account in accounts)


def case_for(lines: Iterable[Any]) -> Case | None:
    """Return the usual case that has the budget half for these lines; None where it is no usual one."""
    sides = {(_standard(line.account), DEBIT if line.debit else CREDIT) for line in lines}
    for case in CASES:
        if _sides_of(case, budget=True) and set(_sides_of(case, budget=False)) == sides:
            return case
    # Whatever is paid for, the budget half of spending is the same.
    for money, name in ((CASH, "goods_cash"), (BANK, "goods_bank")):
        if (money, CREDIT) in sides:
            return BY_NAME[name]
    return None


def budget_use(case: Case) -> str:
    """Return what the account of a case's budget half is for that stands against the funds."""
    return next(use for use, _side in case.sides if use != FUNDS and charts.usual(use).startswith(_BUDGET))


def _is_means(account: Account) -> bool:
    return account.is_money or account.counterpart_id is not None


def _standard(account: Account) -> str:
    """Return the account of the accounting system; money that is not cash counts as the bank."""
    code = account.code[: charts.STANDARD]
    if _is_means(account) and code != CASH:
        return BANK
    return _ALIKE.get(code, code)


def _sides_of(case: Case, *, budget: bool) -> list[Side]:
    """Return one half of a usual case, debit first."""
    sides = [(charts.usual(use)[: charts.STANDARD], side) for use, side in case.sides]
    return [(code, side) for code, side in sides if code.startswith(_BUDGET) is budget]
