"""Where things are: buildings, rooms, grounds and structures, each with a short code and a QR."""

from secrets import token_urlsafe
from typing import Any, ClassVar

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from houqin.schools.models.organisation import School
from houqin.schools.querysets import SchoolQuerySet
from houqin.web import search


def new_token() -> str:
    """Return a random token for a QR address: 12 characters, not to be guessed."""
    return token_urlsafe(9)


_ICONS = {"building": "building", "room": "door", "ground": "map", "structure": "wall"}


class PlaceQuerySet(SchoolQuerySet):
    """Places of schools."""

    def open(self) -> "PlaceQuerySet":
        """Keep the places in use."""
        return self.filter(is_active=True)


@pghistory.track(exclude=["search_text", "search_pieces", "name_pinyin"])
class Place(models.Model):
    """A place of a school; rooms stand in buildings, so places form a tree."""

    VIEW_PERMISSION = "schools.view_places"
    WRITTEN_NAMES = ("full_name", "name_pinyin", "search_text")

    class Kind(models.TextChoices):
        BUILDING = "building", _("building")
        ROOM = "room", _("room")
        GROUND = "ground", _("ground")
        STRUCTURE = "structure", _("structure (gate, wall, corridor)")

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="places", verbose_name=_("school"))
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("stands in")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.ROOM)
    name = models.CharField(_("name"), max_length=60)
    code = models.CharField(_("short code"), max_length=20)
    token = models.CharField(_("QR token"), max_length=24, unique=True, default=new_token, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    full_name = models.CharField(_("full name"), max_length=200, blank=True, editable=False)
    name_pinyin = models.CharField(max_length=400, blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    search_pieces = search.search_pieces_field()

    objects: ClassVar[PlaceQuerySet] = PlaceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "code"],
                name="schools_place_code",
                violation_error_message=_("Another place of this school has this code."),
            ),
            models.UniqueConstraint(
                fields=["school", "parent", "name"],
                name="schools_place_name",
                nulls_distinct=False,
                violation_error_message=_("There is already a place of this name there."),
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="schools_place_not_own_parent",
                violation_error_message=_("A place cannot stand in itself."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["building", "room", "ground", "structure"]), name="schools_place_kind"
            ),
        ]
        indexes = [
            # list of places of one school, and of all for central roles
            models.Index(fields=["school", "name_pinyin", "id"], name="schools_place_by_school"),
            models.Index(fields=["name_pinyin", "id"], name="schools_place_by_name"),
            GinIndex(fields=["search_pieces"], name="schools_place_search"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.write_names()
        fields = kwargs.get("update_fields")
        if fields is not None and {"name", "code", "parent"} & set(fields):
            kwargs["update_fields"] = {*fields, *self.WRITTEN_NAMES}
        super().save(*args, **kwargs)

    def write_names(self) -> None:
        """Set what is derived from the name, the code and the building; the places within are not touched."""
        self.full_name = f"{self.parent.full_name}{self.name}" if self.parent else self.name
        self.name_pinyin = search.pinyin(self.full_name)[:400]
        self.search_text = search.search_text(self.full_name, self.code, phonetic=(self.full_name,))

    def get_absolute_url(self) -> str:
        return reverse("schools:places:detail", args=[self.pk])

    @property
    def icon(self) -> str:
        """The icon of its kind in the sprite."""
        return _ICONS[self.kind]
