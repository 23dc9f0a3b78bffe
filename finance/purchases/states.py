"""How states look, where a request hangs, and what the one next step is for the person who looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.purchases.actions import what_is_missing
from finance.purchases.models import EDITABLE, SUBJECT_KIND, PurchaseRequest, State
from houqin.accounts.models import User
from houqin.approvals import routes
from houqin.approvals.models import Approval
from houqin.schools.roles import Role
from houqin.web.moments import day, moment
from houqin.web.record_page import Button

Text = str | Promise
Kind = PurchaseRequest.Kind

# Tone and glyph of each state, as look.md has them.
LOOKS: dict[str, tuple[str, str]] = {
    State.DRAFT: ("off", "draft"),
    State.SUBMITTED: ("wait", "wait"),
    State.APPROVED: ("doing", "planned"),
    State.RETURNED: ("wait", "returned"),
    State.REJECTED: ("late", "refused"),
    State.WITHDRAWN: ("off", "returned"),
    State.ORDERED: ("doing", "doing"),
    State.DELIVERED: ("done", "done"),
    State.CLOSED: ("done", "done"),
}
KIND_ICONS: dict[str, str] = {
    Kind.EQUIPMENT: "armchair",
    Kind.OFFICE: "printer",
    Kind.PUPILS: "users",
    Kind.TEACHING: "book-2",
    Kind.REPAIR: "tool",
}
# The tiles of the form: value, words, icon.
KIND_TILES = [(kind, Kind(kind).label, icon) for kind, icon in KIND_ICONS.items()]


@dataclass(slots=True)
class Next:
    """The one next step on a record's page, and what else may be done under "more"."""

    title: Text
    reason: Text = ""
    buttons: list[Button] = field(default_factory=list)
    more: list[Button] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the person who looks is to this request."""

    requester: bool
    reader: bool
    signer: bool

    @classmethod
    def of(cls, request: PurchaseRequest, user: User, waiting: Approval | None) -> "Viewer":
        """Ask the table of roles and the record; at most two queries beyond the person's access."""
        return cls(
            requester=request.requester_id == user.pk and user.has_perm("finance.request_purchase", request),
            reader=user.has_perm("finance.view_purchases", request),
            signer=waiting is not None and Approval.objects.waiting_for(user).filter(pk=waiting.pk).exists(),
        )


def waiting_approval(request: PurchaseRequest) -> Approval | None:
    """Return the approval that waits for a signature. One query while it waits, none otherwise."""
    if request.state != State.SUBMITTED:
        return None
    approvals = Approval.objects.filter(kind=SUBJECT_KIND, subject_id=request.pk, state=Approval.State.WAITING)
    return approvals.select_related("current_school").first()


def names_of(approval: Approval) -> str:
    """Return who can sign it now, as people say it; empty when nobody is left."""
    return "、".join(str(person) for person in routes.signers_of(approval))


def look_words(request: PurchaseRequest) -> tuple[str, str, Text]:
    """Return tone, glyph and words of the badge."""
    return (*LOOKS[request.state], request.get_state_display())


def _post(label: Text, name: str, request: PurchaseRequest, *, kind: str = "quiet", icon: str = "") -> Button:
    return Button(label, reverse(f"finance:purchases:{name}", args=[request.pk]), kind=kind, icon=icon, post=True)


def _open(label: Text, name: str, request: PurchaseRequest, *, kind: str = "quiet", icon: str = "") -> Button:
    return Button(label, reverse(f"finance:purchases:{name}", args=[request.pk]), kind=kind, icon=icon, post=False)


def next_step(
    request: PurchaseRequest,
    viewer: Viewer,
    user: User,
    *,
    waiting: Approval | None,
    said: str = "",
    may_order: bool = False,
    was_ordered: bool = False,
) -> Next | None:
    """Return what has to happen next and by whom; None when nothing is left to do. `said` are the signer's words."""
    if request.state in EDITABLE:
        step = _writing(request, viewer, user, said)
    elif request.state == State.SUBMITTED:
        step = _signing(request, viewer, waiting)
    elif request.state == State.APPROVED:
        step = Next(_("Next: order it"), _("The money is reserved. The office orders, somebody else counts."))
        if may_order:
            words = _("Order from a supplier")
            step.buttons.append(_open(words, "order_create", request, kind="primary", icon="shopping-cart"))
    elif request.state == State.ORDERED:
        step = Next(_("Next: count what arrives"), _("Neither requester, signers nor buyer count it (S104)."))
    else:
        step = Next("")
    if viewer.requester and request.state in (State.SUBMITTED, State.APPROVED) and not was_ordered:
        taken_back = _("Take it back to change it") if request.state == State.SUBMITTED else _("Not needed any more")
        step.more.append(_post(taken_back, "withdraw", request, icon="arrow-back-up"))
    if viewer.requester or user.has_perm("finance.copy_purchase", request):
        step.more.append(_post(_("Copy as a new request"), "copy", request, icon="file-text"))
    return step if step.title or step.more else None


def _writing(request: PurchaseRequest, viewer: Viewer, user: User, said: str) -> Next:
    if not viewer.requester:
        return Next(
            format_lazy(_("{name} has not submitted it"), name=str(request.requester)),
            said if request.state == State.RETURNED else "",
        )
    missing = what_is_missing(request, by=user)
    titles: dict[str, Text] = {
        State.RETURNED: _("Next: change it and submit it again"),
        State.WITHDRAWN: _("Withdrawn; you can change it and submit it again"),
    }
    title: Text = titles.get(request.state, _("Next: submit it"))
    if missing is not None:
        reason = format_lazy(_("It cannot be submitted yet: {why}"), why=missing.sentence)
        step = Next(title, reason, [_open(_("Complete it"), "update", request, kind="primary", icon="pencil")])
    else:
        step = Next(
            title,
            said or _("After that nothing can be changed unless you take it back."),
            [
                _open(_("Change"), "update", request),
                _post(_("Submit"), "submit", request, kind="primary", icon="send"),
            ],
        )
    if request.state != State.WITHDRAWN:
        step.more.append(_post(_("Withdraw, it is not needed"), "withdraw", request, icon="arrow-back-up"))
    return step


def _signing(request: PurchaseRequest, viewer: Viewer, waiting: Approval | None) -> Next:
    if waiting is None:
        return Next(_("Waits for signatures"))
    since = format_lazy(
        _("Submitted {moment}, needed by {day}."),
        moment=moment(request.submitted_at or waiting.requested_at),
        day=day(request.needed_on) if request.needed_on else "—",
    )
    if viewer.signer:
        step = Next(_("Next: you sign"), since)
        step.buttons = [Button(_("Look and sign"), waiting.get_absolute_url(), "primary", "writing", post=False)]
        return step
    names = names_of(waiting)
    post = format_lazy("{} {}", Role(waiting.current_role).label, names)
    return Next(format_lazy(_("Waits for the signature of {post}"), post=post), since)


def ahead(request: PurchaseRequest, *, has_equipment: bool) -> Sequence[Text]:
    """Return the steps after the signatures that still lie ahead."""
    steps: list[tuple[Text, tuple[State, ...]]] = [
        (_("The office orders it"), (State.SUBMITTED, State.APPROVED)),
        (_("It arrives and is counted"), (State.SUBMITTED, State.APPROVED, State.ORDERED)),
    ]
    if has_equipment:
        steps.append((_("It is in the register"), (State.SUBMITTED, State.APPROVED, State.ORDERED)))
    return [words for words, states in steps if request.state in states]
