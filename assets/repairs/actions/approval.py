"""No work before approval (S125, S126): the upper office decides on dear and structural repairs."""

from datetime import datetime
from decimal import Decimal

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
from houqin.errors import NotAllowed, Refused
from houqin.schools.calendar import add_working_days
from houqin.schools.people import people_with
from houqin.schools.permissions import require

Approval = RepairRequest.Approval
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
    """Let a locked repair wait for the upper office and tell it; an emergency is made safe meanwhile."""
    move(
        repair,
        Verb.ASK_APPROVAL,
        by=by,
        note=note,
        code="assets.ask_repair_approval",
        state=State(repair.state) if repair.is_being_made_safe else State.AWAITING_APPROVAL,
        approval=Approval.WAITING,
    )
    people = people_with("assets.approve_repair", repair.school, include_central=True)
    tell(people, repair, cause="approval", title=_("A repair waits for your approval"))


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


@transaction.atomic
def approve(repair: RepairRequest, *, by: User, note: str = "") -> RepairRequest:
    """Agree to a repair as it is planned, and to no more: work may begin."""
    repair = _waiting(repair, by)
    move(
        repair,
        Verb.APPROVE,
        by=by,
        note=note,
        code="assets.approve_repair",
        state=State(repair.state) if repair.is_being_made_safe else back_in_hands(repair),
        approval=Approval.GIVEN,
        approved_cost=repair.estimated_cost,
        approved_structural=repair.is_structural,
    )
    _tell_decision(repair, _("The upper office approved the repair"))
    return repair


@transaction.atomic
def reject(repair: RepairRequest, *, by: User, reason: str) -> RepairRequest:
    """Do not agree to a repair, with a reason: work stops, an emergency's as well. Raises Refused "reason_missing"."""
    repair = _waiting(repair, by)
    if not reason.strip():
        raise Refused(_("Say why, so that the school understands."), code="reason_missing", field="reason")
    move(
        repair,
        Verb.REJECT,
        by=by,
        note=reason.strip(),
        code="assets.reject_repair",
        state=State.ACCEPTED,
        approval=Approval.REJECTED,
        hold_reason="",
    )
    _tell_decision(repair, _("The upper office did not approve the repair"))
    return repair


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


def _waiting(repair: RepairRequest, by: User) -> RepairRequest:
    """Lock a repair that waits for the decision of `by`; nobody decides on a repair of one's own asking."""
    repair = locked(repair)
    require(by, "assets.approve_repair", repair)
    if repair.approval != Approval.WAITING:
        require_state(repair)
    asked = repair.steps.filter(verb=Verb.ASK_APPROVAL).order_by("-at", "-id").first()
    if asked is not None and asked.by_id == by.pk:
        raise NotAllowed(_("Nobody approves what one asked for oneself."), code="own_request")
    return repair


def _tell_decision(repair: RepairRequest, title: Text) -> None:
    people = office(repair.school)
    if repair.assigned_to is not None:
        people.append(repair.assigned_to)
    tell(people, repair, cause="decision", title=title)
