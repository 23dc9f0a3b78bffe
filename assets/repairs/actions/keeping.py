"""What is done every day, or when names and holidays change: remind, forget guests, write and count anew."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from assets.repairs.actions.steps import Verb, due_moment, office
from assets.repairs.models import UNFINISHED, GuestContact, RepairRequest, RepairSettings
from houqin.accounts.models import User
from houqin.notices.actions import notify_all
from houqin.schools.models import School
from houqin.web.moments import moment

MOST = 500
# With these the time to repair begins.
CLOCK_STARTS = (Verb.REPORT, Verb.REOPEN, Verb.NO_DANGER)


@transaction.atomic
def remind_late() -> int:
    """Tell maintainer and office of each late repair, once a day however often this runs; return how many."""
    now = timezone.now()
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    offices: dict[School, list[User]] = defaultdict(list)
    late = list(RepairRequest.objects.late().select_related("school", "place", "assigned_to").order_by("due_at")[:MOST])
    for repair in late:
        if repair.school not in offices:
            offices[repair.school] = office(repair.school)
        people = offices[repair.school] + ([repair.assigned_to] if repair.assigned_to else [])
        notify_all(
            people,
            cause=f"repair:{repair.pk}:late",
            moment=today,
            title=_("A repair is late"),
            body=format_lazy("{}　{}　{}", repair.place.full_name, repair.description[:60], moment(repair.due_at)),
            url=repair.get_absolute_url(),
            school=repair.school,
        )
    unexplained = RepairRequest.objects.filter(
        emergency_at__isnull=False, emergency_reason_at__isnull=True, emergency_reason_due__lt=now
    ).select_related("school", "assigned_to")
    for repair in unexplained[:MOST]:
        people = office(repair.school) + ([repair.assigned_to] if repair.assigned_to else [])
        notify_all(
            people,
            cause=f"repair:{repair.pk}:unexplained",
            moment=today,
            title=_("Write why this repair could not wait for approval"),
            body=repair.description[:60],
            url=repair.get_absolute_url(),
            school=repair.school,
        )
    return len(late)


@transaction.atomic
def forget_guests() -> int:
    """Delete guests' contacts whose day has come, and the marks of their devices; return how many."""
    due = GuestContact.objects.filter(forget_on__lte=timezone.localdate())
    RepairRequest.objects.filter(guest__in=due).update(device="")
    forgotten, _by_model = due.delete()
    return forgotten


@transaction.atomic
def write_names_anew(kind: str, ids: Sequence[int]) -> None:
    """Write what repairs repeat of places ("place") or persons ("person") that have a new name."""
    renamed = Q(place__in=ids) if kind == "place" else Q(reporter__in=ids) | Q(assigned_to__in=ids)
    repairs = RepairRequest.objects.filter(renamed).select_related("place", "reporter", "assigned_to").order_by("pk")
    last = 0
    while batch := list(repairs.filter(pk__gt=last)[:MOST]):
        for repair in batch:
            repair.write_keys()
        RepairRequest.objects.bulk_update(batch, RepairRequest.WRITTEN_KEYS)
        last = batch[-1].pk


@transaction.atomic
def count_due_anew(year: int) -> None:
    """Count the times of unfinished repairs anew that fall into `year`, whose public holidays are known now."""
    repairs = (
        RepairRequest.objects.open()
        .filter(state__in=UNFINISHED, is_dangerous=False, due_at__year=year)
        .select_related("school")
        .annotate(since=Max("steps__at", filter=Q(steps__verb__in=CLOCK_STARTS)))
    )
    for repair in repairs:
        settings = RepairSettings.of(repair.school)
        repair.due_at = due_moment(repair.school, settings, dangerous=False, since=repair.since or repair.reported_at)
        repair.save(update_fields=["due_at"])
