"""What happens to purchase requests. Import from here; steps stand lowest, then writing, then the way to approval."""

from finance.purchases.actions.settings import change_settings
from finance.purchases.actions.steps import locked, move, require_state, tell
from finance.purchases.actions.way import APPROVAL, submit, what_is_missing, withdraw
from finance.purchases.actions.writing import (
    MOST_LINES,
    Line,
    QuoteGiven,
    attach,
    change,
    copy,
    create,
    write_names_anew,
)

__all__ = [
    "APPROVAL",
    "MOST_LINES",
    "Line",
    "QuoteGiven",
    "attach",
    "change",
    "change_settings",
    "copy",
    "create",
    "locked",
    "move",
    "require_state",
    "submit",
    "tell",
    "what_is_missing",
    "withdraw",
    "write_names_anew",
]
