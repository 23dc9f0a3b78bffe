"""Pages of places."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from houqin.schools.http import PageRequest
from houqin.schools.models import Place
from houqin.schools.pages import AtOneSchool
from houqin.schools.permissions import require
from houqin.schools.place_facts import shown_facts
from houqin.schools.place_links import links_for
from houqin.schools.places import actions
from houqin.schools.places.forms import HOLDING_KINDS, PlaceCreateForm, PlaceForm
from houqin.web import widgets
from houqin.web.paging import Sort
from houqin.web.steps import take_step
from houqin.web.views import Chip, CreatePage, DetailPage, Filter, ListPage, Text, UpdatePage, any_of

SHOWN_WITHIN = 60


def buildings(request: PageRequest) -> Sequence[tuple[str, Text]]:
    """Return the places that others stand in, for the filter."""
    places = Place.objects.visible_to(request.user).at(request.acting.school).open().filter(kind__in=HOLDING_KINDS)
    rows = places.filter(children__isnull=False).distinct().order_by("name_pinyin")[:200]
    return [(str(pk), name) for pk, name in rows.values_list("pk", "full_name")]


class PlaceList(ListPage):
    """Places, rooms after their buildings."""

    model = Place
    permission = "schools.view_places"
    template_name = "schools/places/list.html"
    sorts = {"name": Sort("name_pinyin", descending=False)}
    default_sort = "name"
    search_hint = _("Name, code or pinyin initials like tss")
    chips = (
        Chip("", _("In use"), any_of(is_active=True)),
        *(Chip(kind.value, kind.label, any_of(is_active=True, kind=kind)) for kind in Place.Kind),
        Chip("closed", _("Out of use"), any_of(is_active=False)),
    )
    filters = (Filter("building", _("All buildings"), buildings, lambda rows, value: rows.filter(parent_id=value)),)

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("parent", "school")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        school = self.request.acting.school  # type: ignore[attr-defined]
        user = self.request.user
        return super().get_context_data(
            may_manage=user.has_perm("schools.manage_places", school), links=links_for(user, school), **kwargs
        )


class PlaceDetail(DetailPage):
    """One place: its code and QR, what stands in it, what the rooms know about it."""

    model = Place
    permission = "schools.view_places"
    template_name = "schools/places/detail.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("parent", "school")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        place: Place = self.object
        request: Any = self.request
        within = list(place.children.open().order_by("name_pinyin")[: SHOWN_WITHIN + 1])
        return super().get_context_data(
            within=within[:SHOWN_WITHIN],
            more_within=len(within) > SHOWN_WITHIN,
            facts=shown_facts(request.user, place, request.counts),
            may_manage=request.user.has_perm("schools.manage_places", place),
            **kwargs,
        )


class PlaceCreate(AtOneSchool, CreatePage):
    """Enter a place."""

    model = Place
    form_class = PlaceCreateForm
    permission = "schools.manage_places"
    action_code = "schools.create_place"
    template_name = "schools/places/form.html"

    def get_initial(self) -> dict[str, Any]:
        """Start within the building that the page before was about."""
        parent = self.request.GET.get("parent", "")
        return {"parent": parent} if parent.isdecimal() else {}


class PlaceUpdate(UpdatePage):
    """Change a place."""

    model = Place
    form_class = PlaceForm
    permission = "schools.manage_places"
    action_code = "schools.update_place"
    template_name = "schools/places/form.html"


@require_POST
def close(request: PageRequest, pk: int) -> HttpResponse:
    """Take a place out of use."""
    place = get_object_or_404(Place.objects.visible_to(request.user), pk=pk)
    require(request.user, "schools.manage_places", place)
    return take_step(
        request,
        lambda: actions.close_place(place, by=request.user),
        code="schools.close_place",
        record=place,
        to=place.get_absolute_url(),
        done=_("Taken out of use. Its label no longer answers; take it off."),
    )


@require_POST
def reopen(request: PageRequest, pk: int) -> HttpResponse:
    """Take a place into use again."""
    place = get_object_or_404(Place.objects.visible_to(request.user), pk=pk)
    require(request.user, "schools.manage_places", place)
    return take_step(
        request,
        lambda: actions.reopen_place(place, by=request.user),
        code="schools.reopen_place",
        record=place,
        to=place.get_absolute_url(),
        done=_("In use again."),
    )


@require_GET
def options(request: PageRequest) -> HttpResponse:
    """Answer a type-ahead: the places of the acting school that fit what was typed."""
    require(request.user, "schools.view_places", request.acting.school)
    places = Place.objects.visible_to(request.user).at(request.acting.school).open().order_by("name_pinyin", "pk")
    return widgets.options(request, places, facts=lambda place: (place.code,))
