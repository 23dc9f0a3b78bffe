"""What runs by itself for imports."""

from celery import shared_task

from houqin.imports import work


@shared_task
def run(job_id: int) -> None:
    """Go on with one import."""
    work.run_job(job_id)


@shared_task
def run_waiting() -> None:
    """Go on with imports that no message woke or whose worker died, and clear away old ones."""
    for job_id in work.due_jobs():
        work.run_job(job_id)
    work.remove_old()
