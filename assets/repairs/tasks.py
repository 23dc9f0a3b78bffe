"""What repairs do by themselves: find what is due and call the same actions as the pages."""

from celery import shared_task
from django.utils import timezone

from assets.repairs import actions
from assets.repairs.models import RepairRequest, State
from houqin.errors import Refused

BATCH = 500


@shared_task
def confirm_due() -> int:
    """Confirm repairs to which nobody answered in time; return how many."""
    due = RepairRequest.objects.filter(state=State.DONE, confirm_by__lte=timezone.now()).order_by("confirm_by")
    confirmed = 0
    for repair in due[:BATCH]:
        try:
            actions.confirm_itself(repair)
        except Refused:
            continue  # the reporter was quicker
        confirmed += 1
    return confirmed


@shared_task
def remind_late() -> int:
    """Tell the maintainer and the office once a day of repairs that are late and of reasons not yet written."""
    return actions.remind_late()


@shared_task
def forget_guests() -> int:
    """Forget guests' names, phones and devices whose time has come; return how many."""
    return actions.forget_guests()
