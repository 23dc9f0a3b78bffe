"""Rules about the code that `manage.py check` enforces."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

from houqin.schools.querysets import SchoolQuerySet
from houqin.schools.roles import PERMISSIONS

# Written and read by one function each, shown on no page.
_SHOWN_NOWHERE = {"schools.NumberSeries"}


def _ours() -> list[type[models.Model]]:
    """Return the models of the house's apps, without the event tables that pghistory makes for them."""
    return [
        model
        for model in apps.get_models()
        if not hasattr(model, "pgh_tracked_model")
        and model._meta.label not in _SHOWN_NOWHERE
        and not model.__module__.startswith(("django.", "pghistory.", "pgtrigger."))
    ]


@register()
def check_visibility(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a model of a school that does not say who may see its rows (houqin.E001, houqin.E002)."""
    messages: list[CheckMessage] = []
    for model in _ours():
        rows: Any = model._default_manager.all()
        may_see = getattr(type(rows), "visible_to", None)
        if may_see is None and _belongs_to_a_school(model) and not hasattr(model, "SHOWN_WITH"):
            problem = f"{model._meta.label} belongs to a school, but its queryset has no visible_to(user)."
            hint = "Build its manager from SchoolQuerySet, or say in SHOWN_WITH what is asked instead."
            messages.append(Error(problem, hint=hint, obj=model, id="houqin.E001"))
        if may_see is SchoolQuerySet.visible_to and getattr(model, "VIEW_PERMISSION", None) not in PERMISSIONS:
            problem = f"{model._meta.label} names no VIEW_PERMISSION of houqin.schools.roles."
            messages.append(Error(problem, obj=model, id="houqin.E002"))
    return messages


def _belongs_to_a_school(model: type[models.Model]) -> bool:
    """Whether rows of `model` are a school's; a school's own single row of settings is not read in lists."""
    school = next((item for item in model._meta.concrete_fields if item.name == "school"), None)
    return isinstance(school, models.ForeignKey) and not school.unique
