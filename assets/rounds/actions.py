"""Open a round, write its counts, close it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.rounds.models import RepairRound, RoundCount
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.models import Place, School
from houqin.schools.permissions import require
from houqin.web.trail import record_action


@dataclass(frozen=True, slots=True)
class Figures:
    """Counted, of these broken, of these repaired."""

    counted: int = 0
    broken: int = 0
    repaired: int = 0


@transaction.atomic
def open_round(school: School, *, by: User, name: str) -> RepairRound:
    """Open a round of counting and repairing at a campus (S46)."""
    require(by, "assets.manage_rounds", school)
    opened = RepairRound.objects.create(school=school, name=name, opened_by=by)
    record_action("assets.open_round", by=by, record=opened)
    return opened


@transaction.atomic
def count_place(
    repair_round: RepairRound, *, by: User, place: Place, figures: Mapping[str, Figures]
) -> list[RoundCount]:
    """Write the figures of one place, by kind of thing; figures of the same place are replaced.

    Raises WrongState once the round is closed; Refused "other_school", "more_broken" or "more_repaired".
    """
    repair_round = RepairRound.objects.select_for_update().get(pk=repair_round.pk)
    if not (by.has_perm("assets.manage_rounds", repair_round) or by.has_perm("assets.work_repair", repair_round)):
        require(by, "assets.manage_rounds", repair_round)
    if not repair_round.is_open:
        raise WrongState(_("This round is closed."), code="round_closed")
    if place.school_id != repair_round.school_id:
        raise Refused(_("This place belongs to another school."), code="other_school", field="place")
    written = []
    for thing, numbers in figures.items():
        label = RoundCount.Thing(thing).label
        if numbers.broken > numbers.counted:
            raise Refused(
                _("%(things)s: more broken than counted."),
                code="more_broken",
                field=f"{thing}_broken",
                params={"things": label},
            )
        if numbers.repaired > numbers.broken:
            raise Refused(
                _("%(things)s: more repaired than broken."),
                code="more_repaired",
                field=f"{thing}_repaired",
                params={"things": label},
            )
        count, _created = RoundCount.objects.update_or_create(
            round=repair_round,
            place=place,
            thing=thing,
            defaults={"counted": numbers.counted, "broken": numbers.broken, "repaired": numbers.repaired},
        )
        written.append(count)
    record_action("assets.count_place", by=by, record=repair_round, detail=place.full_name)
    return written


@transaction.atomic
def close_round(repair_round: RepairRound, *, by: User) -> RepairRound:
    """Close a round: its figures stay as they are. Raises WrongState when it is closed already."""
    repair_round = RepairRound.objects.select_for_update().get(pk=repair_round.pk)
    require(by, "assets.manage_rounds", repair_round)
    if not repair_round.is_open:
        raise WrongState(_("This round is closed."), code="round_closed")
    repair_round.closed_at = timezone.now()
    repair_round.save(update_fields=["closed_at"])
    record_action("assets.close_round", by=by, record=repair_round)
    return repair_round
