"""What paper journals hand down to the ground floor; called once by FinanceConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from finance.journals import waiting
from finance.journals.imports import JOURNAL
from houqin.history import labels
from houqin.imports import registry as imports
from houqin.web import home

ACTIONS = {
    "enter_journal": _("imported a paper journal"),
    "submit_journal": _("chose the accounts of a paper journal"),
    "send_back_journal": _("sent a paper journal back"),
    "start_journal": _("confirmed a paper journal"),
    "confirm_journal": _("posted a paper journal"),
    "drop_journal": _("gave up a paper journal"),
}
RESULTS = {
    "books_missing": _("no books yet"),
    "no_entries": _("no entries"),
    "journal_twice": _("imported already"),
    "own_batch": _("own import"),
    "wrong_account": _("account does not fit"),
    "counter_missing": _("counter account missing"),
    "counter_not_fit": _("counter account does not fit"),
    "no_such_day": _("no such day"),
    "opening_differs": _("opening balance differs"),
    "not_as_paper": _("not as on paper"),
    "number_differs": _("number differs"),
    "being_posted": _("being posted"),
    "gave_up": _("tried too often"),
    "broken": _("something went wrong"),
}


def register() -> None:
    """Register the import, what waits on the home page, and the names of actions and refusals."""
    imports.register(JOURNAL)
    home.register("journals", order=26, card=waiting.home_card)
    for code, label in ACTIONS.items():
        labels.register(f"finance.{code}", label)
    for code, label in RESULTS.items():
        labels.register_result(code, label)
