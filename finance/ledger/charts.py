"""The chart of accounts that ships with the application (政府会计制度), and how a school's own is made of it."""

import csv
from functools import cache
from pathlib import Path

from django.utils.translation import gettext

from finance.ledger.models import Account, Ledger
from houqin.schools.models import School

DATA = Path(__file__).parent / "data" / "accounts.csv"
# Which of several accounts below one of four digits is meant for what: a bureau may number them otherwise.
USUAL = Path(__file__).parent / "data" / "usual_accounts.csv"
# Money: never below zero, and its dates never go back; of these, cash and bank are kept in bound books.
MONEY = ("1001", "1002", "1011", "1021")
BOUND = ("1001", "1002")
# Closed until an approved account is registered at a bank (S109); a trigger holds that.
BANK = "1002"
# Debts of a school are forbidden; so are all accounts that the table marks as not for schools.
NOT_FOR_SCHOOLS = "no"
# Current accounts between a central school and its campuses: here the campuses' with the central school, and there the
# central school's with its campuses, numbered below this one.
WITH_CENTRAL, WITH_CAMPUSES = "current_account_with_central", "current_accounts_with_campuses"
OTHER_RECEIVABLES = "other_receivables"
# The digits of an account of the accounting system itself.
STANDARD = 4


def shipped() -> list[dict[str, str]]:
    """Return the rows of the shipped chart, each after the account above it."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def usual(use: str) -> str:
    """Return the code of the account that is meant for a use; a code of four digits stands for itself."""
    with USUAL.open(encoding="utf-8", newline="") as file:
        codes = {row["use"]: row["code"] for row in csv.DictReader(file)}
    return use if use.isdigit() else codes[use]


def copy_chart(ledger: Ledger) -> None:
    """Give a new ledger the shipped accounts and its current accounts with other schools."""
    rows = shipped()
    above = {row["parent_code"] for row in rows}
    made: dict[str, Account] = {}
    for level in sorted({len(row["code"]) for row in rows}):
        accounts = [
            _from_row(ledger, row, made.get(row["parent_code"]), is_leaf=row["code"] not in above)
            for row in rows
            if len(row["code"]) == level
        ]
        made.update({account.code: account for account in Account.objects.bulk_create(accounts)})
    _link_schools(ledger)


def _from_row(ledger: Ledger, row: dict[str, str], parent: Account | None, *, is_leaf: bool) -> Account:
    top = row["code"][:4]
    is_campus = ledger.school.parent_id is not None
    account = Account(
        ledger=ledger,
        code=row["code"],
        name=row["name_zh"],
        parent=parent,
        half=row["system"],
        category=row["class"],
        normal=row["normal_balance"],
        use=row["school_use"],
        is_leaf=is_leaf,
        is_money=top in MONEY,
        never_negative=top in MONEY,
        bound_book=is_leaf and top in BOUND,
        closed=row["school_use"] == NOT_FOR_SCHOOLS or (top == BANK and (is_leaf or is_campus)),
    )
    account.write_names()
    return account


def add_below(parent: Account, code: str, name: str, *, counterpart: School | None = None) -> Account:
    """Add an account below another one, which is then no longer posted to itself."""
    if parent.is_leaf:
        parent.is_leaf = False
        parent.save(update_fields=["is_leaf"])
    account = Account(
        ledger=parent.ledger,
        code=code,
        name=name,
        parent=parent,
        half=parent.half,
        category=parent.category,
        normal=parent.normal,
        use=parent.use,
        is_money=parent.is_money,
        never_negative=parent.never_negative,
        bound_book=parent.code[:4] in BOUND,
        closed=parent.closed or parent.code.startswith(BANK),
        counterpart=counterpart,
    )
    account.write_names()
    account.save(force_insert=True)
    return account


def _link_schools(ledger: Ledger) -> None:
    """Give a campus its current account with the central school, and the central school one with each campus."""
    if ledger.kind != Ledger.Kind.MAIN:
        return
    central = ledger.school.parent
    if central is None:
        # Made at once: below an account that is posted to nothing can stand, and campuses may come later.
        _campuses_group(ledger)
        for campus in ledger.school.campuses.order_by("name_pinyin", "pk"):
            link_campus(ledger, campus)
        return
    code = usual(WITH_CENTRAL)
    add_below(_standard(ledger, code), code, gettext("current account with %s") % central.name, counterpart=central)
    books = Ledger.objects.filter(school=central, kind=Ledger.Kind.MAIN).select_related("school").first()
    if books is not None:
        link_campus(books, ledger.school)


def link_campus(central: Ledger, campus: School) -> Account:
    """Return the account of the central school's books with a campus, made if there is none yet."""
    present = central.accounts.filter(counterpart=campus).first()
    if present is not None:
        return present
    group = central.accounts.select_related("ledger__school").get(code=usual(WITH_CAMPUSES))
    last = central.accounts.filter(parent=group).order_by("code").values_list("code", flat=True).last()
    code = str(int(last) + 1) if last else f"{group.code}01"
    return add_below(group, code, gettext("current account with %s") % campus.name, counterpart=campus)


def _campuses_group(central: Ledger) -> None:
    """Divide the central school's other receivables: those of its campuses, which are no leaf, and the rest."""
    code = usual(WITH_CAMPUSES)
    top = _standard(central, code)
    group = add_below(top, code, gettext("current accounts with campuses"))
    group.is_leaf = False
    group.save(update_fields=["is_leaf"])
    add_below(top, usual(OTHER_RECEIVABLES), gettext("other receivables"))


def _standard(ledger: Ledger, code: str) -> Account:
    """Return the account of four digits above a code."""
    found: Account = ledger.accounts.select_related("ledger__school").get(code=code[:STANDARD])
    return found
