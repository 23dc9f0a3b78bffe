"""The demo: plain HTTP on one's own machine or school network, made-up data, a known password."""

from django.utils.translation import gettext_lazy as _

from .base import *  # noqa: F403  settings files are layers of one module
from .base import HOUQIN_HOME, env

DEMO = True
DEMO_PASSWORD = "houqin-demo"  # noqa: S105  shown on the demo's login page
# Offered on the login page: username and what it is.
DEMO_ACCOUNTS = [
    ("staff", _("staff")),
    ("maintainer", _("maintainer")),
    ("logistics", _("head of general affairs")),
    ("safety_officer", _("safety officer")),
    ("canteen_manager", _("canteen manager")),
    ("principal", _("principal")),
    ("accountant", _("accountant")),
    ("chief_accountant", _("chief accountant")),
    ("cashier", _("cashier")),
    ("central_officer", _("central school officer")),
    ("auditor", _("inspector / auditor")),
    ("staff2", _("staff of another school")),
]
FIRST_RUN_NEEDS_TOKEN = False
SECRET_KEY = env.str("SECRET_KEY", "demo-key-for-made-up-data-only-never-for-a-real-school")
ALLOWED_HOSTS = ["*"]
MAIL_IS_SET_UP = "EMAIL_URL" in env.ENVIRON
if not MAIL_IS_SET_UP:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = HOUQIN_HOME / "mail"
