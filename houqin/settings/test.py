"""What the tests run on: real servers, quick hashing, files in a folder that goes away."""

from .base import *  # noqa: F403  settings files are layers of one module
from .base import STORAGES, env

SECRET_KEY = "test-key"  # noqa: S105  guards nothing
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Static files straight from their folders: nothing is collected for tests.
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MAIL_IS_SET_UP = True
CELERY_TASK_ALWAYS_EAGER = env.bool("CELERY_TASK_ALWAYS_EAGER", True)
CELERY_TASK_EAGER_PROPAGATES = True
FIRST_RUN_NEEDS_TOKEN = False
