"""Statements as Excel, CSV and PDF: of one set of books, or of all schools that the person reaches.

The query string is that of the books: without `ledger`, all schools side by side come first, then each of them.
"""

from collections.abc import Callable

from django.utils.translation import gettext_lazy

from finance.books.exports import Wanted, book_export
from finance.books.sheets import Sheet
from finance.ledger.models import Ledger
from finance.statements import sheets, tables
from finance.statements.amounts import Span
from finance.statements.papers import PAPERS, Paper


def span_of(asked: Wanted) -> Span:
    """Return of when statements are asked for: the last month, or the whole year."""
    return Span(asked.year, asked.last, whole_year=(asked.first, asked.last) == (1, 12))


def gather(paper: Paper) -> Callable[[Wanted], list[Sheet]]:
    """Return what makes the sheets of a statement."""

    def sheets_of(asked: Wanted) -> list[Sheet]:
        span, ledgers = span_of(asked), list(asked.ledgers)
        if len(ledgers) > 1:
            # A canteen's books are in the statement of its school; for themselves they are asked for by name.
            ledgers = [ledger for ledger in ledgers if ledger.kind == Ledger.Kind.MAIN]
        each = [sheets.own(made) for made in tables.statements(paper, ledgers, span)]
        if len(ledgers) > 1:
            return [sheets.of_all(tables.side_by_side(paper, ledgers, span)), *each]
        return each

    return sheets_of


EXPORTS = {kind: book_export(f"statement_{kind}", paper.title, gather(paper)) for kind, paper in PAPERS.items()}
TITLE = gettext_lazy("Financial statements")
