"""What pages say of a cash count: its look, its next step, its course."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.counts.actions import may_witness
from finance.counts.facts import CONFIRM, COUNT
from finance.counts.models import CashCount
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.web.moments import stamp
from houqin.web.record_page import Button, Moment, NextStep
from houqin.web.templatetags.houqin import money

Text = str | Promise
State = CashCount.State

# Tone and glyph of each state.
LOOKS: dict[str, tuple[str, str]] = {
    State.COUNTED: ("wait", "wait"),
    State.CONFIRMED: ("done", "done"),
    State.RETURNED: ("off", "returned"),
}


def look(state: str) -> tuple[str, str, Text]:
    """Return tone, glyph and words of a badge."""
    return (*LOOKS[state], State(state).label)


def next_step(cash_count: CashCount, anew: CashCount | None, user: User) -> NextStep | None:
    """Return what happens next with a count, or who does it. `anew`: the one that was made for it."""
    if cash_count.state == State.COUNTED:
        return _of_counted(cash_count, user)
    if cash_count.state == State.RETURNED:
        title: Text = _("Given back: count anew")
        reason = format_lazy(_("What is wrong: {reason}"), reason=cash_count.returned_reason)
        if anew is not None:
            open_it = Button(_("Open the new count"), anew.get_absolute_url(), "quiet", post=False)
            return NextStep(_("It was counted anew"), reason, [open_it])
        if cash_count.account.closed:
            return NextStep(_("Given back; its account is closed since"), reason)
        if not user.has_perm(COUNT, cash_count):
            return NextStep(title, reason)
        url = f"{reverse('finance:counts:create')}?of={cash_count.pk}"
        return NextStep(title, reason, [Button(_("Count anew"), url, "primary", "coin", post=False)])
    return None


def _of_counted(cash_count: CashCount, user: User) -> NextStep:
    title: Text = _("Waits for the witness")
    if not user.has_perm(CONFIRM, cash_count):
        return NextStep(title, _("The accountant, the chief accountant or the principal confirms what was counted."))
    try:
        may_witness(cash_count, user)
    except Refused as refusal:
        return NextStep(title, refusal.sentence)
    give_back = reverse("finance:counts:give_back", args=[cash_count.pk])
    confirm = reverse("finance:counts:confirm", args=[cash_count.pk])
    buttons = [
        Button(_("Give it back"), give_back, "refuse", "arrow-back-up", post=False),
        Button(_("I was there: it is right"), confirm, "primary", "check"),
    ]
    return NextStep(title, _("Confirm only what was counted before your eyes; it stays as it is then."), buttons)


def course(cash_count: CashCount) -> list[Moment]:
    """Return who counted it, who witnessed it or gave it back, and what is still to come."""
    facts = [stamp(cash_count.counted_at), money(cash_count.counted)]
    moments = [Moment(_("counted the cash"), str(cash_count.counted_by), facts, said=cash_count.reason)]
    if cash_count.replaces_id is not None:
        moments.insert(0, Moment(_("Made anew for one that was given back"), glyph="returned"))
    if cash_count.witness is None or cash_count.witnessed_at is None:
        return [*moments, Moment(_("Witness"), tone="now", glyph="wait")]
    when = [stamp(cash_count.witnessed_at)]
    if cash_count.state == State.CONFIRMED:
        return [*moments, Moment(_("witnessed it"), str(cash_count.witness), when)]
    back = Moment(_("gave it back"), str(cash_count.witness), when, said=cash_count.returned_reason, glyph="returned")
    return [*moments, back]
