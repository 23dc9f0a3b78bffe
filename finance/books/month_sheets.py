"""Trial balance (科目余额表) and general ledger (总账) as sheets; a few hundred lines each."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.books import balances, figures, months, sheets
from finance.books.balances import Row, YearOf
from finance.books.sheets import Col, Line, Sheet
from finance.books.tree import Tree
from finance.ledger.models import Account, Ledger


def trial_balance(ledger: Ledger, year: int, first: int, last: int) -> Sheet:
    """Return the trial balance of some months."""
    made = Sheet(
        ledger=ledger,
        title=_("Balances of accounts"),
        name=f"{ledger}",
        period=months.words(year, first, last),
        columns=[
            Col(_("Account code"), "text", 13),
            Col(_("Account"), "text", 28),
            *(
                Col(side, "money", 15, summed=True, group=group)
                for group in balances.groups()
                for side in (_("Debit"), _("Credit"))
            ),
        ],
        read=lambda _whole_pages: _balance_lines(made, balances.trial_balance(ledger, year, first, last)),
        year=year,
        has_sums=False,
    )
    return made


def _balance_lines(sheet: Sheet, rows: list[Row]) -> Iterator[Line]:
    """Yield accounts with those below them, and the totals of each half, which sum what stands under them."""
    sheet.totals.lines = len(rows)
    count = 0
    for half, label in Account.Half.choices:
        here = [row for row in rows if row.half == half]
        if not here:
            continue
        start = count
        for number, row in enumerate(here):
            below = _below(here, number)
            span = (count + 1, count + below) if below else None
            style = sheets.ENTRY if row.level else sheets.TOTAL
            name = "  " * row.level + row.name
            yield Line(style, [row.code, name, *(amount or None for amount in row.amounts)], span)
            count += 1
        cells = ["", _("Total: %(half)s") % {"half": label}, *balances.totals(rows, half)]
        yield Line(sheets.RULED, cells, (start, count - 1))
        count += 1


def _below(rows: list[Row], number: int) -> int:
    """Return how many of the following rows are below this one."""
    count = 0
    while number + count + 1 < len(rows) and rows[number + count + 1].level > rows[number].level:
        count += 1
    return count


def general(ledger: Ledger, tree: Tree, year: int, first: int, last: int) -> Sheet:
    """Return the general ledger of some months."""
    made = Sheet(
        ledger=ledger,
        title=_("General ledger"),
        name=f"{ledger}",
        period=months.words(year, first, last),
        columns=[
            Col(_("Account code"), "text", 13, on_paper=False),
            Col(_("Account"), "text", 26, on_paper=False),
            Col(pgettext("head of a column", "Month"), "integer", 8),
            Col(_("Summary"), "text", 20),
            Col(_("Debit"), "money", 17, summed=True),
            Col(_("Credit"), "money", 17, summed=True),
            Col(pgettext("head of a column", "Dr / Cr"), "short", 8),
            Col(_("Balance"), "money", 17),
        ],
        read=lambda _whole_pages: _general_lines(made, _general_of(ledger, tree, year, first, last), first),
        year=year,
        carries="year",
        has_sums=False,
    )
    return made


def _general_of(ledger: Ledger, tree: Tree, year: int, first: int, last: int) -> list[YearOf]:
    found = balances.general(ledger, tree.roots, year, balances.closed_through(ledger, year), first, last)
    return [account for account in found if not account.is_nothing]


def _general_lines(sheet: Sheet, accounts: list[YearOf], first: int) -> Iterator[Line]:
    count = 0
    opening = (
        figures.summary_of(figures.Kind.OPENING, "") if first == 1 else _("balance at the beginning of the period")
    )
    for account in accounts:
        code, name = account.node.code, account.node.name
        whose = f"{code} {name}"
        cells = [code, name, None, opening, None, None, *_balance(account.opening)]
        yield Line(sheets.OPENING, cells, account=whose)
        count += 1
        start = count
        for month in account.months:
            label = figures.summary_of(figures.Kind.MONTH_TOTAL, "")
            sums: list[Any] = [month.debit, month.credit, *_balance(month.balance)]
            yield Line(sheets.ENTRY, [code, name, month.month, label, *sums], account=whose)
            label = figures.summary_of(figures.Kind.YEAR_TOTAL, "")
            sums = [month.year_debit, month.year_credit, *_balance(month.balance)]
            count += 1
            style = sheets.DOUBLE if month.month == 12 else sheets.RULED
            yield Line(style, [code, name, None, label, *sums], (start, count - 1), account=whose)
            count += 1
    sheet.totals.lines = count


def _balance(balance: Decimal) -> tuple[str, Decimal]:
    return figures.side(balance), abs(balance)
