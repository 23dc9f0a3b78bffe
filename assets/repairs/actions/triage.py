"""What the office does: accept, refuse, assign, transfer."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from assets.repairs.actions.approval import (
    KIND,
    UNDECIDED,
    needs_upper_office,
    request_approval,
    require_worker,
    waits_as_planned,
)
from assets.repairs.actions.steps import (
    Verb,
    due_moment,
    locked,
    move,
    office,
    require_state,
    tell,
    tell_reporter,
    works_here,
)
from assets.repairs.models import UNASSIGNED, UNFINISHED, RepairRequest, RepairSettings, State
from houqin.accounts.models import User
from houqin.approvals import actions as approvals
from houqin.errors import Refused, WrongState
from houqin.schools.permissions import require

Approval = RepairRequest.Approval


@transaction.atomic
def accept(repair: RepairRequest, *, by: User, note: str = "") -> RepairRequest:
    """Accept a report before it is clear who will repair it; counts as the response."""
    repair = locked(repair)
    require(by, "assets.triage_repair", repair)
    require_state(repair, State.REPORTED)
    move(
        repair,
        Verb.ACCEPT,
        by=by,
        code="assets.accept_repair",
        state=State.ACCEPTED,
        note=note,
        responded_at=timezone.now(),
    )
    tell_reporter(repair, cause="accepted", title=_("Your report was accepted"))
    return repair


@transaction.atomic
def refuse(repair: RepairRequest, *, by: User, reason: str) -> RepairRequest:
    """Do not accept a report, with a reason that its reporter reads. Raises Refused "reason_missing"."""
    repair = locked(repair)
    require(by, "assets.triage_repair", repair)
    require_state(repair, *UNASSIGNED)
    if not reason.strip():
        raise Refused(_("Say why, so that the reporter understands."), code="reason_missing", field="reason")
    now = timezone.now()
    move(
        repair,
        Verb.REFUSE,
        by=by,
        code="assets.refuse_repair",
        state=State.REFUSED,
        note=reason.strip(),
        responded_at=repair.responded_at or now,
        closed_at=now,
    )
    tell_reporter(repair, cause="refused", title=_("Your report was not accepted"), body=reason.strip())
    return repair


@transaction.atomic
def assign(
    repair: RepairRequest,
    *,
    by: User,
    to: User,
    note: str = "",
    estimated_cost: Decimal | None = None,
    is_structural: bool | None = None,
) -> RepairRequest:
    """Give a repair to a maintainer, transfer it to another one, or change its plan (S33).

    Above the school's sum, or for structural work, it waits for the upper office first (S125); an
    emergency is made safe meanwhile. Raises Refused "not_a_maintainer" or "same_person".
    """
    repair = locked(repair)
    require(by, "assets.triage_repair", repair)
    require_state(repair, *UNFINISHED)
    _require_maintainer(repair, to)
    plan = {"estimated_cost": estimated_cost, "is_structural": is_structural}
    changes = {name: value for name, value in plan.items() if value is not None and value != getattr(repair, name)}
    in_hands = repair.assigned_to_id is not None and repair.state not in UNASSIGNED
    if in_hands and repair.assigned_to_id == to.pk and not changes:
        raise Refused(_("%(name)s has this repair already."), code="same_person", field="to", params={"name": to})
    is_transfer = in_hands and repair.assigned_to_id != to.pk
    now = timezone.now()
    fields: dict[str, Any] = changes | {"assigned_to": to, "responded_at": repair.responded_at or now}
    if not in_hands or is_transfer:
        fields["assigned_at"] = now
    was_asked = not changes and needs_upper_office(repair) and waits_as_planned(repair)
    if not _stays(repair, is_transfer=is_transfer):
        fields |= {"state": State.AWAITING_APPROVAL if was_asked else State.ASSIGNED, "hold_reason": ""}
    verb, what = (Verb.TRANSFER, "transfer") if is_transfer else (Verb.ASSIGN, "assign")
    move(repair, verb, by=by, to=to, note=note, at=now, code=f"assets.{what}_repair", **fields)
    tell([to], repair, cause="assigned", title=_("A repair for you"))
    tell_reporter(repair, cause="assigned", title=format_lazy(_("{name} will repair it"), name=to.display_name))
    _ask_if_needed(repair, by=by, was_asked=was_asked)
    return repair


def _stays(repair: RepairRequest, *, is_transfer: bool) -> bool:
    """Say whether assigning leaves the state alone: an emergency goes on, and so does work in the same hands."""
    in_work = repair.state in (State.WORKING, State.ON_HOLD)
    return repair.is_being_made_safe or (in_work and not is_transfer)


def _ask_if_needed(repair: RepairRequest, *, by: User, was_asked: bool) -> None:
    """Let the plan wait for the upper office, or free one that came down far enough."""
    if needs_upper_office(repair):
        if not was_asked:
            request_approval(repair, by=by)
    elif repair.approval in UNDECIDED:
        # The new assignment says so in the trail.
        approvals.void(KIND, repair, by=by)
        repair.approval = Approval.NOT_NEEDED
        repair.save(update_fields=["approval"])


@transaction.atomic
def set_danger(repair: RepairRequest, *, by: User, is_dangerous: bool) -> RepairRequest:
    """Call a report a danger, or take that back; its time is counted anew. Raises WrongState when it is so already."""
    repair = locked(repair)
    require_worker(repair, by)
    require_state(repair, *UNFINISHED)
    if repair.is_dangerous == is_dangerous:
        raise WrongState
    settings = RepairSettings.of(repair.school)
    move(
        repair,
        Verb.DANGER if is_dangerous else Verb.NO_DANGER,
        by=by,
        code="assets.set_repair_danger",
        is_dangerous=is_dangerous,
        due_at=due_moment(repair.school, settings, dangerous=is_dangerous, since=timezone.now()),
    )
    if is_dangerous:
        people = office(repair.school) + ([repair.assigned_to] if repair.assigned_to else [])
        tell(people, repair, cause="danger", title=_("Danger: come at once"))
    return repair


@transaction.atomic
def hand_over(repair: RepairRequest, *, by: User, to: User) -> RepairRequest:
    """Give a leaver's open repair to somebody else, in whatever state it is. Raises Refused "not_a_maintainer"."""
    repair = locked(repair)
    require(by, "schools.manage_people", repair)
    require_state(repair, *UNFINISHED)
    _require_maintainer(repair, to)
    move(
        repair,
        Verb.TRANSFER,
        by=by,
        to=to,
        code="assets.transfer_repair",
        assigned_to=to,
        assigned_at=timezone.now(),
    )
    tell([to], repair, cause="assigned", title=_("A repair for you"))
    return repair


def _require_maintainer(repair: RepairRequest, person: User) -> None:
    """Raise Refused "not_a_maintainer" unless the person repairs at the repair's school."""
    if not works_here(person, repair.school):
        raise Refused(
            _("%(name)s does not repair at this school."),
            code="not_a_maintainer",
            field="to",
            params={"name": person},
        )
