"""What all ways of running share: safe when nothing is set, values from the environment."""

from pathlib import Path
from typing import Any

import environ
from django.utils.translation import gettext_lazy as _

env = environ.Env()

ROOT = Path(__file__).resolve().parents[2]
# Uploads, finished exports and the embedded servers' data live below this folder.
HOUQIN_HOME = Path(env.str("HOUQIN_HOME", str(ROOT / ".houqin"))).resolve()

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "houqin.web",
    "houqin.accounts",
    "houqin.schools",
    "houqin.history",
    "houqin.files",
    "houqin.notices",
    "houqin.approvals",
    "houqin.exports",
    "houqin.imports",
    "assets",
    "finance",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "template_partials",
    "crispy_forms",
    "crispy_bootstrap5",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "houqin.web.proxy.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "houqin.web.middleware.LanguageMiddleware",
    "houqin.web.middleware.ReadableAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "houqin.accounts.middleware.SessionLimitMiddleware",
    "houqin.accounts.middleware.PrivatePagesMiddleware",
    "houqin.accounts.middleware.LoginMiddleware",
    "houqin.accounts.middleware.PasswordChangeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "houqin.web.middleware.OriginMiddleware",
    "houqin.schools.middleware.ActingSchoolMiddleware",
    "houqin.web.middleware.WrongMethodMiddleware",
    "houqin.history.middleware.TrailMiddleware",
]

ROOT_URLCONF = "houqin.urls"
WSGI_APPLICATION = "houqin.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "houqin.web.context.page",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
# A template that names an unknown variable is a fault: tests turn this into a failure.

DATABASES = {"default": env.db("DATABASE_URL", "postgres:///houqin")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# The role that `manage.py grant_rights` prepares for the running application.
DATABASE_APP_ROLE = env.str("DATABASE_APP_ROLE", "houqin_app")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message only hurries work along, so a page that sends one does not wait for a broker that is away.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "socket_connect_timeout": 2,
    # Longer than the second for which a worker listens at a time.
    "socket_timeout": 5,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Asia/Shanghai"

# auth.W004: usernames are unique regardless of case, by a constraint on Lower("username").
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["houqin.schools.backends.RoleBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "web:home"
LOGOUT_REDIRECT_URL = "accounts:login"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Seconds without a request, and seconds since login, after which one must log in again.
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", 12 * 3600)
SESSION_ABSOLUTE_SECONDS = env.int("SESSION_ABSOLUTE_SECONDS", 7 * 24 * 3600)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
# Attempts allowed within so many minutes ("10/15"), counted before any hashing; see houqin/accounts/limiter.py.
LOGIN_LIMITS = {
    name: env.str(f"LOGIN_LIMIT_{name.upper()}", default)
    for name, default in {
        "known_device": "10/15",  # one account on a device that it was used on before
        "unknown_devices": "10/15",  # one account on all other devices together
        "unknown_devices_day": "50/1440",
        "device": "60/15",  # all accounts on one device
        "address": "600/15",  # all unknown devices of one address: a whole school sits behind one
        "code": "10/60",  # one-time codes for one account on one device
        "code_account": "3000/60",  # and on all devices together; a code has 48 bits
        "mail": "3/60",  # letters with a link to a new password, for one account
    }.items()
}
ONE_TIME_CODE_HOURS = env.int("ONE_TIME_CODE_HOURS", 24)
# Seconds for which the link in a letter leads to a new password.
PASSWORD_RESET_TIMEOUT = env.int("PASSWORD_RESET_TIMEOUT", 2 * 3600)
# Whoever sets up a fresh server must know this, so that no stranger can.
FIRST_RUN_TOKEN = env.str("FIRST_RUN_TOKEN", "")
FIRST_RUN_NEEDS_TOKEN = True
CSRF_FAILURE_VIEW = "houqin.web.errors_views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# What lower floors need of higher ones, by name.
ACTION_LOG_WRITER = "houqin.history.actions.write"
ACTING_SCHOOL_CONTEXT = "houqin.schools.context.acting_school"
WHOSE_WORK = "houqin.schools.permissions.whose_work"
FIRST_RUN_URL = "schools:first_run"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = HOUQIN_HOME / "static"
MEDIA_ROOT = HOUQIN_HOME / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# The request header in which a proxy in front names the client; empty when there is none.
CLIENT_ADDRESS_HEADER = env.str("CLIENT_ADDRESS_HEADER", "")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "houqin@localhost")
EMAIL_TIMEOUT = 20
# How links in e-mails and on labels begin; no slash at the end.
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
# How long a worker may take over one message before it is taken for dead; well above EMAIL_TIMEOUT.
NOTICE_LEASE_SECONDS = env.int("NOTICE_LEASE_SECONDS", 180)
# Without mail the "forgot password" page says to ask the office for a one-time code instead.
MAIL_IS_SET_UP = "EMAIL_URL" in env.ENVIRON

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"fontTools": {"level": "WARNING"}, "fpdf": {"level": "WARNING"}, "weasyprint": {"level": "ERROR"}},
}

PGHISTORY_APPEND_ONLY = True

# Reports of faults within ten minutes, counted before the work: from one device, at one place, by one person.
# There is no limit per address, since a whole school sits behind one.
REPORTS_PER_DEVICE = env.int("REPORTS_PER_DEVICE", 12)
REPORTS_PER_PLACE = env.int("REPORTS_PER_PLACE", 30)
REPORTS_PER_PERSON = env.int("REPORTS_PER_PERSON", 60)

# How long a finished export is kept, and how many a person may have on their way at once.
EXPORT_KEEP_DAYS = env.int("EXPORT_KEEP_DAYS", 14)
EXPORT_JOBS_PER_PERSON = env.int("EXPORT_JOBS_PER_PERSON", 3)

# Only the demo's own settings change these.
DEMO = False
DEMO_PASSWORD = ""
DEMO_ACCOUNTS: list[tuple[str, Any]] = []
