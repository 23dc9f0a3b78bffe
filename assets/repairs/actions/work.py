"""The repair itself: start, hold, go on, finish; then confirm, reopen, rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.repairs.actions.approval import UNDECIDED, free_sum, needs_upper_office, require_worker
from assets.repairs.actions.reporting import store_photos
from assets.repairs.actions.steps import (
    Verb,
    back_in_hands,
    due_moment,
    locked,
    move,
    office,
    require_reporter,
    require_state,
    tell,
    tell_reporter,
)
from assets.repairs.models import ZERO, RepairPart, RepairPhoto, RepairRequest, RepairSettings, State
from houqin.accounts.models import User
from houqin.errors import Refused


@dataclass(frozen=True, slots=True)
class Part:
    """Material used: prices in yuan, two decimals."""

    name: str
    quantity: Decimal
    unit: str = ""
    unit_price: Decimal = ZERO
    source: str = ""


def _require_approved(repair: RepairRequest) -> None:
    if (repair.approval in UNDECIDED or needs_upper_office(repair)) and not repair.is_being_made_safe:
        raise Refused(_("The upper office has to approve this repair before work begins."), code="approval_needed")


@transaction.atomic
def start(repair: RepairRequest, *, by: User, note: str = "") -> RepairRequest:
    """Begin the work. Raises Refused "approval_needed" while the upper office has not agreed (S126)."""
    repair = locked(repair)
    require_worker(repair, by)
    require_state(repair, State.ASSIGNED)
    _require_approved(repair)
    move(
        repair,
        Verb.START,
        by=by,
        note=note,
        code="assets.start_repair",
        state=State.WORKING,
        started_at=repair.started_at or timezone.now(),
    )
    tell_reporter(repair, cause="started", title=_("The repair has begun"), body=note)
    return repair


@transaction.atomic
def hold(repair: RepairRequest, *, by: User, reason: str) -> RepairRequest:
    """Let a repair wait (for parts, for a free room), with the reason. Raises Refused "reason_missing"."""
    repair = locked(repair)
    require_worker(repair, by)
    require_state(repair, State.ASSIGNED, State.WORKING)
    if not reason.strip():
        raise Refused(_("Say why the repair has to wait."), code="reason_missing", field="reason")
    move(
        repair,
        Verb.HOLD,
        by=by,
        note=reason.strip(),
        code="assets.hold_repair",
        state=State.ON_HOLD,
        hold_reason=reason.strip(),
    )
    tell_reporter(repair, cause="on_hold", title=_("The repair has to wait"), body=reason.strip())
    return repair


@transaction.atomic
def resume(repair: RepairRequest, *, by: User, note: str = "") -> RepairRequest:
    """Go on with a repair that waited."""
    repair = locked(repair)
    require_worker(repair, by)
    require_state(repair, State.ON_HOLD)
    _require_approved(repair)
    state = State.WORKING if repair.started_at else State.ASSIGNED
    return move(repair, Verb.RESUME, by=by, note=note, code="assets.resume_repair", state=state, hold_reason="")


@transaction.atomic
def finish(
    repair: RepairRequest,
    *,
    by: User,
    outcome: str,
    note: str = "",
    labour_minutes: int = 0,
    labour_cost: Decimal = ZERO,
    parts: Sequence[Part] = (),
    photos: Sequence[UploadedFile] = (),
) -> RepairRequest:
    """Say that the work is done, with what it took; the reporter checks it next.

    An emergency is only made safe, then it waits for the upper office. Raises Refused "approval_needed" when
    it costs more than what is free or approved, "only_made_safe" for an emergency.
    """
    repair = locked(repair)
    require_worker(repair, by)
    require_state(repair, State.ASSIGNED, State.WORKING)
    _require_approved(repair)
    is_emergency = repair.is_being_made_safe
    if is_emergency and outcome != RepairRequest.Outcome.MADE_SAFE:
        raise Refused(
            _("The upper office has not agreed yet, so this can only be made safe for now. Choose that outcome."),
            code="only_made_safe",
            field="outcome",
        )
    spent = _write_costs(repair, parts, labour_cost)
    if not is_emergency and spent["cost"] > free_sum(repair):
        raise Refused(
            _("It costs more than %(sum)s yuan, which the upper office has to approve first. Ask for approval."),
            code="approval_needed",
            field="parts",
            params={"sum": free_sum(repair)},
        )
    store_photos(repair, photos, by=by, moment=RepairPhoto.Moment.AFTER)
    spent |= {"labour_minutes": repair.labour_minutes + labour_minutes}
    if is_emergency:
        code = "assets.make_repair_safe"
        return move(repair, Verb.MAKE_SAFE, by=by, note=note, code=code, state=State.AWAITING_APPROVAL, **spent)
    return _finished(repair, by=by, outcome=outcome, note=note, spent=spent)


def _finished(repair: RepairRequest, *, by: User, outcome: str, note: str, spent: dict[str, Any]) -> RepairRequest:
    """Give the repair to its reporter to check; the office checks what a guest reported."""
    now = timezone.now()
    confirm_by = now + timedelta(days=RepairSettings.of(repair.school).confirm_after_days)
    move(
        repair,
        Verb.FINISH,
        by=by,
        note=note,
        code="assets.finish_repair",
        state=State.DONE,
        outcome=outcome,
        started_at=repair.started_at or now,
        finished_at=now,
        confirm_by=confirm_by,
        **spent,
    )
    title = _("Please check: is it repaired?")
    tell_reporter(repair, cause="finished", title=title, body=note)
    if repair.reporter_id is None:
        tell(office(repair.school), repair, cause="finished", title=title, body=note)
    return repair


def _write_costs(repair: RepairRequest, parts: Sequence[Part], labour_cost: Decimal) -> dict[str, Any]:
    """Write down the material; return labour and whole cost, with what was spent before the repair was reopened."""
    for part in parts:
        RepairPart.objects.create(
            repair=repair,
            name=part.name,
            quantity=part.quantity,
            unit=part.unit,
            unit_price=part.unit_price,
            source=part.source,
        )
    labour = repair.labour_cost + labour_cost
    return {"labour_cost": labour, "cost": labour + (repair.parts.aggregate(sum=Sum("amount"))["sum"] or ZERO)}


@transaction.atomic
def confirm(
    repair: RepairRequest,
    *,
    by: User | None,
    as_guest: bool = False,
    rating: int | None = None,
    comment: str = "",
) -> RepairRequest:
    """Confirm that it is repaired: the reporter, or the office for a guest who left no account."""
    repair = locked(repair)
    require_reporter(repair, by=by, as_guest=as_guest)
    require_state(repair, State.DONE)
    move(
        repair,
        Verb.CONFIRM,
        by=by,
        note=comment.strip(),
        code="assets.confirm_repair",
        state=State.CONFIRMED,
        closed_at=timezone.now(),
        confirm_by=None,
        rating=rating,
        rating_comment=comment.strip(),
    )
    if repair.assigned_to is not None:
        tell([repair.assigned_to], repair, cause="confirmed", title=_("Your repair was confirmed"))
    return repair


@transaction.atomic
def confirm_itself(repair: RepairRequest) -> RepairRequest:
    """Confirm a repair to which nobody answered in time, and mark it so. Raises WrongState before its time."""
    repair = locked(repair)
    now = timezone.now()
    if repair.confirm_by is None or repair.confirm_by > now:
        require_state(repair)
    require_state(repair, State.DONE)
    return move(
        repair,
        Verb.CONFIRM_ITSELF,
        by=None,
        code="assets.confirm_repair_itself",
        state=State.CONFIRMED,
        closed_at=now,
        confirm_by=None,
        confirmed_automatically=True,
    )


def can_reopen(repair: RepairRequest) -> bool:
    """Say whether its reporter may still call it not repaired: while it is checked, and as long again afterwards."""
    if repair.state == State.DONE:
        return True
    if repair.state != State.CONFIRMED or repair.closed_at is None:
        return False
    return timezone.now() - repair.closed_at <= timedelta(days=RepairSettings.of(repair.school).confirm_after_days)


@transaction.atomic
def reopen(repair: RepairRequest, *, by: User | None, reason: str, as_guest: bool = False) -> RepairRequest:
    """Say that it is not repaired yet: back to the same maintainer, with a new time. Raises "reason_missing"."""
    repair = locked(repair)
    require_reporter(repair, by=by, as_guest=as_guest)
    require_state(repair, State.DONE, State.CONFIRMED)
    if not reason.strip():
        raise Refused(_("Say what is still wrong."), code="reason_missing", field="reason")
    if not can_reopen(repair):
        raise Refused(_("This was closed some time ago. Please report it again."), code="closed_too_long")
    move(
        repair,
        Verb.REOPEN,
        by=by,
        note=reason.strip(),
        code="assets.reopen_repair",
        state=back_in_hands(repair),
        due_at=due_moment(
            repair.school, RepairSettings.of(repair.school), dangerous=repair.is_dangerous, since=timezone.now()
        ),
        outcome="",
        finished_at=None,
        closed_at=None,
        confirm_by=None,
        confirmed_automatically=False,
        rating=None,
        rating_comment="",
        reopened_count=repair.reopened_count + 1,
    )
    people = office(repair.school) + ([repair.assigned_to] if repair.assigned_to else [])
    tell(people, repair, cause="reopened", title=_("Not repaired yet, says the reporter"), body=reason.strip())
    return repair


@transaction.atomic
def rate(
    repair: RepairRequest, *, by: User | None, rating: int, comment: str = "", as_guest: bool = False
) -> RepairRequest:
    """Rate a confirmed repair from 1 to 5, once. Raises Refused "already_rated"."""
    repair = locked(repair)
    require_reporter(repair, by=by, as_guest=as_guest)
    require_state(repair, State.CONFIRMED)
    if repair.rating is not None:
        raise Refused(_("You have rated this repair already."), code="already_rated", field="rating")
    return move(
        repair,
        Verb.RATE,
        by=by,
        code="assets.rate_repair",
        note=comment.strip(),
        rating=rating,
        rating_comment=comment.strip(),
    )
