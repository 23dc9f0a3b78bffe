"""Show who changed a record: `{% load trail %}{% history record %}`."""

from typing import Any

from django import template
from django.db import models

from houqin.history.trail import changes

register = template.Library()


@register.inclusion_tag("history/_trail.html")
def history(record: models.Model) -> dict[str, Any]:
    """Return the record's changes, newest first, folded up. What it costs: see `changes`."""
    return {"changes": changes(record)}
