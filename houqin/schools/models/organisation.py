"""Schools, and which stand under which."""

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from houqin.web import search


@pghistory.track()
class School(models.Model):
    """A school; one that others stand under is their central school (中心学校), they are its campuses."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    short_name = models.CharField(_("short name"), max_length=20, blank=True)
    code = models.SlugField(_("code"), max_length=20, unique=True, help_text=_("Short, for numbers and labels."))
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="campuses",
        verbose_name=_("central school"),
    )
    ancestor_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    office_phone = models.CharField(_("phone of the general affairs office"), max_length=20, blank=True)
    has_kitchen = models.BooleanField(_("has a kitchen"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    name_pinyin = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("school")
        verbose_name_plural = _("schools")
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="schools_school_not_own_parent",
                violation_error_message=_("A school cannot stand under itself."),
            ),
        ]
        indexes = [
            # schools.access: the schools below one where a central role is held
            GinIndex(fields=["ancestor_ids"], name="schools_school_ancestors"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_pinyin = search.pinyin(self.name)
        self.ancestor_ids = [*self.parent.ancestor_ids, self.parent.pk] if self.parent else []
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("schools:schools:detail", args=[self.pk])
