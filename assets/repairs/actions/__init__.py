"""What happens to repairs. Import from here; steps stand lowest, then reporting and approval, then the rest."""

from assets.repairs.actions.approval import ask_approval, explain_emergency, needs_upper_office, start_emergency
from assets.repairs.actions.book import BookEntry, take_over_book
from assets.repairs.actions.keeping import count_due_anew, forget_guests, remind_late, write_names_anew
from assets.repairs.actions.reporting import add_photos, follow, merge, report, withdraw
from assets.repairs.actions.settings import change_settings
from assets.repairs.actions.steps import device_mark
from assets.repairs.actions.triage import accept, assign, hand_over, refuse, set_danger
from assets.repairs.actions.work import (
    Part,
    can_reopen,
    confirm,
    confirm_itself,
    finish,
    hold,
    rate,
    reopen,
    resume,
    start,
)

__all__ = [
    "BookEntry",
    "Part",
    "accept",
    "add_photos",
    "ask_approval",
    "assign",
    "can_reopen",
    "change_settings",
    "confirm",
    "confirm_itself",
    "count_due_anew",
    "device_mark",
    "explain_emergency",
    "finish",
    "follow",
    "forget_guests",
    "hand_over",
    "hold",
    "merge",
    "needs_upper_office",
    "rate",
    "refuse",
    "remind_late",
    "reopen",
    "report",
    "resume",
    "set_danger",
    "start",
    "start_emergency",
    "take_over_book",
    "withdraw",
    "write_names_anew",
]
