"""What runs by itself for the books: paper journals that were confirmed are posted."""

from celery import shared_task

from finance.journals import work


@shared_task
def post_journal(job_id: int) -> None:
    """Post one paper journal."""
    work.run_job(job_id)


@shared_task
def post_waiting() -> None:
    """Post journals that no message woke or whose worker died."""
    for job_id in work.due_jobs():
        work.run_job(job_id)
