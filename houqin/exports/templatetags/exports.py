"""What a list's export button offers."""

from typing import Any

from django import template

from houqin.exports import registry
from houqin.exports.models import ExportJob

register = template.Library()


@register.simple_tag(takes_context=True)
def export_formats(context: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    """Return code and name of the formats of an export, none when the person may not export it. No query."""
    request = context["request"]
    definition = registry.get(kind)
    if definition is None or not request.user.has_perm(definition.permission, request.acting.school):
        return []
    return [(code, str(ExportJob.Format(code).label)) for code in definition.formats]


@register.filter
def grouped(value: int) -> str:
    """Return 61,234."""
    return f"{value:,}"
