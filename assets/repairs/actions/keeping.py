"""What is done every day: remind of what is late, forget guests."""

from collections import defaultdict

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from assets.repairs.actions.steps import office
from assets.repairs.models import GuestContact, RepairRequest
from houqin.accounts.models import User
from houqin.notices.actions import notify_all
from houqin.schools.models import School
from houqin.web.moments import moment

MOST = 500


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
