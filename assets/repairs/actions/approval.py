"""No work before approval (S125, S126): the upper office decides on dear and structural repairs."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.repairs.actions.steps import (
    END_OF_WORK,
    Text,
    Verb,
    back_in_hands,
    locked,
    move,
    office,
    require_state,
    tell,
)
from assets.repairs.models import RepairRequest, RepairSettings, State
from houqin.accounts.models import User
from houqin.approvals import actions as approvals
from houqin.errors import NotAllowed, Refused
from houqin.schools.calendar import add_working_days
from houqin.schools.people import people_with

KIND = "repair"
Approval = RepairRequest.Approval
# The upper office has not agreed: no work begins.
UNDECIDED = (Approval.WAITING, Approval.RETURNED, Approval.REJECTED)
ASKABLE = (State.ACCEPTED, State.ASSIGNED, State.WORKING, State.ON_HOLD)


def needs_upper_office(repair: RepairRequest) -> bool:
    """Say whether the plan still has to be approved: structural, or dearer than what is free or approved."""
    dear = repair.estimated_cost is not None and repair.estimated_cost > free_sum(repair)
    structural_agreed = repair.approval == Approval.GIVEN and repair.approved_structural
    return dear or (repair.is_structural and not structural_agreed)


def free_sum(repair: RepairRequest) -> Decimal:
    """Return what the repair may cost without asking (again): the school's sum, or what was approved above it."""
    free = RepairSettings.of(repair.school).approval_above
    if repair.approval == Approval.GIVEN and repair.approved_cost is not None:
        return max(free, repair.approved_cost)
    return free


def require_worker(repair: RepairRequest, by: User) -> None:
    """Raise NotAllowed unless `by` is the repair's maintainer or assigns repairs at the school."""
    if by.pk == repair.assigned_to_id and by.has_perm("assets.work_repair", repair):
        return
    if not by.has_perm("assets.triage_repair", repair):
        raise NotAllowed(_("This repair is assigned to somebody else."), code="not_assigned_to_you")


def request_approval(repair: RepairRequest, *, by: User, note: str = "") -> None:
    """Let a locked repair wait for the signatures of the upper office; an emergency is made safe meanwhile.

    What waited before is void: it was about another plan. Raises Refused "nobody_can_sign".
    """
    approvals.void(KIND, repair, by=by)
    move(
        repair,
        Verb.ASK_APPROVAL,
        by=by,
        note=note,
        code="assets.ask_repair_approval",
        state=State(repair.state) if repair.is_being_made_safe else State.AWAITING_APPROVAL,
        approval=Approval.WAITING,
    )
    title = f"{repair.place.full_name} {repair.title}"
    approvals.request(KIND, repair, by=by, school=repair.school, title=title, amount=repair.estimated_cost)


def waits_as_planned(repair: RepairRequest) -> bool:
    """Say whether a locked repair waits for signatures already; what was planned anew since has to ask again."""
    return repair.approval == Approval.WAITING and approvals.waiting_for(KIND, repair) is not None


@transaction.atomic
def ask_approval(
    repair: RepairRequest, *, by: User, estimated_cost: Decimal | None, is_structural: bool = False, reason: str = ""
) -> RepairRequest:
    """Ask the upper office before work begins or goes on. Raises Refused "approval_not_needed"."""
    repair = locked(repair)
    require_worker(repair, by)
    require_state(repair, *ASKABLE)
    repair.estimated_cost, repair.is_structural = estimated_cost, is_structural
    if not needs_upper_office(repair):
        raise Refused(
            _("Below the school's sum and not structural: no approval is needed."),
            code="approval_not_needed",
            field="estimated_cost",
        )
    repair.save(update_fields=["estimated_cost", "is_structural"])
    request_approval(repair, by=by, note=reason.strip())
    return repair


def lock(pk: int) -> RepairRequest:
    """Return the repair of this id, locked until the transaction ends."""
    return locked(RepairRequest(pk=pk))


def signed_content(repair: RepairRequest) -> Mapping[str, Any]:
    """Return what the upper office signs: the fault and the plan, not who carries it out."""
    return {
        "number": repair.number,
        "place": repair.place_id,
        "description": repair.description,
        "estimated_cost": repair.estimated_cost,
        "is_structural": repair.is_structural,
    }


def approved(repair: RepairRequest, by: User, comment: str) -> None:
    """Let work begin on a locked repair as it is planned, and no more: the upper office has signed."""
    move(
        repair,
        Verb.APPROVE,
        by=by,
        note=comment,
        code="assets.approve_repair",
        state=State(repair.state) if repair.is_being_made_safe else back_in_hands(repair),
        approval=Approval.GIVEN,
        approved_cost=repair.estimated_cost,
        approved_structural=repair.is_structural,
    )
    _tell_decision(repair, _("The upper office approved the repair"))


def returned(repair: RepairRequest, by: User, comment: str) -> None:
    """Give a locked repair back to be planned anew: work stops, an emergency's as well."""
    _give_back(repair, Verb.RETURN, Approval.RETURNED, by, comment, code="assets.return_repair")
    _tell_decision(repair, _("The upper office wants the repair planned anew"))


def rejected(repair: RepairRequest, by: User, comment: str) -> None:
    """Note that the upper office does not agree to a locked repair: work stops, an emergency's as well."""
    _give_back(repair, Verb.REJECT, Approval.REJECTED, by, comment, code="assets.reject_repair")
    _tell_decision(repair, _("The upper office did not approve the repair"))


def _give_back(repair: RepairRequest, verb: str, approval: str, by: User, comment: str, *, code: str) -> None:
    move(repair, verb, by=by, note=comment, code=code, state=State.ACCEPTED, approval=approval, hold_reason="")


@transaction.atomic
def start_emergency(repair: RepairRequest, *, by: User, reason: str = "") -> RepairRequest:
    """Make a danger safe before approval; the reason follows within one working day (assets.md, section 8)."""
    repair = locked(repair)
    require_worker(repair, by)
    require_state(repair, State.AWAITING_APPROVAL)
    if repair.assigned_to_id is None:
        raise Refused(_("Assign somebody first."), code="nobody_assigned", field="to")
    now = timezone.now()
    due = repair.emergency_reason_due
    if due is None or repair.emergency_reason_at is not None:
        # An earlier emergency that nobody explained keeps its own, nearer day.
        day = add_working_days(timezone.localtime(now).date(), 1, repair.school)
        due = timezone.make_aware(datetime.combine(day, END_OF_WORK))
    move(
        repair,
        Verb.EMERGENCY,
        by=by,
        note=reason.strip(),
        code="assets.start_emergency_repair",
        state=State.WORKING,
        started_at=repair.started_at or now,
        emergency_at=now,
        emergency_reason=reason.strip(),
        emergency_reason_at=now if reason.strip() else None,
        emergency_reason_due=due,
    )
    people = people_with("assets.approve_repair", repair.school, include_central=True)
    tell(people, repair, cause="emergency", title=_("A danger is being made safe before approval"))
    return repair


@transaction.atomic
def explain_emergency(repair: RepairRequest, *, by: User, reason: str) -> RepairRequest:
    """Write the reason of an emergency. Raises Refused "reason_missing", "no_emergency" or "already_explained"."""
    repair = locked(repair)
    require_worker(repair, by)
    if repair.emergency_at is None:
        raise Refused(_("This repair did not begin as an emergency."), code="no_emergency")
    if repair.emergency_reason_at is not None:
        raise Refused(_("The reason is already written."), code="already_explained", field="reason")
    if not reason.strip():
        raise Refused(_("Write why it could not wait."), code="reason_missing", field="reason")
    return move(
        repair,
        Verb.EXPLAIN,
        by=by,
        note=reason.strip(),
        code="assets.explain_emergency_repair",
        emergency_reason=reason.strip(),
        emergency_reason_at=timezone.now(),
    )


def _tell_decision(repair: RepairRequest, title: Text) -> None:
    people = office(repair.school)
    if repair.assigned_to is not None:
        people.append(repair.assigned_to)
    tell(people, repair, cause="decision", title=title)
