"""What accounts moved in months, and where they stood: closed months as they are stored, open ones summed."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from finance.ledger.models import ZERO


@dataclass(frozen=True, slots=True)
class Sums:
    """A month of an account, or of several together; the balances are debit less credit."""

    opening: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    year_debit: Decimal = ZERO
    year_credit: Decimal = ZERO

    @property
    def balance(self) -> Decimal:
        """The balance at the end of the month."""
        return self.opening + self.debit - self.credit

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.opening + other.opening,
            self.debit + other.debit,
            self.credit + other.credit,
            self.year_debit + other.year_debit,
            self.year_credit + other.year_credit,
        )

    @property
    def is_nothing(self) -> bool:
        """Whether there was nothing before, in the month, and in the year."""
        return not (self.opening or self.debit or self.credit or self.year_debit or self.year_credit)


# The last closed month that is not after the one asked for, and what came after it; without any, all there is.
_SUMS = """
    SELECT head.ledger_id, head.account_id,
        CASE WHEN closed.year = %(year)s AND closed.month = %(month)s THEN closed.opening
            ELSE coalesce(closed.balance, 0) + moved.before END,
        CASE WHEN closed.year = %(year)s AND closed.month = %(month)s THEN closed.debit ELSE moved.debit END,
        CASE WHEN closed.year = %(year)s AND closed.month = %(month)s THEN closed.credit ELSE moved.credit END,
        CASE WHEN closed.year = %(year)s THEN closed.year_debit ELSE 0 END + moved.year_debit,
        CASE WHEN closed.year = %(year)s THEN closed.year_credit ELSE 0 END + moved.year_credit
    FROM unnest(%(ledgers)s::bigint[]) AS book (id)
    LEFT JOIN LATERAL (
        SELECT year, month, (make_date(year, month, 1) + interval '1 month - 1 day')::date AS ends
        FROM finance_period
        WHERE ledger_id = book.id AND state = 'closed' AND (year, month) <= (%(year)s, %(month)s)
        ORDER BY year DESC, month DESC LIMIT 1
    ) AS base ON true
    LEFT JOIN finance_posting AS opening
        ON opening.ledger_id = book.id AND opening.position = 1 AND opening.kind = 'opening'
    JOIN finance_accounthead AS head ON head.ledger_id = book.id AND head.position > 0
        AND (%(accounts)s::bigint[] IS NULL OR head.account_id = ANY(%(accounts)s))
    LEFT JOIN finance_closedmonth AS closed
        ON closed.account_id = head.account_id AND closed.year = base.year AND closed.month = base.month
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(debit - credit) FILTER (WHERE date < %(first)s OR posting_id = opening.id), 0) AS before,
            coalesce(sum(debit) FILTER (
                WHERE date >= %(first)s AND posting_id IS DISTINCT FROM opening.id), 0) AS debit,
            coalesce(sum(credit) FILTER (
                WHERE date >= %(first)s AND posting_id IS DISTINCT FROM opening.id), 0) AS credit,
            coalesce(sum(debit) FILTER (
                WHERE date >= %(new_year)s AND posting_id IS DISTINCT FROM opening.id), 0) AS year_debit,
            coalesce(sum(credit) FILTER (
                WHERE date >= %(new_year)s AND posting_id IS DISTINCT FROM opening.id), 0) AS year_credit
        FROM finance_entry
        WHERE account_id = head.account_id AND date > coalesce(base.ends, '-infinity') AND date <= %(last)s
    ) AS moved
"""


def first_day(year: int, month: int) -> date:
    """Return the first day of a month."""
    return date(year, month, 1)


def last_day(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def words(year: int, first: int, last: int) -> str:
    """Return the months of a book in words."""
    if (first, last) == (1, 12):
        return _("Year %(year)s") % {"year": year}
    if first == last:
        return _("Month %(month)s of %(year)s") % {"year": year, "month": first}
    return _("Months %(first)s to %(last)s of %(year)s") % {"year": year, "first": first, "last": last}


def sums(
    ledgers: Iterable[int], year: int, month: int, accounts: Sequence[int] | None = None
) -> dict[int, dict[int, Sums]]:
    """Return what each account of some ledgers moved in a month, by ledger and account. One query."""
    found: dict[int, dict[int, Sums]] = {}
    values = {
        "ledgers": list(ledgers),
        "accounts": None if accounts is None else list(accounts),
        "year": year,
        "month": month,
        "first": first_day(year, month),
        "last": last_day(year, month),
        "new_year": date(year, 1, 1),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, values)
        for ledger, account, *amounts in cursor.fetchall():
            found.setdefault(ledger, {})[account] = Sums(*amounts)
    return found


def sums_of(ledger: int, year: int, month: int, accounts: Sequence[int]) -> Sums:
    """Return what some accounts of a ledger moved in a month, together. One query."""
    return sum(sums([ledger], year, month, accounts).get(ledger, {}).values(), Sums())


def span_sums(ledger: int, year: int, first: int, last: int) -> dict[int, Sums]:
    """Return what each account of a ledger moved from one month of a year through another. One query, or two."""
    end = sums([ledger], year, last).get(ledger, {})
    if first == last:
        return end
    start = sums([ledger], year, first).get(ledger, {})
    found = {}
    for account, ends in end.items():
        begins = start.get(account, Sums())
        debit = ends.year_debit - begins.year_debit + begins.debit
        credit = ends.year_credit - begins.year_credit + begins.credit
        # Not that of the first month: the books may have been opened later than that.
        opening = ends.balance - debit + credit
        found[account] = Sums(opening, debit, credit, ends.year_debit, ends.year_credit)
    return found


# Every month of a year: closed ones as stored, later ones from the entries.
_YEAR = """
    SELECT closed.account_id, closed.month, closed.debit, closed.credit
    FROM finance_closedmonth AS closed
    WHERE closed.account_id = ANY(%(accounts)s) AND closed.year = %(year)s
    UNION ALL
    SELECT moved.account_id, extract(month FROM moved.date)::integer, sum(moved.debit), sum(moved.credit)
    FROM finance_entry AS moved
    WHERE moved.account_id = ANY(%(accounts)s) AND moved.date > %(after)s AND moved.date <= %(last)s
        AND moved.posting_id IS DISTINCT FROM (
            SELECT id FROM finance_posting WHERE ledger_id = %(ledger)s AND position = 1 AND kind = 'opening')
    GROUP BY 1, 2
"""


def year_by_month(
    ledger: int, year: int, accounts: Sequence[int], *, closed_through: int
) -> dict[int, list[tuple[Decimal, Decimal]]]:
    """Return debit and credit of each month of a year, by account; `closed_through` is its last closed month or 0."""
    found: dict[int, list[tuple[Decimal, Decimal]]] = {}
    after = last_day(year, closed_through) if closed_through else last_day(year - 1, 12)
    values: dict[str, Any] = {
        "ledger": ledger,
        "accounts": list(accounts),
        "year": year,
        "after": after,
        "last": last_day(year, 12),
    }
    with connection.cursor() as cursor:
        cursor.execute(_YEAR, values)
        for account, month, debit, credit in cursor.fetchall():
            found.setdefault(account, [(ZERO, ZERO)] * 12)[month - 1] = (debit, credit)
    return found
