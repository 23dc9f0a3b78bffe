"""Who sells to the schools of one central school."""

from typing import Any, ClassVar, Self

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.web import search


def tree_id(school: School) -> int:
    """Return the id of the school above all of `school`'s, which may be itself."""
    return school.ancestor_ids[0] if school.ancestor_ids else school.pk


class SupplierQuerySet(models.QuerySet["Supplier"]):
    """Suppliers; a central school and its campuses share theirs."""

    def visible_to(self, user: Any) -> Self:
        """Keep those of the trees in which `user` may see suppliers at some school."""
        access = access_of(user)
        schools = access.schools_with(Supplier.VIEW_PERMISSION)
        return self.filter(school_id__in={tree_id(access.schools[pk]) for pk in schools})

    def at(self, school: School | None) -> Self:
        """Keep those of the tree of `school`; None keeps all."""
        return self if school is None else self.filter(school_id=tree_id(school))

    def active(self) -> Self:
        """Keep those from whom one still buys."""
        return self.filter(is_active=True)


@pghistory.track(exclude=["name_pinyin", "search_text", "search_pieces"])
class Supplier(models.Model):
    """Somebody who sells: known to all schools under one central school, entered once."""

    VIEW_PERMISSION = "finance.view_suppliers"

    # The central school, or the school itself when none stands above it.
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", editable=False, verbose_name=_("central school")
    )
    name = models.CharField(_("supplier's name"), max_length=100)
    contact = models.CharField(_("contact person"), max_length=40, blank=True)
    phone = models.CharField(
        _("phone"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^[0-9+][0-9 \-]*$", _("A phone number has digits, blanks and dashes."))],
    )
    # 统一社会信用代码: 18 digits and capitals; older taxpayer numbers have 15 to 20.
    taxpayer_number = models.CharField(
        _("taxpayer number"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^[0-9A-Z]{15,20}$", _("15 to 20 digits and capital letters, usually 18."))],
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    is_active = models.BooleanField(_("still bought from"), default=True)

    name_pinyin = models.CharField(max_length=400, blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    search_pieces = search.search_pieces_field()

    objects: ClassVar[SupplierQuerySet] = SupplierQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "name"],
                name="finance_supplier_name",
                violation_error_message=_("There is a supplier of this name already."),
            ),
            models.UniqueConstraint(
                fields=["school", "taxpayer_number"],
                condition=~Q(taxpayer_number=""),
                name="finance_supplier_taxpayer_number",
                violation_error_message=_("Another supplier has this taxpayer number."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="finance_supplier_name_given"),
        ]
        indexes = [
            # the list of one tree and of all, by name
            models.Index(fields=["school", "name_pinyin", "id"], name="finance_supplier_by_name"),
            models.Index(fields=["name_pinyin", "id"], name="finance_supplier_all"),
            # the search box
            GinIndex(fields=["search_pieces"], name="finance_supplier_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_pinyin = search.pinyin(self.name)[:400]
        self.search_text = search.search_text(
            self.name, self.contact, self.phone, self.taxpayer_number, phonetic=(self.name, self.contact)
        )
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "name_pinyin", "search_text"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("finance:purchases:supplier_update", args=[self.pk])
