"""What runs by itself for files."""

from celery import shared_task

from houqin.files.orphans import remove_unused


@shared_task
def remove_orphans() -> int:
    """Remove uploads that nothing has used for a day."""
    return remove_unused()
