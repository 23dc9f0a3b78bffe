"""The Celery application and the whole schedule of what runs by itself.

Messages only wake workers: what is due stands in PostgreSQL, and a sweep finds what no message woke.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "houqin.settings.production")

app = Celery("houqin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "houqin.web",
        "houqin.accounts",
        "houqin.notices",
        "houqin.files",
        "houqin.exports",
        "houqin.imports",
        "assets.repairs",
        "finance.ledger",
        "finance.journals",
    ]
)

app.conf.beat_schedule = {
    "notices-deliver-due": {"task": "houqin.notices.tasks.deliver_due", "schedule": crontab()},
    "exports-run-waiting": {"task": "houqin.exports.tasks.run_waiting", "schedule": crontab()},
    "exports-remove-expired": {"task": "houqin.exports.tasks.remove_expired", "schedule": crontab(minute="17")},
    "imports-run-waiting": {"task": "houqin.imports.tasks.run_waiting", "schedule": crontab()},
    "files-remove-orphans": {"task": "houqin.files.tasks.remove_orphans", "schedule": crontab(hour="3", minute="20")},
    "accounts-remove-expired": {
        "task": "houqin.accounts.tasks.remove_expired",
        "schedule": crontab(hour="3", minute="30"),
    },
    "web-remove-old-keys": {"task": "houqin.web.tasks.remove_old_keys", "schedule": crontab(hour="3", minute="40")},
    "repairs-confirm-due": {"task": "assets.repairs.tasks.confirm_due", "schedule": crontab(minute="*/10")},
    "repairs-remind-late": {"task": "assets.repairs.tasks.remind_late", "schedule": crontab(minute="5")},
    "repairs-forget-guests": {"task": "assets.repairs.tasks.forget_guests", "schedule": crontab(hour="3", minute="5")},
    "journals-post-waiting": {"task": "finance.journals.tasks.post_waiting", "schedule": crontab()},
    "ledger-note-heads": {"task": "finance.ledger.tasks.note_heads", "schedule": crontab(hour="23", minute="50")},
}
