"""What runs by itself: the sweep, every minute and after each commit that told somebody something."""

from celery import shared_task

from houqin.notices.delivery import claim_next, deliver

# A task ends after so many, so that workers can be stopped; the rest waits for the next wake or sweep.
BATCH = 100


@shared_task(name="houqin.notices.tasks.deliver_due")
def deliver_due() -> int:
    """Deliver what is due; return how many went out. Any number may run at once, each row is claimed by one."""
    sent = 0
    for _turn in range(BATCH):
        delivery = claim_next()
        if delivery is None:
            break
        sent += deliver(delivery)
    return sent
