"""What the ledger hands down to the ground floor; called once by FinanceConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from houqin.history import labels

ACTIONS = {
    "open_ledger": _("opened a set of books"),
    "open_year": _("opened a year of the books"),
    "add_account": _("added an account"),
    "rename_account": _("renamed an account"),
    "close_account": _("closed an account"),
    "reopen_account": _("opened an account again"),
    "save_voucher": _("wrote a voucher"),
    "submit_voucher": _("submitted a voucher for review"),
    "review_voucher": _("reviewed a voucher"),
    "send_back_voucher": _("sent a voucher back"),
    "void_voucher": _("voided a voucher"),
    "post_voucher": _("posted a voucher"),
    "draft_reversal": _("drafted the writing-off of a posting"),
    "reverse_posting": _("wrote a posting off"),
    "correct_posting": _("put a posting right"),
    "close_period": _("closed a month of the books"),
    "carry_forward": _("carried the books forward to the next year"),
}
RESULTS = {
    "ledger_exists": _("books are there already"),
    "no_such_year": _("no such year"),
    "wrong_lines": _("wrong number of lines"),
    "year_before_open": _("year before is still open"),
    "code_taken": _("code is taken"),
    "wrong_account_code": _("wrong account code"),
    "name_missing": _("name missing"),
    "name_taken": _("name is taken"),
    "standard_account": _("standard account"),
    "parent_closed": _("account above is closed"),
    "open_below": _("accounts below are open"),
    "account_drafted": _("drafts name the account"),
    "parent_used": _("account above is in use"),
    "account_open": _("account is open"),
    "account_closed": _("account is closed"),
    "account_not_leaf": _("account has others below it"),
    "balance_left": _("balance left"),
    "not_for_schools": _("not for schools"),
    "bank_unregistered": _("no bank account is registered"),
    "bank_registered": _("a bank account is registered"),
    "not_draft": _("not a draft"),
    "not_submitted": _("not submitted"),
    "not_reviewed": _("not reviewed"),
    "not_voidable": _("is posted or voided"),
    "summary_missing": _("summary missing"),
    "attachments_missing": _("attachments missing"),
    "wrong_ledger": _("of other books"),
    "wrong_kind": _("wrong kind of voucher"),
    "source_taken": _("voucher is there already"),
    "own_voucher": _("own voucher"),
    "cashier_reviews": _("cashier may not review"),
    "cashier_posts": _("cashier may not post"),
    "opening_date": _("not on the first day of the books"),
    "date_in_future": _("day lies in the future"),
    "unbalanced": _("does not balance"),
    "negative_money": _("not enough money"),
    "period_closed": _("month is closed"),
    "period_missing": _("no such month in the books"),
    "date_goes_back": _("date goes back"),
    "fees_mixed": _("fees beside income or spending"),
    "fees_spent": _("fees would be spent"),
    "opening_late": _("opening balances too late"),
    "already_posted": _("already posted"),
    "already_reversed": _("already written off"),
    "already_corrected": _("already put right"),
    "not_red": _("not the red of its posting"),
    "not_reversible": _("cannot be written off"),
    "undoing_waits": _("is being written off already"),
    "reversal_fixed": _("writing-off stays as it is"),
    "earlier_year": _("of an earlier year"),
    "earlier_open": _("earlier month is open"),
    "drafts_left": _("vouchers left"),
    "not_begun": _("month has not begun"),
    "already_carried": _("already carried forward"),
    "wrong_year": _("wrong year"),
    "period_open": _("months are open"),
    "results_left": _("results not transferred"),
    "no_results": _("nothing to transfer"),
}


def register() -> None:
    """Register the names of actions and refusals."""
    for code, label in ACTIONS.items():
        labels.register(f"finance.{code}", label)
    for code, label in RESULTS.items():
        labels.register_result(code, label)
