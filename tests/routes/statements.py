"""Financial statements."""

from tests.routes.table import Route

READ = "finance.view_books"


def statement(there):
    """Return the address of a balance sheet."""
    return {"pk": there.set_of_books.pk, "kind": "balance"}


def of_all(there):
    """Return the address of the income of all schools."""
    return {"kind": "income"}


ROUTES = [
    Route("finance:statements:home", may=READ),
    Route("finance:statements:schools", may=READ, of=of_all, secret=True),
    Route("finance:statements:statement", may=READ, of=statement),
]
