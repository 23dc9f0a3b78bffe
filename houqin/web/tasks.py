"""What the pages tidy up by themselves."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from houqin.web.models import SubmittedForm, UseCount

# A form may lie open in a tab for days before it is sent twice; counts matter within their window only.
KEEP_FORMS = timedelta(days=7)
KEEP_COUNTS = timedelta(days=2)


@shared_task
def remove_old_keys() -> None:
    """Forget keys of submitted forms and counts of use that can no longer matter."""
    now = timezone.now()
    SubmittedForm.objects.filter(submitted_at__lt=now - KEEP_FORMS).delete()
    UseCount.objects.filter(window_start__lt=now - KEEP_COUNTS).delete()
