"""What the register of bank accounts hands down to the ground floor; called once by FinanceConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from houqin.history import labels

ACTIONS = {
    "register_bank_account": _("registered a bank account"),
    "change_bank_account": _("put a bank account right"),
    "close_bank_account": _("closed a bank account"),
}
RESULTS = {
    "campus_bank": _("campuses have no bank account"),
    "not_a_bank": _("not below bank deposits"),
    "registered_already": _("is registered already"),
    "approved_in_future": _("day lies in the future"),
    "closed_in_future": _("day lies in the future"),
    "closed_before_entry": _("before its last entry"),
    "bank_account_closed": _("bank account is closed"),
}


def register() -> None:
    """Register the names of actions and refusals."""
    for code, label in ACTIONS.items():
        labels.register(f"finance.{code}", label)
    for code, label in RESULTS.items():
        labels.register_result(code, label)
