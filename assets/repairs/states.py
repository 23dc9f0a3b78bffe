"""How states look, and what the one next step is for the person who looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Exists
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from assets.repairs.actions import can_reopen
from assets.repairs.actions.approval import KIND
from assets.repairs.models import UNASSIGNED, UNFINISHED, RepairRequest, RepairStep, State
from houqin.accounts.models import User
from houqin.approvals.models import Approval
from houqin.web.moments import day, moment, span
from houqin.web.record_page import Button

Text = str | Promise

# Tone and glyph of each state, as look.md has them.
LOOKS: dict[str, tuple[str, str]] = {
    State.REPORTED: ("wait", "wait"),
    State.ACCEPTED: ("wait", "wait"),
    State.AWAITING_APPROVAL: ("wait", "wait"),
    State.ASSIGNED: ("doing", "planned"),
    State.WORKING: ("doing", "doing"),
    State.ON_HOLD: ("off", "planned"),
    State.DONE: ("wait", "check"),
    State.CONFIRMED: ("done", "done"),
    State.REFUSED: ("late", "refused"),
    State.WITHDRAWN: ("off", "returned"),
    State.MERGED: ("off", "returned"),
}
KIND_ICONS = {
    RepairRequest.Kind.ELECTRIC: "bulb",
    RepairRequest.Kind.DOOR_WINDOW: "door",
    RepairRequest.Kind.DESK_CHAIR: "armchair",
    RepairRequest.Kind.WATER: "droplet",
    RepairRequest.Kind.IT: "device-desktop",
    RepairRequest.Kind.BUILDING: "building",
    RepairRequest.Kind.OTHER: "help-circle",
}

# The tiles of the report form: value, words, icon.
KIND_TILES = [(kind.value, kind.label, KIND_ICONS[kind]) for kind in RepairRequest.Kind]


@dataclass(frozen=True, slots=True)
class Look:
    """A state as a badge: tone, glyph, words."""

    tone: str
    glyph: str
    words: Text


def look(repair: RepairRequest) -> Look:
    """Return the badge of a repair; a late one says by how long."""
    tone, glyph = LOOKS[repair.state]
    words: Text = State(repair.state).label
    if repair.is_late:
        late = format_lazy(_("{state}, {time} late"), state=words, time=late_by(repair))
        return Look("late", "late", late)
    return Look(tone, glyph, words)


def late_by(repair: RepairRequest) -> str:
    """Return how long ago the repair should have been finished (2 天)."""
    return span((timezone.now() - repair.due_at).total_seconds())


@dataclass(slots=True)
class Next:
    """The one next step on a record's page, and what else may be done under "more"."""

    title: Text
    reason: Text = ""
    buttons: list[Button] = field(default_factory=list)
    more: list[Button] = field(default_factory=list)


def _post(label: Text, name: str, repair: RepairRequest, *, kind: str = "quiet", icon: str = "") -> Button:
    return Button(label, reverse(f"assets:repairs:{name}", args=[repair.pk]), kind=kind, icon=icon, post=True)


def _open(label: Text, name: str, repair: RepairRequest, *, kind: str = "quiet", icon: str = "") -> Button:
    return Button(label, reverse(f"assets:repairs:{name}", args=[repair.pk]), kind=kind, icon=icon, post=False)


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the person who looks is to this repair."""

    office: bool
    worker: bool
    reporter: bool
    # Whether this person signs it now, and the page where the signatures stand.
    signs: bool = False
    approval_url: str = ""

    @classmethod
    def of(cls, repair: RepairRequest, user: User) -> "Viewer":
        """Ask the table of roles and the record; one query more where the repair waits for signatures."""
        office = user.has_perm("assets.triage_repair", repair)
        approval = None
        if repair.approval == RepairRequest.Approval.WAITING:
            here = Approval.objects.filter(kind=KIND, subject_id=repair.pk, state=Approval.State.WAITING)
            approval = here.visible_to(user).annotate(to_sign=Exists(here.waiting_for(user))).first()
        return cls(
            office=office,
            worker=office or (repair.assigned_to_id == user.pk and user.has_perm("assets.work_repair", repair)),
            reporter=repair.reporter_id == user.pk or (repair.reporter_id is None and office),
            signs=approval is not None and approval.to_sign,
            approval_url=approval.get_absolute_url() if approval is not None else "",
        )


def next_step(repair: RepairRequest, viewer: Viewer) -> Next | None:
    """Return what has to happen next and by whom; None when nothing is left to do."""
    builder = _BUILDERS.get(State(repair.state))
    step = builder(repair, viewer) if builder else None
    if step is None:
        return None
    if repair.emergency_at and not repair.emergency_reason_at and viewer.worker:
        step.more.insert(0, _open(_("Write the reason of the emergency"), "explain", repair))
    if repair.is_being_made_safe and viewer.approval_url:
        step.more.append(_signatures(viewer))
    if repair.state in UNFINISHED and viewer.worker:
        words = _("No danger any more") if repair.is_dangerous else _("It is a danger")
        step.more.append(_post(words, "no_danger" if repair.is_dangerous else "danger", repair))
    return step


def _signatures(viewer: Viewer) -> Button:
    if viewer.signs:
        return Button(_("Look and decide"), viewer.approval_url, kind="primary", icon="check", post=False)
    return Button(_("Who has to sign"), viewer.approval_url, post=False)


def _unassigned(repair: RepairRequest, viewer: Viewer) -> Next:
    if viewer.office:
        step = Next(_("Next: assign it to a maintainer"), _due(repair))
        step.buttons = [
            _open(_("Do not accept"), "refuse", repair),
            _open(_("Assign"), "assign", repair, kind="primary", icon="user"),
        ]
        if repair.state == State.REPORTED:
            step.more.append(_post(_("Accept, assign later"), "accept", repair))
        else:
            step.more.append(_open(_("Ask the upper office"), "ask_approval", repair))
        step.more.append(_open(_("Merge with another report"), "merge", repair))
    else:
        step = Next(_("The general affairs office assigns it"), _due(repair))
    if viewer.reporter and repair.reporter_id is not None:
        step.more.append(_post(_("Withdraw the report"), "withdraw", repair))
    return step


def _awaiting(repair: RepairRequest, viewer: Viewer) -> Next:
    if viewer.signs:
        return Next(_("Next: approve the repair or not"), _("No work begins before."), [_signatures(viewer)])
    step = Next(_("The upper office decides"), _("No work begins before the approval (a rule of the school)."))
    if viewer.approval_url:
        step.buttons = [_signatures(viewer)]
    if viewer.worker and repair.assigned_to_id:
        step.buttons.append(_open(_("Danger: make it safe now"), "emergency", repair, kind="refuse"))
    if viewer.office:
        step.more.append(_open(_("Change the plan or the maintainer"), "assign", repair))
    return step


def _assigned(repair: RepairRequest, viewer: Viewer) -> Next:
    if not viewer.worker:
        return Next(format_lazy(_("{name} will repair it"), name=str(repair.assigned_to)), _due(repair))
    step = Next(_("Next: go there and begin"), _due(repair))
    step.buttons = [
        _open(_("It has to wait"), "hold", repair),
        _post(_("Begin the repair"), "start", repair, kind="primary", icon="tool"),
    ]
    step.more = [
        _open(_("Repaired already"), "finish", repair),
        _open(_("Ask the upper office"), "ask_approval", repair),
    ]
    return _with_transfer(step, repair, viewer)


def _working(repair: RepairRequest, viewer: Viewer) -> Next:
    if not viewer.worker:
        return Next(format_lazy(_("{name} is repairing it"), name=str(repair.assigned_to)), _due(repair))
    step = Next(_("Next: repair it, take a photo, say what it took"), _due(repair))
    step.buttons = [
        _open(_("It has to wait"), "hold", repair),
        _open(_("Repaired"), "finish", repair, kind="primary", icon="check"),
    ]
    step.more = [_open(_("Ask the upper office"), "ask_approval", repair)]
    return _with_transfer(step, repair, viewer)


def _on_hold(repair: RepairRequest, viewer: Viewer) -> Next:
    words = format_lazy(_("On hold: {reason}"), reason=repair.hold_reason)
    if not viewer.worker:
        return Next(_("The repair has to wait"), words)
    step = Next(_("Next: go on with the repair"), words)
    step.buttons = [_post(_("Go on"), "resume", repair, kind="primary", icon="tool")]
    step.more = [_open(_("Ask the upper office"), "ask_approval", repair)]
    return _with_transfer(step, repair, viewer)


def _with_transfer(step: Next, repair: RepairRequest, viewer: Viewer) -> Next:
    if viewer.office:
        step.more.append(_open(_("Transfer to somebody else"), "assign", repair))
        if repair.state == State.ASSIGNED:
            step.more.append(_open(_("Merge with another report"), "merge", repair))
    return step


def _done(repair: RepairRequest, viewer: Viewer) -> Next:
    until = format_lazy(
        _("Without an answer by {day} it counts as repaired."), day=day(repair.confirm_by) if repair.confirm_by else ""
    )
    if not viewer.reporter:
        return Next(_("The reporter checks the repair"), until)
    guest: Text = _("A guest reported it, so you check it for them.") if repair.reporter_id is None else ""
    step = Next(_("Next: see whether it is repaired"), format_lazy("{}{}", guest, until))
    step.buttons = [
        _open(_("Not repaired yet"), "reopen", repair),
        _post(_("Repaired, confirm"), "confirm", repair, kind="primary", icon="check"),
    ]
    return step


def _confirmed(repair: RepairRequest, viewer: Viewer) -> Next | None:
    again = [_open(_("Not repaired yet"), "reopen", repair)] if viewer.reporter and can_reopen(repair) else []
    if viewer.reporter and repair.rating is None and repair.reporter_id is not None:
        step = Next(_("It is repaired. How was it?"), more=again)
        step.buttons = [_open(_("Rate the repair"), "rate", repair, icon="star")]
        return step
    return Next(_("It is repaired"), more=again) if again else None


def _due(repair: RepairRequest) -> Text:
    return format_lazy(_("To be repaired by {moment}."), moment=moment(repair.due_at))


_BUILDERS = {
    **dict.fromkeys(UNASSIGNED, _unassigned),
    State.AWAITING_APPROVAL: _awaiting,
    State.ASSIGNED: _assigned,
    State.WORKING: _working,
    State.ON_HOLD: _on_hold,
    State.DONE: _done,
    State.CONFIRMED: _confirmed,
}

# The five steps that a guest sees, each with the verbs that bring it about.
GUEST_STEPS: Sequence[tuple[Text, frozenset[str]]] = (
    (_("You reported it"), frozenset({RepairStep.Verb.REPORT})),
    (_("The office assigns a maintainer"), frozenset({RepairStep.Verb.ASSIGN, RepairStep.Verb.TRANSFER})),
    (_("The repair begins"), frozenset({RepairStep.Verb.START, RepairStep.Verb.EMERGENCY})),
    (_("Repaired, with a photo"), frozenset({RepairStep.Verb.FINISH})),
    (
        _("You look and say whether it is repaired"),
        frozenset({RepairStep.Verb.CONFIRM, RepairStep.Verb.CONFIRM_ITSELF}),
    ),
)
