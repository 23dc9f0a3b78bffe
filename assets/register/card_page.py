"""What a card's page shows: facts in blocks, hints, and what other rooms know about the thing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assets.register.extras import facts_for
from assets.register.models import AssetCard, AssetThreshold

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a block; `money` figures stand right in the template's way of writing amounts."""

    label: Text
    value: Any
    kind: str = "text"
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A titled list of facts."""

    title: Text
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Lines:
    """What another room lists on a card's page: a title, rows of (text, second line, url), and where the rest is."""

    title: Text
    rows: Sequence[tuple[Text, Text, str]]
    more_url: str = ""


# Gets the user and the card; returns what the user may see, or None when there is nothing to show.
About = Callable[[Any, AssetCard], Lines | None]
_about: dict[str, About] = {}


def register(name: str, about: About) -> None:
    """Let a room show its own records about a thing (its repairs, its loans) on the card's page."""
    _about[name] = about


def more_about(user: Any, card: AssetCard) -> list[Lines]:
    """Return what all rooms show about `card`."""
    return [lines for about in _about.values() if (lines := about(user, card)) is not None]


def card_blocks(card: AssetCard, today: date) -> list[Block]:
    """Return the facts of a card in the blocks of the national asset card; what is not known is left out."""
    blocks = [
        Block(gettext_lazy("Basic facts"), _known(_basic(card))),
        Block(gettext_lazy("In the books"), _known(_financial(card, today))),
        Block(gettext_lazy("Use"), _known(_use(card))),
    ]
    return [block for block in blocks if block.facts]


def _known(facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.value not in (None, "")]


def _basic(card: AssetCard) -> list[Fact]:
    facts = [
        Fact(_("asset category"), card.category.name, note=card.category.code),
        Fact(_("specification"), card.specification),
        Fact(_("brand"), card.brand),
        Fact(_("model"), card.model),
        Fact(_("serial number"), card.serial_number),
        Fact(_("quantity"), f"{card.quantity} {card.unit}"),
        Fact(_("acquisition date"), card.acquired_on, "date"),
        Fact(_("way of acquisition"), card.get_acquisition_way_display()),
        Fact(_("procurement"), card.get_procurement_form_display()),
        Fact(_("supplier"), card.supplier),
        Fact(_("invoice number"), card.invoice_number),
        Fact(_("warranty until"), card.warranty_until, "date"),
        Fact(_("old code"), card.old_code),
    ]
    facts += [Fact(fact.label, card.extra.get(fact.name)) for fact in facts_for(card.category)]
    return facts


def _financial(card: AssetCard, today: date) -> list[Fact]:
    facts = [
        Fact(_("unit price"), card.unit_price, "money"),
        Fact(card.get_value_type_display(), card.original_cost, "money"),
        Fact(_("fund source"), card.get_fund_source_display()),
        Fact(_("booked on"), card.booked_on, "date"),
        Fact(_("voucher number"), card.voucher_number),
    ]
    figures = card.depreciation(today)
    if figures is None:
        return [*facts, Fact(_("depreciation"), _("not depreciated"))]
    months = _("%(done)d of %(total)d months") % {"done": figures.months_done, "total": figures.months_total}
    return [
        *facts,
        Fact(_("useful life in years"), card.useful_life_years),
        Fact(_("depreciation a month"), figures.monthly, "money"),
        Fact(_("accumulated depreciation"), figures.accumulated, "money", note=months),
        Fact(_("net book value"), figures.net_value, "money"),
        Fact(_("last month of depreciation"), f"{figures.final_month:%Y-%m}"),
    ]


def _use(card: AssetCard) -> list[Fact]:
    return [
        Fact(_("kept at"), card.place_shown, note="" if card.place else _("as written")),
        Fact(_("keeper"), card.keeper_shown, note="" if card.keeper else _("as written")),
        Fact(_("department"), card.department),
        Fact(_("user of the thing"), card.used_by),
        Fact(_("purpose"), card.get_purpose_display()),
        Fact(_("put in use on"), card.put_in_use_on, "date"),
        Fact(_("note"), card.note),
    ]


def card_notes(card: AssetCard) -> list[str]:
    """Return what a good clerk would mention about the card."""
    line = AssetThreshold.objects.line(card.school, card.acquired_on)
    if line is not None and card.unit_price < line.amount and not card.is_lot:
        return [
            _(
                "Below %(amount)s yuan a single thing is no fixed asset; only a lot of like things that last more"
                " than a year is."
            )
            % {"amount": f"{line.amount:,.0f}"}
        ]
    return []
