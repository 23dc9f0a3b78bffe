"""What pages and paper say of a reconciliation: its two sides, its look, its next step, its course."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.reconciliations import actions
from finance.reconciliations.models import BankReconciliation, ItemKind, ReconciliationItem
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.history.models import ActionLog
from houqin.web.moments import stamp
from houqin.web.record_page import Button, Moment, NextStep

Text = str | Promise
State = BankReconciliation.State
LOOKS: dict[str, tuple[str, str]] = {
    State.DRAFT: ("off", "draft"),
    State.SUBMITTED: ("wait", "wait"),
    State.REVIEWED: ("done", "done"),
}
DID = {
    "finance.begin_reconciliation": (_("began it"), "done"),
    "finance.submit_reconciliation": (_("submitted it"), "done"),
    "finance.send_back_reconciliation": (_("sent it back"), "returned"),
    "finance.review_reconciliation": (_("reviewed it"), "done"),
}
MOST = 60


@dataclass(frozen=True, slots=True)
class Part:
    """What is added to a balance or taken from it."""

    kind: str
    label: Text
    total: Decimal
    items: Sequence[ReconciliationItem]


@dataclass(frozen=True, slots=True)
class Side:
    """Our journal or the bank's statement: its balance, what is added and taken away, and what comes of it."""

    name: Text
    balance: Decimal
    added: Part
    taken: Part
    adjusted: Decimal


def sides(one: BankReconciliation, items: Sequence[ReconciliationItem]) -> tuple[Side, Side]:
    """Return our side and the bank's."""

    def part(kind: ItemKind) -> Part:
        return Part(kind.value, kind.label, getattr(one, kind.value), [item for item in items if item.kind == kind])

    return (
        Side(_("Bank journal"), one.book, part(ItemKind.BANK_RECEIVED), part(ItemKind.BANK_PAID), one.adjusted_book),
        Side(
            _("Bank's statement"),
            one.statement,
            part(ItemKind.WE_RECEIVED),
            part(ItemKind.WE_PAID),
            one.adjusted_statement,
        ),
    )


def look(state: str, *, is_returned: bool = False) -> tuple[str, str, Text]:
    """Return tone, glyph and words of a badge."""
    if is_returned and state == State.DRAFT:
        return "late", "returned", _("sent back")
    return (*LOOKS[state], State(state).label)


def next_step(one: BankReconciliation, user: User, *, moved: bool) -> NextStep | None:
    """Return what happens next, or who does it."""
    if one.state == State.DRAFT:
        return _of_draft(one, user)
    if one.state == State.SUBMITTED:
        return _of_submitted(one, user, moved=moved)
    return None


def _of_draft(one: BankReconciliation, user: User) -> NextStep:
    title: Text = _("A draft: find what makes both sides agree, then submit it")
    if not one.difference:
        title = _("Both sides agree: submit it for review")
    reason: Text = ""
    if one.returned_reason:
        reason = format_lazy(_("To be changed: {reason}"), reason=one.returned_reason)
    if not user.has_perm(actions.PREPARE, one):
        return NextStep(title, reason or _("The accountant completes it."))
    edit = Button(_("Change it"), reverse("finance:reconciliations:update", args=[one.pk]), "quiet", "edit", post=False)
    if one.difference:
        return NextStep(title, reason, [edit])
    send = Button(_("Submit for review"), reverse("finance:reconciliations:submit", args=[one.pk]), "primary", "send")
    return NextStep(title, reason, [edit, send])


def _of_submitted(one: BankReconciliation, user: User, *, moved: bool) -> NextStep:
    title: Text = _("Waits for review")
    if not user.has_perm(actions.REVIEW, one):
        return NextStep(title, _("The chief accountant compares it with the bank's statement."))
    back = Button(_("Send it back"), reverse("finance:reconciliations:send_back", args=[one.pk]), "refuse", post=False)
    try:
        actions.may_review(one, user)
    except Refused as refusal:
        return NextStep(title, refusal.sentence, [back])
    if moved:
        return NextStep(
            title, _("The journal moved since it was submitted. Send it back, so that it is made anew."), [back]
        )
    right = Button(_("It is right"), reverse("finance:reconciliations:review", args=[one.pk]), "primary", "check")
    return NextStep(title, _("Compare it with the bank's statement. What is reviewed stays for good."), [back, right])


def course(one: BankReconciliation) -> list[Moment]:
    """Return who did what with it when, and what is still to come. One query."""
    rows = ActionLog.objects.filter(
        record_kind=BankReconciliation._meta.label_lower, record_id=one.pk, code__in=DID, result=ActionLog.DONE
    ).order_by("at", "pk")
    moments = [_moment(*row) for row in rows.values_list("code", "at", "user__display_name", "detail")[:MOST]]
    if one.state != State.REVIEWED:
        waits = one.state == State.SUBMITTED
        moments.append(Moment(_("Review"), tone="now" if waits else "next", glyph="wait" if waits else "planned"))
    return moments


def _moment(code: str, at: Any, who: str, detail: str) -> Moment:
    what, glyph = DID[code]
    return Moment(what, who, [stamp(at)], said=detail if glyph == "returned" else "", glyph=glyph)
