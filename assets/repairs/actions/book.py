"""Take over the repairs of the paper book."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from assets.repairs.actions.reporting import NUMBER_PREFIX
from assets.repairs.actions.steps import END_OF_WORK, Verb, due_moment
from assets.repairs.models import RepairRequest, RepairSettings, RepairStep, State
from houqin.accounts.models import User
from houqin.schools.models import Place, School
from houqin.schools.numbers import next_number
from houqin.schools.permissions import require
from houqin.web.trail import record_action


@dataclass(frozen=True, slots=True)
class BookEntry:
    """A line of the paper book."""

    place: Place
    kind: str
    description: str
    reported_at: datetime
    reporter_name: str = ""
    is_dangerous: bool = False
    finished_on: date | None = None


@transaction.atomic
def take_over_book(
    school: School, *, by: User, entries: Sequence[BookEntry], progress: Callable[[int], None] = lambda _done: None
) -> int:
    """Make repairs of a paper book's lines; return how many.

    Numbers count on in the month of each line. Lines that say when they were finished become completed
    repairs; nobody is notified of them, and only the reported and finished times are known.
    """
    require(by, "assets.triage_repair", school)
    settings = RepairSettings.of(school)
    known = _by_name(school)
    for done, entry in enumerate(entries, start=1):
        finished_at = _finished_at(entry)
        reporter = known.get(entry.reporter_name)
        repair = RepairRequest.objects.create(
            school=school,
            number=next_number(school, NUMBER_PREFIX, at=entry.reported_at),
            place=entry.place,
            kind=entry.kind,
            description=entry.description,
            is_dangerous=entry.is_dangerous,
            via=RepairRequest.Via.BOOK,
            reporter=reporter,
            book_reporter="" if reporter else entry.reporter_name,
            reported_at=entry.reported_at,
            due_at=due_moment(school, settings, dangerous=entry.is_dangerous, since=entry.reported_at),
            state=State.CONFIRMED if finished_at else State.REPORTED,
            finished_at=finished_at,
            closed_at=finished_at,
            outcome=RepairRequest.Outcome.REPAIRED if finished_at else "",
        )
        RepairStep.objects.create(
            repair=repair, verb=Verb.REPORT, by=reporter, at=entry.reported_at, to_state=State.REPORTED
        )
        if finished_at:
            RepairStep.objects.create(
                repair=repair, verb=Verb.FINISH, by=None, at=finished_at, to_state=State.CONFIRMED
            )
        progress(done)
    record_action("assets.take_over_repairs", by=by, school=school, detail=str(len(entries)))
    return len(entries)


def _by_name(school: School) -> dict[str, User]:
    """Return the people of the school by their names, without namesakes: the book does not tell them apart."""
    people = list(User.objects.filter(memberships__school=school).distinct())
    times = Counter(person.display_name for person in people)
    return {person.display_name: person for person in people if times[person.display_name] == 1}


def _finished_at(entry: BookEntry) -> datetime | None:
    """Return the end of work of the day that the book names, or the report's time when that is later."""
    if entry.finished_on is None:
        return None
    end = timezone.make_aware(datetime.combine(entry.finished_on, END_OF_WORK))
    midnight = timezone.make_aware(datetime.combine(entry.finished_on, time(23, 59)))
    return end if end > entry.reported_at else max(midnight, entry.reported_at)
