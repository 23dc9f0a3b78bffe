"""Account books."""

from finance.ledger import actions
from finance.ledger.models import Account, Ledger
from tests.routes.table import Route, of
from tests.schools.factories import make_person

READ = "finance.view_books"


def plant(there):
    """Books with a voucher whose summary tells the school."""
    chief = make_person(there.school.parent or there.school, "chief_accountant")
    ledger = Ledger.objects.filter(school=there.school, kind="main").first()
    if ledger is None:
        ledger = actions.open_ledger(there.school, kind="main", year=2026, by=chief)
    there.book = Account.objects.get(ledger=ledger, code="100101")
    there.upper = Account.objects.get(ledger=ledger, code="5001")
    there.set_of_books = ledger


def book(there):
    """Return the address of the cash journal."""
    return {"pk": there.book.pk}


def upper(there):
    """Return the address of an account above others."""
    return {"pk": there.upper.pk}


def ledger(there):
    """Return the address of the set of books."""
    return {"pk": there.set_of_books.pk}


ROUTES = [
    Route("finance:books:home", may=READ),
    Route("finance:books:results", may=READ),
    Route("finance:books:schools", may=READ),
    Route("finance:books:page", may=READ, of=book),
    Route("finance:books:table", may=READ, of=book),
    Route("finance:books:cover", may=READ, of=book),
    Route("finance:books:subsidiary", may=READ, of=ledger),
    Route("finance:books:multicolumn", may=READ, of=ledger),
    Route("finance:books:export", may="owner", of=of("export")),
    Route("finance:books:account", may=READ, of=upper),
    Route("finance:books:columns", may=READ, of=upper),
    Route("finance:books:balances", may=READ, of=ledger),
    Route("finance:books:general", may=READ, of=ledger),
]
