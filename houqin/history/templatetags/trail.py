"""Show who changed a record: `{% load trail %}{% history record %}`."""

from typing import Any

from django import template
from django.db import models
from django.urls import reverse

from houqin.history.trail import changes, is_read_apart

register = template.Library()


@register.inclusion_tag("history/_trail.html")
def history(record: models.Model) -> dict[str, Any]:
    """Return the record's changes, newest first, folded up; most people never unfold them.

    They are read when somebody does, at no cost for the page. Records without `visible_to` show theirs at once.
    """
    if is_read_apart(type(record)):
        return {"url": reverse("history:changes", args=[record._meta.label_lower, record.pk])}
    return {"url": "", "changes": changes(record)}
