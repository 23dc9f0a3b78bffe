"""What happens in the ledger. Import from here."""

from finance.ledger.actions.books import open_ledger, open_year
from finance.ledger.actions.chart import add_account, close_account, rename_account, reopen_account
from finance.ledger.actions.closing import carry_forward, close_period, draft_results, note_chain_heads
from finance.ledger.actions.drafts import Line, review, save_draft, send_back, submit, void
from finance.ledger.actions.posting import correct, post, post_all, reverse
from finance.ledger.actions.undoing import draft_reversal

__all__ = [
    "Line",
    "add_account",
    "carry_forward",
    "close_account",
    "close_period",
    "correct",
    "draft_results",
    "draft_reversal",
    "note_chain_heads",
    "open_ledger",
    "open_year",
    "post",
    "post_all",
    "rename_account",
    "reopen_account",
    "reverse",
    "review",
    "save_draft",
    "send_back",
    "submit",
    "void",
]
