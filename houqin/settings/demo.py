"""The demo: plain HTTP on one's own machine or school network, made-up data, a known password."""

from .base import *  # noqa: F403  settings files are layers of one module
from .base import HOUQIN_HOME, env

DEMO = True
DEMO_PASSWORD = "houqin-demo"
SECRET_KEY = env.str("SECRET_KEY", "demo-key-for-made-up-data-only-never-for-a-real-school")
ALLOWED_HOSTS = ["*"]
MAIL_IS_SET_UP = "EMAIL_URL" in env.ENVIRON
if not MAIL_IS_SET_UP:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = HOUQIN_HOME / "mail"
