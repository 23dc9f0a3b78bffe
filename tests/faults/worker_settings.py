"""What a real worker in a fault test runs on: a broker, a mail server, and impatience."""

from houqin.settings.test import *  # noqa: F403  settings files are layers of one module
from houqin.settings.test import env

CELERY_TASK_ALWAYS_EAGER = False
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = env.int("SMTP_PORT")
EMAIL_TIMEOUT = 5
NOTICE_LEASE_SECONDS = 1
