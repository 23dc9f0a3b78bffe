"""What the guards of the database say, in words; the actions ask the same before, so few people ever read one.

Each name is that of a rule which a trigger of the migrations refuses by; a test holds that none is without a sentence.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from finance.ledger.rules import SENTENCES
from houqin.web import constraints

_CHANGED = _("This was changed in the meantime, so the step is no longer possible. Look at its state now.")
_KEPT = _("Postings stand on this, so it stays as it is.")
_IN_TURN = _("Months and years of the books follow each other: open, close and carry them forward in their turn.")
_BANK = _(
    "An account of bank deposits is a central school's, and open as long as an approved bank account is registered."
)
_REVIEWED = _("This reconciliation is reviewed, so it stays as it is.")
# By the table that they guard, without "finance_".
_BY_TABLE: dict[str, dict[str, Any]] = {
    "account": {
        "bank_registered": _BANK,
        "fixed": _KEPT,
        "money": _("Money is kept in the accounts of money, never below zero, and in bound books."),
        "not_for_schools": _(
            "Schools make no debts, and a campus has no bank account of its own; this one stays closed."
        ),
        "place": _("An account stands below one of the same books and class, and has its code at the beginning."),
        "used": _("This account is posted to already, so nothing can stand below it."),
    },
    "bankaccount": {
        "below_bank": _BANK,
        "central": _BANK,
        "closed_early": _("There are later entries in the book of this bank account."),
        "fixed": _CHANGED,
        "still_open": _CHANGED,
    },
    "bankreconciliation": {
        "begins_as_draft": _CHANGED,
        "book": _("The bank journal moved meanwhile. Save the reconciliation again, so that it says what is there."),
        "done": _REVIEWED,
        "fixed": _CHANGED,
        "month": _("A reconciliation is made for the last day of a month."),
        "not_draft": _CHANGED,
        "not_submitted": _CHANGED,
        "other_school": _("A reconciliation belongs to the school whose bank account it is about."),
        "sums": _CHANGED,
    },
    "books": {"month_open": _IN_TURN, "year_not_carried": _IN_TURN},
    "cashcount": {
        "future": _("This day lies in the future."),
        "witness": _("Who witnesses a count works here at that time."),
        "begins": _("A count begins without a witness."),
        "book": _("Something was posted to this book in the meantime. Compare once more, then save."),
        "cash": _("Choose an account of cash."),
        "done": _CHANGED,
        "fixed": _("What was counted stays as it was written down; give it back to have it counted anew."),
        "keeps_cash": _("Who keeps the cash does not witness how it is counted."),
        "other_school": _("A count belongs to the school whose cash it is."),
        "replaces": _("Only what was given back is counted anew."),
        "sum": _("The pieces do not add up to the amount counted."),
    },
    "ledger": {
        "carried": _IN_TURN,
        "chain": _KEPT,
        "in_use": _KEPT,
        "not_empty": _("A set of books begins with nothing in it, on a day of its first year."),
        "results_left": _("Income and expenses of this year are not transferred yet."),
        "year_open": _IN_TURN,
        "year_skipped": _IN_TURN,
    },
    "period": {
        "begins_open": _IN_TURN,
        "closed_for_good": SENTENCES["period_closed"],
        "drafts_left": _("Vouchers of this month are not posted yet. Post or void them first."),
        "earlier_open": _IN_TURN,
        "fixed": _KEPT,
        "follows": _IN_TURN,
        "too_early": _IN_TURN,
    },
    "reconciliationitem": {
        "after_month": _("This is after the end of the month."),
        "entry_missing": _("An item of ours names its entry, or was booked before these books were opened."),
        "moved": _CHANGED,
        "not_draft": _CHANGED,
        "other_entry": _("An item of ours is an entry of this bank journal, up to the month's end, with its amount."),
    },
    "voucher": {
        "begins_as_draft": _CHANGED,
        "done": _CHANGED,
        "fixed": _KEPT,
        "month_open": SENTENCES["period_closed"],
        "not_draft": _CHANGED,
        "not_reviewed": SENTENCES["not_reviewed"],
        "other_school": _("A voucher belongs to the school whose books it is for."),
    },
    "voucherline": {"moved": _CHANGED, "not_draft": _CHANGED},
    "voucherscan": {"fixed": _CHANGED, "not_draft": _CHANGED, "voided": _CHANGED},
}
GUARDS = {f"finance_{table}_{rule}": said for table, rules in _BY_TABLE.items() for rule, said in rules.items()}


def register() -> None:
    """Let forms say them."""
    constraints.register(GUARDS)
