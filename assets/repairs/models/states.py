"""Where a repair is on its way, and the groups of states that people speak of."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a repair is on its way; only actions assign it."""

    REPORTED = "reported", _("waiting to be assigned")
    ACCEPTED = "accepted", _("accepted, to be assigned")
    AWAITING_APPROVAL = "awaiting_approval", _("waiting for the upper office")
    ASSIGNED = "assigned", _("assigned")
    WORKING = "working", _("being repaired")
    ON_HOLD = "on_hold", _("on hold")
    DONE = "done", _("to be checked by the reporter")
    CONFIRMED = "confirmed", _("completed")
    REFUSED = "refused", _("not accepted")
    WITHDRAWN = "withdrawn", _("withdrawn")
    MERGED = "merged", _("merged with another report")


UNASSIGNED = (State.REPORTED, State.ACCEPTED)
# Somebody still has to do something.
OPEN_STATES = (*UNASSIGNED, State.AWAITING_APPROVAL, State.ASSIGNED, State.WORKING, State.ON_HOLD, State.DONE)
# Somebody repairs it, or will as soon as that is possible.
IN_HANDS = (State.AWAITING_APPROVAL, State.ASSIGNED, State.WORKING, State.ON_HOLD)
# The work itself is not finished; only these can be late.
UNFINISHED = tuple(state for state in OPEN_STATES if state != State.DONE)
