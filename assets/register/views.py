"""The pages of the register: the list, a card, and the forms that change it."""

from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from assets.register import actions, forms, rows
from assets.register.card_page import card_blocks, card_notes, more_about
from assets.register.models import AssetCard, AssetCategory
from assets.register.rows import BADGES, Status
from houqin.schools.access import access_of
from houqin.schools.http import PageRequest
from houqin.schools.pages import AtOneSchool
from houqin.schools.permissions import require
from houqin.schools.places.choices import place_choices
from houqin.web.counts import Where
from houqin.web.paging import Sort
from houqin.web.steps import take_step
from houqin.web.views import Chip, CreatePage, DetailPage, Filter, ListPage, UpdatePage, any_of


def _buildings(request: Any) -> list[tuple[str, str]]:
    return place_choices(request.user, request.acting.school, request.GET.get("building", ""))


def _in_building(cards: Any, value: str) -> QuerySet[Any]:
    """Keep what stands in a building, on any floor of its tree of places."""
    return cards.within(value)


class AssetList(ListPage):
    """The register: search, states, classes, buildings."""

    template_name = "assets/register/list.html"
    model = AssetCard
    permission = "assets.view_register"
    search_hint = _("Name, number, place, keeper, or pinyin initials like kzy")
    sorts: ClassVar[dict[str, Sort]] = {
        "newest": Sort("acquired_on"),
        "number": Sort("number", descending=False),
        "name": Sort("name_pinyin", descending=False),
        "dearest": Sort("original_cost"),
    }
    default_sort = "newest"
    default_chip = "register"
    chips = (
        Chip("register", _("on the register"), Where(lambda cards, _person, _now: cards.on_register())),
        *(Chip(status.value, status.label, any_of(use_status=status.value)) for status in Status),
        Chip("unplaced", _("place not known"), Where(lambda cards, _person, _now: cards.unplaced())),
    )
    filters = (
        Filter(
            "group",
            _("All classes"),
            lambda _request: AssetCategory.Group.choices,
            lambda cards, value: cards.filter(category__code__startswith=value),
        ),
        Filter("building", _("All buildings"), _buildings, _in_building),
    )

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return rows.narrow(queryset, with_school=self.request.acting.school is None)  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "rows": rows.ready(context["rows"]),
            "sort_choices": [
                ("newest", _("newest first")),
                ("number", _("by number")),
                ("name", _("by name")),
                ("dearest", _("dearest first")),
            ],
            "may_manage": self.request.user.has_perm("assets.manage_register", self.request.acting.school),  # type: ignore[attr-defined]
            "one_school": self.request.acting.school is not None,  # type: ignore[attr-defined]
        }


class AssetDetail(DetailPage):
    """A card: what, where, who, the three blocks, what happened."""

    template_name = "assets/register/detail.html"
    model = AssetCard
    permission = "assets.view_register"
    context_object_name = "card"

    def get_queryset(self) -> QuerySet[Any]:
        cards = super().get_queryset().select_related("category", "place", "keeper", "photo")
        return cards.annotate(split_from_number=F("split_from__number"))

    def get_object(self, queryset: QuerySet[Any] | None = None) -> AssetCard:
        card: AssetCard = super().get_object(queryset)
        card.school = access_of(self.request.user).schools[card.school_id]
        return card

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card: AssetCard = self.object
        user: Any = self.request.user
        return super().get_context_data(
            badge=(*BADGES[card.use_status], card.get_use_status_display()),
            blocks=card_blocks(card, timezone.localdate()),
            notes=card_notes(card),
            more=more_about(user, card),
            facts=[card.number, card.place_shown, card.keeper_shown, card.category.name],
            parts=list(card.parts.only("number").order_by("number")[:20]),
            may_manage=user.has_perm("assets.manage_register", card) and card.use_status != Status.DISPOSED,
            # Who repairs it must know where; the code of a thing without a place leads nowhere.
            repair_url=reverse("schools:qr", args=[card.token]) if card.place else "",
            **kwargs,
        )


class AssetCreate(AtOneSchool, CreatePage):
    """Register a thing or a lot."""

    template_name = "assets/register/create.html"
    model = AssetCard
    form_class = forms.RegisterForm
    permission = "assets.manage_register"
    action_code = "assets.register_asset"


class _ChangeCard(UpdatePage):
    """A form that changes one card."""

    model = AssetCard
    permission = "assets.manage_register"
    context_object_name = "card"
    template_name = "assets/register/change.html"
    # Title of the page and its button.
    title: ClassVar[Any] = ""
    button: ClassVar[Any] = ""

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("school", "category", "place", "keeper")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card: AssetCard = self.object
        facts = [card.number, card.name, card.place_shown]
        return super().get_context_data(title=self.title, button=self.button, facts=facts, **kwargs)


class AssetUpdate(_ChangeCard):
    """Change the facts of a card."""

    form_class = forms.ChangeForm
    action_code = "assets.change_asset"
    title = _("Change the card")
    button = _("Save")


class AssetMove(_ChangeCard):
    """Say where a thing stands now and who keeps it."""

    form_class = forms.MoveForm
    action_code = "assets.move_asset"
    title = _("Move, or change the keeper")
    button = _("Move")


class AssetUseStatus(_ChangeCard):
    """Say how a thing is used now."""

    form_class = forms.UseStatusForm
    action_code = "assets.set_use_status"
    title = _("Change the use status")
    button = _("Save")


class AssetSplit(_ChangeCard):
    """Give part of a lot a card of its own."""

    form_class = forms.SplitForm
    action_code = "assets.split_lot"
    title = _("Split the lot")
    button = _("Split")


class AssetPhoto(_ChangeCard):
    """Take a picture of a thing."""

    form_class = forms.PhotoForm
    action_code = "assets.set_photo"
    title = _("Photo")
    button = _("Save the photo")


@require_POST
def match_places(request: PageRequest) -> HttpResponseBase:
    """Link the cards whose place is only known as written to the places of those names."""
    school = request.acting.school
    if school is None:
        raise Http404
    require(request.user, "assets.manage_register", school)
    return take_step(
        request,
        lambda: actions.match_places(school, by=request.user),
        code="assets.match_places",
        record=school,
        to=reverse("assets:register:list"),
        done=_("Every place that is known by now is linked."),
    )
