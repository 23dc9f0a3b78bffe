"""The WSGI door for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "houqin.settings.production")

application = get_wsgi_application()

# Everything loaded so far stays as long as the process, so the collector need not walk it again and again, which takes
# a tenth of a page. The routes bring the views along.
get_resolver().url_patterns  # noqa: B018  loads them
gc.collect()
gc.freeze()
