"""What is to be known of a statement beside its figures: whether it may still change, and what is in it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from finance.ledger.models import Ledger
from finance.statements.papers import BALANCE, Paper
from finance.statements.tables import Beside, Statement


def _unclosed(unclosed: Sequence[Ledger]) -> list[str]:
    if not unclosed:
        return []
    names = "、".join(map(str, unclosed))
    return [_("Not closed yet, may still change: %(books)s.") % {"books": names}]


def _monthly(paper: Paper) -> list[str]:
    """Return what the regulation says below the form of the balance sheet."""
    if paper is not BALANCE:
        return []
    return [_("Rows with * belong to monthly statements; those of a year need not show them.")]


def of_one(made: Statement) -> list[str]:
    """Return the notes of a school's statement."""
    found = _unclosed(made.unclosed)
    if made.canteen is not None:
        text = _("The canteen's books (%(canteen)s) are in it by their net result alone.")
        if made.paper is BALANCE:
            text = _("The canteen's books (%(canteen)s) are in it, row by row.")
        found.append(text % {"canteen": made.canteen})
    if made.paper is BALANCE and made.ledger.opened_on.year == made.span.year and made.ledger.opened_on.month > 1:
        text = _("These books begin on %(day)s: what they began with stands in the column of the year's beginning.")
        found.append(text % {"day": made.ledger.opened_on.isoformat()})
    return [*found, *_monthly(made.paper)]


def of_all(made: Beside) -> list[str]:
    """Return the notes of the statement of all schools."""
    found = _unclosed(made.unclosed)
    if made.canteens:
        text = _("Canteens are in the columns of their schools by their net result alone.")
        if made.paper is BALANCE:
            text = _("Canteens are in the columns of their schools, row by row.")
        found.append(text)
    if made.takes_out:
        text = _("What the schools have with each other on their current accounts is taken out, as both sides say it.")
        found.append(text)
    for pair in made.disagreed:
        text = _("Left in, because only one side says it: %(amount)s between %(one)s and %(other)s.")
        found.append(text % {"amount": f"{abs(pair.left):,.2f}", "one": pair.one, "other": pair.other})
    return [*found, *_monthly(made.paper)]
