"""Bound books on screen: a page is read by its number, at the same cost wherever it stands."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from finance.books import figures, months
from finance.books.figures import CARRIED, TOTALS, Amount, Kind
from finance.ledger import wording
from finance.ledger.models import Account, AccountHead, BookLine, Entry

COLUMNS = (
    "page", "line", "kind", "date", "debit", "credit", "balance",
    "entry__summary", "entry__counter", "entry__posting_id", "entry__posting__kind", "entry__posting__number",
    "entry__posting__voucher_id",
)  # fmt: skip

# Accounts with a bound book: a closed one keeps what was written in it, and no campus has a bank's without an entry.
ON_SHELF = Q(bound_book=True) & (Q(closed=False) | Q(head__position__gt=0))
# A page that no book has.
NOWHERE = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Written:
    """A line of a page as it is drawn."""

    kind: str
    month: int | str
    day: int | str
    word: str
    number: int | str
    summary: str
    counter: str
    debit: Amount | None
    credit: Amount | None
    side: str
    balance: Amount | None
    date: date
    page: int
    line: int
    voucher: int | None

    @property
    def is_red(self) -> bool:
        """Whether the words are red: what is written off, and totals below zero."""
        return any(amount is not None and amount.is_red for amount in (self.debit, self.credit))

    @property
    def css(self) -> str:
        """Return the classes of the row: totals, carried lines, red rules below months and years."""
        if self.kind in (Kind.MONTH_TOTAL, Kind.YEAR_TOTAL):
            last = self.kind == Kind.YEAR_TOTAL and self.date.month == 12
            return "sum red double" if last else "sum red"
        return "sum" if self.kind in TOTALS else "carry" if self.kind in CARRIED else ""


def books(user: Any, school: Any) -> QuerySet[Account]:
    """Return the bound books that a person may read, by school and code."""
    accounts = Account.objects.visible_to(user).at(school).filter(ON_SHELF)
    return accounts.select_related("ledger__school", "head").order_by(
        "ledger__school__name_pinyin", "ledger__school_id", "-ledger__kind", "code"
    )


def lines(account: Account, year: int) -> QuerySet[BookLine]:
    """Return the lines of a book in their order."""
    return BookLine.objects.filter(account=account, year=year).order_by("page", "line")


def write(values: list[dict[str, Any]]) -> list[Written]:
    """Return lines as they are drawn: month and day only where they change, as by hand."""
    drawn: list[Written] = []
    month, day = 0, 0
    for row in values:
        kind, on = row["kind"], row["date"]
        dated = kind == Kind.ENTRY or kind in CARRIED or kind in (Kind.OPENING, Kind.MONTH_TOTAL, Kind.NEXT_YEAR)
        changed = kind != Kind.ENTRY or on.month != month
        is_entry = kind == Kind.ENTRY
        drawn.append(
            Written(
                kind,
                on.month if dated and changed else "",
                on.day if dated and (changed or on.day != day) else "",
                wording.word(row["entry__posting__kind"]) if is_entry else "",
                row["entry__posting__number"] if is_entry else "",
                figures.summary_of(kind, row["entry__summary"]),
                (row["entry__counter"] or "") if is_entry else "",
                figures.amount(row["debit"]),
                figures.amount(row["credit"]),
                figures.side(row["balance"]),
                figures.amount(row["balance"]),
                on,
                row["page"],
                row["line"],
                row["entry__posting__voucher_id"] if is_entry else None,
            )
        )
        if is_entry or kind in CARRIED:
            month, day = (on.month, on.day) if is_entry else (0, 0)
    return drawn


def page_lines(account: Account, year: int, page: int) -> list[dict[str, Any]]:
    """Return the lines of one page. One query."""
    return list(lines(account, year).filter(page=page).values(*COLUMNS))


def last_page(account: Account, head: AccountHead, year: int) -> int:
    """Return the number of the last page of a year's book; 0 without any."""
    if head.year == year:
        return head.page
    last = BookLine.objects.filter(account=account, year=year).order_by("-page", "-line").values_list("page", flat=True)
    return last.first() or 0


def page_of_month(account: Account, year: int, month: int) -> int | None:
    """Return the page on which a month begins, None when nothing is written from then on. Dates never go back."""
    first = place_of(account, months.first_day(year, month), date(year, 12, 31))
    return first[0] if first else None


def place_of(account: Account, since: date, until: date) -> tuple[int, int] | None:
    """Return page and line of the first entry of a time."""
    entries = Entry.objects.filter(account=account, date__gte=since, date__lte=until).order_by("date", "position")
    found = entries.values_list("book_line__page", "book_line__line").first()
    return found if found and found[0] else None


def last_place_of(account: Account, since: date, until: date) -> tuple[int, int] | None:
    """Return page and line of the last entry of a time."""
    entries = Entry.objects.filter(account=account, date__gte=since, date__lte=until).order_by("-date", "-position")
    found = entries.values_list("book_line__page", "book_line__line").first()
    return found if found and found[0] else None


def places_of(rows: list[dict[str, Any]]) -> str:
    """Return the heads of the digit columns of a page."""
    values: list[Decimal | None] = [row[name] for row in rows for name in ("debit", "credit", "balance")]
    return figures.places(values)
