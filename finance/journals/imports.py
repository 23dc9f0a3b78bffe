"""A paper cash or bank journal comes in as Excel or CSV: read, checked line by line, kept until it is confirmed."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance.journals import actions, rules
from finance.journals.columns import COLUMNS
from finance.journals.walk import read
from finance.ledger.models import Ledger
from houqin.errors import Refused
from houqin.imports.registry import ImportKind, ImportRow, RowError, Text
from houqin.schools.models import School

# A campus has a few hundred lines a year. All are posted in one transaction, which holds the books for seconds: a
# longer paper comes in by parts, each going on where the book stands.
MOST_ROWS = 2_000


def check(rows: Sequence[ImportRow], *, school: School, by: Any) -> list[RowError]:
    """Return every wrong line; without books there is nowhere to put the others. At most three queries."""
    ledger = Ledger.objects.filter(school=school, kind=Ledger.Kind.MAIN).first()
    if ledger is None:
        return [RowError(0, "", "books_missing", _("This school has no books yet. The chief accountant opens them."))]
    paper = read(rows)
    if not paper.entries and not paper.errors:
        return [RowError(0, "", "no_entries", _("There are no entries in this journal."))]
    if not paper.errors:
        try:
            rules.is_new(ledger, actions.fingerprint(paper))
        except Refused as refusal:
            return [RowError(0, "", str(refusal.code), refusal.sentence)]
    return paper.errors


def write(rows: Sequence[ImportRow], *, school: School, by: Any, progress: Callable[[int], None]) -> int:
    """Keep the journal for mapping; nothing is in the books before a second person confirms it."""
    paper = read(rows)
    actions.enter(Ledger.of(school), paper, by=by)
    progress(len(rows))
    return len(paper.entries)


def summarise(rows: Sequence[ImportRow]) -> list[tuple[Text, Text]]:
    """Return the figures to compare with the paper: opening, each month, closing."""
    paper = read(rows)
    stated = [(_("totals of the paper, all the same"), str(len(paper.totals)))] if paper.totals else []
    return [
        (_("entries"), str(len(paper.entries))),
        (_("opening balance"), _yuan(paper.opening)),
        *((_("month %(month)s") % {"month": month}, _moved(*moved)) for month, moved in paper.months.items()),
        (_("in all"), _moved(*paper.sums, paper.closing)),
        (_("closing balance"), _yuan(paper.closing)),
        *stated,
    ]


def _moved(debit: Decimal, credit: Decimal, balance: Decimal) -> str:
    figures = {"debit": _yuan(debit), "credit": _yuan(credit), "balance": _yuan(balance)}
    return gettext("received %(debit)s, paid %(credit)s, then %(balance)s") % figures


def _yuan(amount: Decimal) -> str:
    return f"¥{amount:,.2f}"


JOURNAL = ImportKind(
    name="finance.journal",
    title=_("paper journal"),
    permission="finance.prepare_transfer",
    columns=COLUMNS,
    check=check,
    write=write,
    summarise=summarise,
    notes=(
        _("A cash or bank journal of one school, from its opening balance on; carried lines and totals may stay."),
        _("Afterwards you say once what each counter account is here; a second person confirms, and it is posted."),
    ),
    list_url="finance:journals:list",
    max_rows=MOST_ROWS,
    reads_totals=True,
)
