"""What the register hands to the floors below: navigation, search, exports, imports, names, leavers, demo."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assets.register import actions, demo
from assets.register.category_imports import CATEGORIES
from assets.register.exports import REGISTER
from assets.register.imports import ASSET_CARDS
from assets.register.labels import ASSET_LABELS, PICKED, PLACE_LABELS
from assets.register.models import AssetCard
from houqin.accounts.models import User
from houqin.exports import registry as exports
from houqin.files import access as files
from houqin.files.models import StoredFile
from houqin.history import labels
from houqin.imports import registry as imports
from houqin.schools import demo as demo_loaders
from houqin.schools import handover, place_facts, place_links, renames
from houqin.schools.models import Place
from houqin.web import navigation, search_registry
from houqin.web.search import matching

MOST_RENAMED = 1000
ACTIONS = {
    "register_asset": _("registered an asset"),
    "add_to_lot": _("added to a lot what arrived later"),
    "change_asset": _("changed an asset"),
    "move_asset": _("moved an asset"),
    "set_use_status": _("changed an asset's use"),
    "split_lot": _("split a lot"),
    "set_photo": _("changed an asset's photo"),
    "match_places": _("matched assets with places"),
    "set_category_life": _("set a category's useful life"),
    "set_threshold": _("set the line of fixed assets"),
    "renew_categories": _("renewed the table of categories"),
}


def register() -> None:
    """Register everything; called once when the app is ready."""
    navigation.register(
        navigation.NavEntry(
            name="register",
            label=_("Assets"),
            icon="box",
            url_name="assets:register:list",
            order=20,
            group=1,
            permission="assets.view_register",
        )
    )
    search_registry.register("assets", _("Assets"), "box", find)
    exports.register(REGISTER)
    exports.register(ASSET_LABELS)
    exports.register(PLACE_LABELS)
    imports.register(ASSET_CARDS)
    imports.register(CATEGORIES)
    files.register("assets.cards", may_see_photo)
    renames.register("assets.cards", refresh_search)
    handover.register("assets.cards", _("things in keeping"), kept_by, hand_over)
    place_facts.register(things_at)
    place_links.register(
        "labels",
        place_links.PlaceLink(_("Print labels"), "qrcode", "assets:register:place_labels", "schools.manage_places"),
    )
    demo_loaders.register("assets.register", 200, demo.load)
    for code, label in ACTIONS.items():
        labels.register(f"assets.{code}", label)


def find(user: Any, school: Any, query: str) -> list[search_registry.Found]:
    """Return the cards that fit what was typed."""
    cards = AssetCard.objects.visible_to(user).at(school).filter(matching(query)).select_related("place")
    return [
        search_registry.Found(card.name, [card.number, card.place_shown], card.get_absolute_url())
        for card in cards.order_by("name_pinyin", "pk")[: search_registry.MOST + 1]
    ]


def may_see_photo(user: Any, file: StoredFile) -> bool:
    """Say whether the file is the picture of a card that the person may see."""
    return AssetCard.objects.visible_to(user).filter(photo=file).exists()


def refresh_search(kind: str, ids: Sequence[int]) -> None:
    """Write the search texts anew of cards whose place or keeper has a new name."""
    renamed = {"place__in": ids} if kind == "place" else {"keeper__in": ids}
    cards = AssetCard.objects.filter(**renamed).select_related("place", "keeper").order_by("pk")
    batch: list[AssetCard] = []
    for card in cards.iterator(chunk_size=MOST_RENAMED):
        card.write_search()
        batch.append(card)
    AssetCard.objects.bulk_update(batch, ["search_text"], batch_size=MOST_RENAMED)


def kept_by(person: User) -> list[handover.OpenThing]:
    """Return the things that a leaver keeps."""
    cards = AssetCard.objects.on_register().filter(keeper=person).select_related("place").order_by("pk")
    return [handover.OpenThing(str(card), card.get_absolute_url()) for card in cards]


def hand_over(person: User, to: User, *, by: User) -> int:
    """Give all that a leaver keeps to somebody else, card by card, each with its trail."""
    cards = list(AssetCard.objects.on_register().filter(keeper=person).select_related("place").order_by("pk"))
    for card in cards:
        actions.hand_over(card, to=to, by=by)
    return len(cards)


def things_at(user: Any, place: Place) -> list[place_facts.PlaceFact]:
    """Tell how many cards stand at a place, and where its label is printed."""
    facts: list[place_facts.PlaceFact] = []
    if user.has_perm("assets.view_register", place):
        cards = AssetCard.objects.visible_to(user).on_register().within(place.pk)
        url = f"{reverse('assets:register:list')}?{urlencode({'building': place.pk})}"
        facts.append(place_facts.PlaceFact(_("Assets"), url=url, rows=cards))
    if place.is_active and user.has_perm(PLACE_LABELS.permission, place):
        url = f"{reverse('assets:register:place_labels')}?{urlencode({PICKED: place.pk})}"
        facts.append(place_facts.PlaceFact(_("Label"), _("Print the label"), url))
    return facts
