"""What makes exports by itself: the message that wakes a worker, the sweep for lost ones, the broom."""

from celery import shared_task
from django.utils import timezone

from houqin.exports import actions
from houqin.exports.models import ExportJob


@shared_task
def run_export(job_id: int) -> None:
    """Write one export."""
    job = ExportJob.objects.filter(pk=job_id).first()
    if job is not None:
        actions.run(job)


@shared_task
def run_waiting() -> None:
    """Wake a worker for every export that waits, or whose worker fell silent."""
    for job_id in ExportJob.objects.due().order_by("asked_at").values_list("pk", flat=True):
        run_export.delay(job_id)


@shared_task
def remove_expired() -> None:
    """Remove the files whose time is over."""
    over = ExportJob.objects.filter(state=ExportJob.State.DONE, expires_at__lte=timezone.now())
    for job in over:
        actions.expire(job)
