"""What pages say of a voucher: its look, its next step, its course."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.ledger.actions.drafts import MONEY_KINDS
from finance.ledger.models import Posting, Voucher, VoucherKind
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.web.record_page import Button, NextStep

Text = str | Promise
State = Voucher.State

# Tone and glyph of each state.
LOOKS: dict[str, tuple[str, str]] = {
    State.DRAFT: ("off", "draft"),
    State.SUBMITTED: ("wait", "wait"),
    State.REVIEWED: ("doing", "check"),
    State.POSTED: ("done", "done"),
    State.VOIDED: ("off", "returned"),
}


def url_of(pk: int) -> str:
    """Return the address of a voucher's page."""
    return reverse("finance:ledger:voucher", args=[pk])


def look(state: str, *, is_returned: bool = False) -> tuple[str, str, Text]:
    """Return tone, glyph and words of a badge."""
    if is_returned and state == State.DRAFT:
        return "late", "returned", _("sent back")
    return (*LOOKS[state], State(state).label)


@dataclass(frozen=True, slots=True)
class Viewer:
    """What a person may do with a voucher as it is now."""

    writes: bool
    voids: bool
    sends_back: bool
    undoes: bool
    copies: bool
    attaches: bool

    @classmethod
    def of(cls, voucher: Voucher, posting: Posting | None, user: User, *, undone: bool, moves_money: bool) -> "Viewer":
        """Find out; `undone` when the posting is written off or put right already, or about to be.

        Where all vouchers are of one kind, those that move money are the cashier's as well.
        """
        prepares = user.has_perm("finance.prepare_voucher", voucher)
        reviews = user.has_perm("finance.review_voucher", voucher)
        is_general = voucher.kind == VoucherKind.GENERAL
        transfers = voucher.kind in MONEY_KINDS or user.has_perm("finance.prepare_transfer", voucher)
        may_undo = posting is not None and not undone and voucher.kind != "opening" and voucher.reverses_id is None
        open_states = (State.DRAFT, State.SUBMITTED, State.REVIEWED)
        return cls(
            writes=prepares and (transfers or is_general) and voucher.is_draft,
            voids=voucher.state in open_states and (reviews or (prepares and voucher.prepared_by_id == user.pk)),
            sends_back=reviews and voucher.state in (State.SUBMITTED, State.REVIEWED),
            undoes=prepares and (transfers or (is_general and moves_money)) and may_undo,
            copies=prepares and voucher.reverses_id is None,
            attaches=prepares and voucher.state != State.VOIDED,
        )


def next_step(voucher: Voucher, viewer: Viewer, user: User, hindrance: Refused | None) -> NextStep | None:
    """Return what happens next with a voucher, or who does it. `hindrance`: why this person does not review."""
    if voucher.state == State.DRAFT:
        return _of_draft(voucher, viewer)
    if voucher.state == State.SUBMITTED:
        return _of_submitted(voucher, viewer, user, hindrance)
    if voucher.state == State.REVIEWED:
        title: Text = _("Reviewed: post it")
        if not user.has_perm("finance.post_voucher", voucher):
            return NextStep(title, _("The chief accountant posts it; it gets its number then."))
        return NextStep(title, _("It gets its number, and nothing of it changes any more."), [_post(voucher)])
    return None


def of_undoing(voucher: Voucher | None) -> NextStep | None:
    """Return what a posting waits for when `voucher` is about to write it off or to put it right."""
    if voucher is None:
        return None
    title = _("It is being put right") if voucher.corrects_id else _("It is being written off")
    open_it = Button(_("Open that voucher"), url_of(voucher.pk), "quiet", post=False)
    return NextStep(
        title, format_lazy(_("By a voucher that is not posted yet: {summary}"), summary=voucher.summary), [open_it]
    )


def _of_draft(voucher: Voucher, viewer: Viewer) -> NextStep | None:
    title: Text = _("A draft: submit it for review")
    reason: Text = ""
    if voucher.returned_reason:
        title = _("Sent back: change it and submit it again")
        reason = format_lazy(_("To be changed: {reason}"), reason=voucher.returned_reason)
    if not viewer.writes:
        return NextStep(title, reason or _("Whoever prepares vouchers completes it."))
    send = Button(_("Submit for review"), reverse("finance:ledger:submit", args=[voucher.pk]), "primary", "send")
    if voucher.reverses_id is not None:
        return NextStep(
            title, reason or _("Its lines are those of the posting, in red; void it if it is wrong."), [send]
        )
    edit = Button(_("Change it"), reverse("finance:ledger:update", args=[voucher.pk]), "quiet", "edit", post=False)
    return NextStep(title, reason, [edit, send])


def _of_submitted(voucher: Voucher, viewer: Viewer, user: User, hindrance: Refused | None) -> NextStep:
    title: Text = _("Waits for review")
    if not viewer.sends_back:
        return NextStep(title, _("The chief accountant reviews it."))
    back = Button(_("Send it back"), reverse("finance:ledger:send_back", args=[voucher.pk]), "refuse", post=False)
    if hindrance is not None:
        return NextStep(title, hindrance.sentence, [back])
    review = Button(_("It is right"), reverse("finance:ledger:review", args=[voucher.pk]), "primary", "check")
    both = Button(_("Review and post"), reverse("finance:ledger:review_and_post", args=[voucher.pk]), "quiet", "book-2")
    return NextStep(title, _("Compare it with its attachments."), [back, both, review])


def _post(voucher: Voucher) -> Button:
    return Button(_("Post it"), reverse("finance:ledger:post", args=[voucher.pk]), "primary", "book-2")
