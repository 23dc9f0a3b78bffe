"""The books as Excel, CSV and PDF: of one set of books, or of all schools that the person reaches.

The query string says which: `ledger` (none: all at the job's school, with `schools=all` all there are), `code` of the
account, `year`, and the months `from` and `to` (none: the whole year). All is read in one snapshot, so that every sheet
is as of the same moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.books import account_sheets, balances, bound_sheets, figures, month_sheets, months
from finance.books.frame import VIEW
from finance.books.sheets import Bundle, Sheet
from finance.books.tree import trees
from finance.ledger.models import Account, Ledger
from houqin.errors import Refused
from houqin.exports.models import ExportJob
from houqin.exports.progress import Progress
from houqin.exports.registry import TABLE_FORMATS, DocumentExport
from houqin.exports.table import snapshot

MOST_SHEETS = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a job asks for."""

    ledgers: Sequence[Ledger]
    code: str
    year: int
    first: int
    last: int

    @property
    def words(self) -> str:
        """The months in words."""
        return months.words(self.year, self.first, self.last)

    def span(self, ledger: Ledger) -> tuple[int, int, int]:
        """Return year, first and last month of one set of books: opened within the year, it begins there."""
        opened = ledger.opened_on
        begins = opened.month if opened.year == self.year else 1
        return self.year, min(max(self.first, begins), self.last), self.last


def _number(text: str | None, low: int, high: int, usual: int) -> int:
    return min(max(int(text[:5]), low), high) if text and text.isascii() and text.isdigit() else usual


def asked_months(query: QueryDict) -> tuple[int, int, int]:
    """Return year, first and last month of a query string; the wrong way round, they are turned."""
    ends = (_number(query.get("from"), 1, 12, 1), _number(query.get("to"), 1, 12, 12))
    return _number(query.get("year"), 2000, 2100, timezone.localdate().year), min(ends), max(ends)


def wanted(job: ExportJob) -> Wanted:
    """Return what a job asks for, of books that its owner may read."""
    query = job.query
    ledgers = balances.readable(job.owner, None if query.get("schools") == "all" else job.school)
    if query.get("ledger"):
        ledgers = _only(job, ledgers)
    code = query.get("code", "")
    return Wanted(ledgers, code if code.isascii() and code.isdigit() else "", *asked_months(query))


def _only(job: ExportJob, ledgers: Sequence[Ledger]) -> list[Ledger]:
    return [ledger for ledger in ledgers if str(ledger.pk) == job.query.get("ledger")]


def whose(job: ExportJob) -> str:
    """Return the name of the set of books that a job asks for; "" for all. One query."""
    only = _only(job, balances.readable(job.owner, job.school)) if job.query.get("ledger") else []
    return str(only[0]) if only else ""


def journals(asked: Wanted) -> list[Sheet]:
    """Return the bound books, each that was begun in the year."""
    accounts = Account.objects.filter(ledger__in=asked.ledgers, bound_book=True, code__startswith=asked.code)
    rows = accounts.select_related("ledger__school", "head").order_by(
        "ledger__school__name_pinyin", "ledger__school_id", "-ledger__kind", "code"
    )
    books = [bound_sheets.sheet(account, *asked.span(account.ledger)) for account in rows]
    return [sheet for sheet in books if sheet.last_page]


def subsidiary(asked: Wanted) -> list[Sheet]:
    """Return the book of one account, in each set of books that has it."""
    return _of_accounts(asked, wide=False)


def columns(asked: Wanted) -> list[Sheet]:
    """Return the multi-column book of one account."""
    return _of_accounts(asked, wide=True)


def _of_accounts(asked: Wanted, *, wide: bool) -> list[Sheet]:
    if not asked.code:
        raise Refused(_("Name the account whose book you want by its code, 5001 for example."), code="no_account")
    made: list[Sheet] = []
    found = trees([ledger.pk for ledger in asked.ledgers])
    for ledger in asked.ledgers:
        tree = found[ledger.pk]
        node = tree.by_code(asked.code)
        if node is not None and (node.children or not wide):
            made.append(account_sheets.sheet(ledger, tree, node, *asked.span(ledger), wide=wide))
    return made


def trial_balances(asked: Wanted) -> list[Sheet]:
    """Return the trial balance of the months asked for."""
    return [month_sheets.trial_balance(ledger, *asked.span(ledger)) for ledger in asked.ledgers]


def general(asked: Wanted) -> list[Sheet]:
    """Return the general ledger of the months asked for."""
    found = trees([ledger.pk for ledger in asked.ledgers])
    return [month_sheets.general(ledger, found[ledger.pk], *asked.span(ledger)) for ledger in asked.ledgers]


def writer(title: Any, gather: Callable[[Wanted], list[Sheet]]) -> Callable[[ExportJob, Path, Progress], int]:
    """Return what writes the sheets that `gather` finds for a job."""

    def write(job: ExportJob, path: Path, progress: Progress) -> int:
        with snapshot():
            as_of = timezone.now()
            asked = wanted(job)
            found = gather(asked)
            if not found:
                raise Refused(_("There is nothing in these books for that time."), code="nothing_there")
            if len(found) > MOST_SHEETS:
                raise Refused(_("These are too many books for one file. Choose one account."), code="too_many_books")
            progress.of(sum(sheet.estimate for sheet in found) or None)
            bundle = Bundle(f"{title} {asked.words}", found, str(job.owner), as_of)
            return _writers()[job.format](bundle, path, progress)

    return write


def _writers() -> Mapping[str, Callable[[Bundle, Path, Progress], int]]:
    """Return which writer writes which format; the import brings fpdf2, so only where files are written."""
    from finance.books.writers.csv_books import write_csv
    from finance.books.writers.pdf_books import write_pdf
    from finance.books.writers.xlsx_books import write_xlsx

    return {"csv": write_csv, "pdf": write_pdf, "xlsx": write_xlsx}


def _titled(title: Any) -> Callable[[QueryDict], str]:
    """Return what names a file: the months, the book, and the account where it is one's."""

    def titled(query: QueryDict) -> str:
        code, book = query.get("code", ""), str(title)
        if code.startswith(("1001", "1002")) and title == JOURNALS:
            book = figures.book_title(code, code)
        return f"{months.words(*asked_months(query))} {book} {code}".strip()

    return titled


def book_export(name: str, title: Any, gather: Callable[[Wanted], list[Sheet]]) -> DocumentExport:
    """Return the export of a kind of book, or of what else is made of the books as sheets."""
    return DocumentExport(f"finance.{name}", title, VIEW, writer(title, gather), TABLE_FORMATS, _titled(title), whose)


JOURNALS = gettext_lazy("Cash and bank journals")


EXPORTS = (
    book_export("journal", JOURNALS, journals),
    book_export("subsidiary", gettext_lazy("Subsidiary ledger"), subsidiary),
    book_export("columns", gettext_lazy("Multi-column book"), columns),
    book_export("balances", gettext_lazy("Balances of accounts"), trial_balances),
    book_export("general", gettext_lazy("General ledger"), general),
)
