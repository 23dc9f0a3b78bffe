"""What runs by itself for the books: paper journals that were confirmed are posted."""

from celery import shared_task

from finance.books import journal_work


@shared_task
def post_journal(job_id: int) -> None:
    """Post one paper journal."""
    journal_work.run_job(job_id)


@shared_task
def post_waiting() -> None:
    """Post journals that no message woke or whose worker died."""
    for job_id in journal_work.due_jobs():
        journal_work.run_job(job_id)
