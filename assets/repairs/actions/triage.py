"""What the office does: accept, refuse, assign, transfer."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from assets.repairs.actions.approval import needs_upper_office, request_approval
from assets.repairs.actions.steps import Verb, locked, move, require_state, tell, tell_reporter
from assets.repairs.models import UNASSIGNED, RepairRequest, State
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.schools.people import people_with
from houqin.schools.permissions import require

ASSIGNABLE = (*UNASSIGNED, State.ASSIGNED, State.WORKING, State.ON_HOLD)


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
    """Give a repair to a maintainer, or transfer it to another one (S33).

    Above the school's sum, or for structural work, it waits for the upper office first (S125).
    Raises Refused "not_a_maintainer" or "same_person".
    """
    repair = locked(repair)
    require(by, "assets.triage_repair", repair)
    require_state(repair, *ASSIGNABLE)
    _require_maintainer(repair, to)
    is_transfer = repair.assigned_to_id is not None and repair.state not in UNASSIGNED
    if is_transfer and repair.assigned_to_id == to.pk:
        raise Refused(_("%(name)s has this repair already."), code="same_person", field="to", params={"name": to})
    now = timezone.now()
    fields: dict[str, Any] = {"assigned_to": to, "assigned_at": now, "responded_at": repair.responded_at or now}
    if estimated_cost is not None:
        fields["estimated_cost"] = estimated_cost
    if is_structural is not None:
        fields["is_structural"] = is_structural
    code = "assets.transfer_repair" if is_transfer else "assets.assign_repair"
    verb = Verb.TRANSFER if is_transfer else Verb.ASSIGN
    move(repair, verb, by=by, to=to, note=note, code=code, state=State.ASSIGNED, **fields, hold_reason="")
    tell([to], repair, cause="assigned", title=_("A repair for you"))
    tell_reporter(repair, cause="assigned", title=format_lazy(_("{name} will repair it"), name=to.display_name))
    if needs_upper_office(repair):
        request_approval(repair, by=by)
    elif repair.approval == RepairRequest.Approval.REJECTED:
        # The estimate came down, or it is no longer structural: the new assignment says so in the trail.
        repair.approval = RepairRequest.Approval.NOT_NEEDED
        repair.save(update_fields=["approval"])
    return repair


@transaction.atomic
def hand_over(repair: RepairRequest, *, by: User, to: User) -> RepairRequest:
    """Give a leaver's open repair to somebody else, in whatever state it is. Raises Refused "not_a_maintainer"."""
    repair = locked(repair)
    require(by, "schools.manage_people", repair)
    require_state(repair, *ASSIGNABLE, State.AWAITING_APPROVAL)
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
    if not people_with("assets.work_repair", repair.school).filter(pk=person.pk).exists():
        raise Refused(
            _("%(name)s does not repair at this school."),
            code="not_a_maintainer",
            field="to",
            params={"name": person},
        )
