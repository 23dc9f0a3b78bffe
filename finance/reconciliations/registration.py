"""What bank reconciliations hand down to the ground floor; called once by FinanceConfig.ready()."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from finance.reconciliations import demo, waiting
from finance.reconciliations.exports import RECONCILIATIONS
from finance.reconciliations.models import BankReconciliation
from houqin.exports import registry as exports
from houqin.files import access as file_access
from houqin.files.models import StoredFile
from houqin.history import labels
from houqin.schools import demo as demo_loaders
from houqin.web import home

ACTIONS = {
    "begin_reconciliation": _("began a bank reconciliation"),
    "write_reconciliation": _("wrote a bank reconciliation"),
    "keep_bank_statement": _("attached the bank's statement to a reconciliation"),
    "submit_reconciliation": _("submitted a bank reconciliation for review"),
    "review_reconciliation": _("reviewed a bank reconciliation"),
    "send_back_reconciliation": _("sent a bank reconciliation back"),
}
RESULTS = {
    "not_month_end": _("not the end of a month"),
    "month_not_over": _("month is not over"),
    "reconciled_already": _("has its reconciliation already"),
    "does_not_agree": _("adjusted balances differ"),
    "journal_moved": _("journal moved since"),
    "own_reconciliation": _("own reconciliation"),
    "wrong_item_kind": _("wrong kind of item"),
    "text_missing": _("words missing"),
    "date_after_month": _("after the end of the month"),
    "date_too_early": _("the year is wrong"),
    "not_before_opening": _("not before the books were opened"),
    "not_carried_over": _("not in the reconciliation before"),
    "too_many_items": _("too many items"),
    "wrong_entry": _("not an entry of the journal"),
}


def register() -> None:
    """Register export, demo, what waits on the home page, who sees scans, the names of actions and refusals."""
    exports.register(RECONCILIATIONS)
    demo_loaders.register("finance.reconciliations", 301, demo.load)
    home.register("reconciliations", order=27, card=waiting.home_card)
    file_access.register("reconciliations", may_see)
    for code, label in ACTIONS.items():
        labels.register(f"finance.{code}", label)
    for code, label in RESULTS.items():
        labels.register_result(code, label)


def may_see(user: Any, file: StoredFile) -> bool:
    """Say whether `file` is the statement of a reconciliation that `user` may read."""
    return BankReconciliation.objects.visible_to(user).filter(scan=file).exists()
