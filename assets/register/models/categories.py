"""The national classification of things (GB/T 14885-2022), and how long a school uses them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet
from houqin.web import search

MAX_YEARS = 100


class CategoryQuerySet(models.QuerySet["AssetCategory"]):
    """Categories; nobody's in particular, everybody may read them."""

    def registrable(self) -> Self:
        """Keep those whose things get a card."""
        return self.exclude(kind=AssetCategory.Kind.NOT_FIXED_ASSET).order_by("code")


class AssetCategory(models.Model):
    """A category; the table ships with the application and belongs to no school."""

    class Kind(models.TextChoices):
        FIXED_ASSET = "fixed_asset", _("fixed asset")
        INTANGIBLE = "intangible", _("intangible asset")
        NOT_FIXED_ASSET = "not_fixed_asset", _("no fixed asset")

    class Group(models.TextChoices):
        """The top classes of the standard; the first three characters of every code."""

        BUILDING = "A01", _("buildings and structures")
        EQUIPMENT = "A02", _("equipment")
        RELIC = "A03", _("relics and exhibits")
        BOOK = "A04", _("books and archives")
        FURNITURE = "A05", _("furniture and utensils")
        LIVING = "A06", _("animals and plants")
        GOODS = "A07", _("goods")
        INTANGIBLE = "A08", _("intangible assets")

    code = models.CharField(_("code"), max_length=12, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("stands under")
    )
    level = models.PositiveSmallIntegerField(_("level"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.FIXED_ASSET)
    unit = models.CharField(_("unit"), max_length=10, blank=True)
    is_depreciable = models.BooleanField(_("depreciated"), default=True)
    useful_life_years = models.PositiveSmallIntegerField(
        _("useful life in years"), null=True, blank=True, help_text=_("For schools; empty where the table has none.")
    )
    is_verified = models.BooleanField(_("code checked against the standard"), default=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    search_text = models.TextField(blank=True, editable=False)

    objects: ClassVar[CategoryQuerySet] = CategoryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("asset category")
        verbose_name_plural = _("asset categories")
        constraints = [
            models.CheckConstraint(
                condition=Q(useful_life_years__isnull=True) | Q(useful_life_years__range=(1, MAX_YEARS)),
                name="assets_assetcategory_years",
                violation_error_message=_("The useful life is between 1 and 100 years."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @classmethod
    def below(cls, code: str, known: Mapping[str, "AssetCategory"]) -> "AssetCategory":
        """Return a new category of `code`, like the nearest class above it that is `known`; each two digits a level."""
        stem = code[:3]
        above = [stem + code[3:end] for end in range(3, len(code), 2)]
        parents = [known[upper] for part in above if (upper := part.ljust(len(code), "0")) in known and upper != code]
        parent = parents[-1] if parents else None
        digits = code[1:].rstrip("0")
        category = cls(code=code, parent=parent, level=max(1, (len(digits) + 1) // 2))
        if parent is not None:
            category.kind, category.is_depreciable = parent.kind, parent.is_depreciable
            category.useful_life_years = parent.useful_life_years
        return category

    def write_search(self) -> None:
        """Write what the search box finds."""
        self.search_text = search.search_text(self.code, self.name_zh, self.name_en, phonetic=(self.name_zh,))

    @staticmethod
    def matching(text: str) -> Q:
        """Return the condition that every word of `text` stands in code, names or initials (a table of hundreds)."""
        condition = Q()
        for word in text.lower().split()[: search.MAX_TERMS]:
            condition &= Q(search_text__contains=word)
        return condition

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        chinese = (get_language() or "zh").startswith("zh")
        return self.name_zh if chinese or not self.name_en else self.name_en

    @property
    def group(self) -> str:
        """The top class, "A02" for equipment."""
        return self.code[:3]


class CategoryLifeQuerySet(SchoolQuerySet):
    """Useful lives that schools set themselves."""

    def holding_at(self, school: School) -> dict[int, int]:
        """Return the years by category id that hold at `school`, its own or the nearest above. One query."""
        order = [*school.ancestor_ids, school.pk]
        rows = sorted(
            self.filter(school__in=order).values_list("school_id", "category_id", "years"),
            key=lambda row: order.index(row[0]),
        )
        return {category_id: years for _school_id, category_id, years in rows}


@pghistory.track()
class CategoryLife(models.Model):
    """A school's own useful life of a category; a central school's holds for the campuses below it."""

    VIEW_PERMISSION = "assets.view_register"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    category = models.ForeignKey(
        AssetCategory, on_delete=models.PROTECT, related_name="lives", verbose_name=_("asset category")
    )
    years = models.PositiveSmallIntegerField(_("useful life in years"))

    objects: ClassVar[CategoryLifeQuerySet] = CategoryLifeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("school's useful life")
        verbose_name_plural = _("school's useful lives")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "category"],
                name="assets_categorylife_once",
                violation_error_message=_("This school already has a life of its own for this category."),
            ),
            models.CheckConstraint(
                condition=Q(years__range=(1, MAX_YEARS)),
                name="assets_categorylife_years",
                violation_error_message=_("The useful life is between 1 and 100 years."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category}: {self.years}"


class ThresholdQuerySet(models.QuerySet["AssetThreshold"]):
    """Lines between a fixed asset and a consumable."""

    def visible_to(self, user: Any) -> Self:
        """Keep the national lines, and those of the schools that `user` reaches and of the schools above them."""
        access = access_of(user)
        reached = access.schools_with(AssetThreshold.VIEW_PERMISSION)
        above = {pk for school_id in reached for pk in access.schools[school_id].ancestor_ids}
        return self.filter(Q(school__isnull=True) | Q(school__in=reached | above))

    def holding_at(self, school: School) -> Self:
        """Keep the lines that count at `school`: national, the central school's, its own."""
        return self.filter(Q(school__isnull=True) | Q(school__in=[school.pk, *school.ancestor_ids]))

    def line(self, school: School, on: date, *, special: bool = False) -> "AssetThreshold | None":
        """Return the line that held on a day at `school`: its own, else the central school's, else the national."""
        kinds = AssetThreshold.Kind
        wanted = kinds.SPECIAL if special else kinds.GENERAL
        rows = list(self.holding_at(school).filter(kind=wanted, valid_from__lte=on))
        order = {pk: place for place, pk in enumerate([None, *school.ancestor_ids, school.pk])}
        return max(rows, key=lambda row: (order[row.school_id], row.valid_from), default=None)


class AssetThreshold(models.Model):
    """The unit price from which a thing is a fixed asset, since a day; nationally or of one school."""

    VIEW_PERMISSION = "assets.view_register"

    class Kind(models.TextChoices):
        GENERAL = "general", _("general")
        SPECIAL = "special", _("special equipment")

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("school")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.GENERAL)
    valid_from = models.DateField(_("valid from"))
    amount = models.DecimalField(_("unit price from"), max_digits=12, decimal_places=2)

    objects: ClassVar[ThresholdQuerySet] = ThresholdQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("asset threshold")
        verbose_name_plural = _("asset thresholds")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "valid_from"],
                name="assets_assetthreshold_once",
                nulls_distinct=False,
                violation_error_message=_("There is already a line from that day."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="assets_assetthreshold_amount",
                violation_error_message=_("The amount must be above zero."),
            ),
            models.CheckConstraint(condition=Q(kind__in=["general", "special"]), name="assets_assetthreshold_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from}: {self.amount}"
