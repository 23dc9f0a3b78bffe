"""What all actions on repairs share: lock, check the state, move, write the step."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assets.repairs.models import RepairRequest, RepairSettings, RepairStep, State
from houqin.accounts.models import User
from houqin.errors import NotAllowed, WrongState
from houqin.notices.actions import notify_all
from houqin.schools.calendar import add_working_days
from houqin.schools.models import School
from houqin.schools.people import people_with
from houqin.web.trail import record_action

Verb = RepairStep.Verb
Text = str | Promise
END_OF_WORK = time(18, 0)


def locked(repair: RepairRequest) -> RepairRequest:
    """Return the repair's row, locked until the transaction ends."""
    return (
        RepairRequest.objects.select_for_update(of=("self",))
        .select_related("school", "place", "reporter", "assigned_to")
        .get(pk=repair.pk)
    )


def require_state(repair: RepairRequest, *allowed: State) -> None:
    """Raise WrongState unless the repair is in one of `allowed`."""
    if repair.state not in allowed:
        raise WrongState(
            _("This repair is now “%(state)s”, so this step is no longer possible."),
            params={"state": repair.get_state_display()},
        )


def move(
    repair: RepairRequest,
    verb: str,
    *,
    by: User | None,
    code: str,
    state: State | None = None,
    to: User | None = None,
    note: str = "",
    at: datetime | None = None,
    **fields: Any,
) -> RepairRequest:
    """Save the new state and fields, write the step of the timeline and the row of the action log."""
    before = repair.state
    if state is not None:
        fields["state"] = state
    for name, value in fields.items():
        setattr(repair, name, value)
    if fields:
        repair.save(update_fields=list(fields))
    RepairStep.objects.create(
        repair=repair,
        verb=verb,
        by=by,
        to=to,
        note=note,
        at=at or timezone.now(),
        from_state=before,
        to_state=repair.state,
    )
    record_action(code, by=by, record=repair, school=repair.school)
    return repair


def require_reporter(repair: RepairRequest, *, by: User | None, as_guest: bool) -> None:
    """Raise NotAllowed unless this is the reporter, a guest with the secret link, or the office for a guest."""
    if as_guest and repair.reporter_id is None:
        return
    if by is not None and repair.reporter_id == by.pk:
        return
    if by is not None and repair.reporter_id is None and by.has_perm("assets.triage_repair", repair):
        return
    raise NotAllowed(_("Only the person who reported it can say this."), code="not_reporter")


def due_moment(school: School, settings: RepairSettings, *, dangerous: bool, since: datetime) -> datetime:
    """Return when a repair reported at `since` should be finished, by the school's settings."""
    if dangerous:
        return since + timedelta(hours=settings.danger_hours)
    day = add_working_days(timezone.localtime(since).date(), settings.normal_days, school)
    return timezone.make_aware(datetime.combine(day, END_OF_WORK))


def device_mark(device: str) -> str:
    """Return what is kept of a device cookie: enough to know it again, not enough to be it."""
    return hashlib.sha256(f"repairs:{device}".encode()).hexdigest() if device else ""


def works_here(person: User, school: School) -> bool:
    """Say whether the person repairs at the school today."""
    return people_with("assets.work_repair", school).filter(pk=person.pk).exists()


def back_in_hands(repair: RepairRequest) -> State:
    """Return the state in which work is ahead again: with its maintainer, or to assign when that one has left."""
    person = repair.assigned_to
    return State.ASSIGNED if person is not None and works_here(person, repair.school) else State.ACCEPTED


def tell(
    people: Iterable[User], repair: RepairRequest, *, cause: str, title: Text, body: Text = "", url: str = ""
) -> None:
    """Notify `people` about the repair, once per cause and change."""
    notify_all(
        people,
        cause=f"repair:{repair.pk}:{cause}",
        moment=timezone.now(),
        title=title,
        body=body or f"{repair.place.full_name}　{repair.description[:60]}",
        url=url or repair.get_absolute_url(),
        school=repair.school,
        urgent=repair.is_urgent,
    )


def tell_reporter(repair: RepairRequest, *, cause: str, title: Text, body: Text = "") -> None:
    """Notify the reporter and the followers who have an account."""
    followers = repair.followers.filter(user__isnull=False).select_related("user")
    people = [follower.user for follower in followers if follower.user is not None]
    tell(people, repair, cause=cause, title=title, body=body)
    reporter = repair.reporter
    if reporter is not None:
        # A visitor from another school cannot open the record, but has the secret link.
        url = "" if reporter.has_perm("assets.report_repair", repair) else repair.status_url
        tell([reporter], repair, cause=cause, title=title, body=body, url=url)


def office(school: School) -> list[User]:
    """Return the people who assign repairs at the school."""
    return list(people_with("assets.triage_repair", school))
