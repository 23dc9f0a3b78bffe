"""The product as schools run it, for the benchmark's processes: the same apps and middleware, made-up secrets."""

from houqin.settings.base import *  # noqa: F403  settings files are layers of one module
from houqin.settings.base import STORAGES

SECRET_KEY = "benchmark"  # noqa: S105  guards nothing
ALLOWED_HOSTS = ["*"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# One person posts hundreds of reports within a minute here.
REPORTS_PER_PERSON = REPORTS_PER_DEVICE = REPORTS_PER_PLACE = 10**9
LOGGING = {"version": 1, "disable_existing_loggers": False}
