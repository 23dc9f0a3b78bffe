"""What is asked at a glance: why, by when, whether the budget bears it, whether it is dear, what lies idle."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.budgets.facts import standing
from finance.purchases.idle import idle_like
from finance.purchases.models import BOUGHT, PurchaseLine, PurchaseRequest, PurchaseSettings, State
from finance.purchases.states import KIND_ICONS
from houqin.accounts.models import User
from houqin.web.templatetags.houqin import money

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Said:
    """A fact with its tone: good, bad, or plain."""

    words: Text
    tone: str = ""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with what is said of its price."""

    line: PurchaseLine
    quantity: str
    market: Said
    last: Said
    quotes: Sequence[Any]


def read(pk: int) -> PurchaseRequest:
    """Return the request with what the panel shows joined."""
    joined = ("school", "requester", "budget_line__item", "copied_from")
    return PurchaseRequest.objects.select_related(*joined).get(pk=pk)


def context(purchase: PurchaseRequest, viewer: User) -> dict[str, Any]:
    """Return the context of `finance/purchases/_panel.html`; about seven queries, the same for any lines."""
    lines = list(purchase.lines.select_related("category").prefetch_related("quotes__file").order_by("position"))
    undecided = purchase.state not in (*BOUGHT, State.REJECTED)
    names = [line.name for line in lines]
    line = purchase.budget_line
    this = purchase.total if undecided else None
    return {
        "purchase": purchase,
        "kind_icon": KIND_ICONS[purchase.kind],
        "lead": lead(purchase),
        "lines": [_shown(one) for one in lines],
        "has_equipment": any(one.is_equipment for one in lines),
        "standing": (standing(line, this) if this is not None else standing(line)) if line else None,
        "over_market": [one for one in lines if one.is_over_market],
        "idle": idle_like(names, school=purchase.school, user=viewer) if undecided else [],
        "files": [one.file for one in purchase.files.select_related("file")],
    }


def lead(purchase: PurchaseRequest) -> Said | None:
    """Return the check of the week of notice in words (S102)."""
    days = purchase.notice_days
    if days is None:
        return None
    asked = PurchaseSettings.of(purchase.school).lead_days if purchase.is_editable else purchase.lead_days
    if days < 0:
        return Said(_("The day on which it is needed is over"), "bad")
    if days < asked:
        return Said(format_lazy(_("Only {n} days of notice instead of {asked}"), n=days, asked=asked), "bad")
    return Said(format_lazy(_("{n} days of notice, {asked} are asked for"), n=days, asked=asked), "good")


def _shown(line: PurchaseLine) -> ShownLine:
    return ShownLine(
        line=line,
        quantity=f"{line.quantity.normalize():f}",
        market=_market(line),
        last=_last(line),
        quotes=list(line.quotes.all()),
    )


def _market(line: PurchaseLine) -> Said:
    """Return the price beside the market's: what it asks, and how much dearer or cheaper this is."""
    quotes = list(line.quotes.all())
    difference = line.market_difference
    if line.reference_price is None or difference is None:
        return Said(_("no market price yet"), "bad")
    asked = money(line.reference_price)
    is_quoted = line.reference_price in [quote.price for quote in quotes]
    if is_quoted and len(quotes) > 1 and difference == 0:
        return Said(format_lazy(_("the lowest of {n} quotes"), n=len(quotes)), "good")
    market = format_lazy(_("lowest quote {price}") if is_quoted else _("market {price}"), price=asked)
    if difference > 0:
        return Said(format_lazy(_("{market}, {sum} dearer"), market=market, sum=money(difference)), "bad")
    if difference == 0:
        return Said(format_lazy(_("{market}, the same"), market=market), "good")
    return Said(format_lazy(_("{market}, {sum} cheaper"), market=market, sum=money(-difference)), "good")


def _last(line: PurchaseLine) -> Said:
    """Return the price beside what the school paid last."""
    difference = line.last_difference
    if line.last_price is None or difference is None:
        return Said(_("never bought before"))
    last = format_lazy(_("last time {price}"), price=money(line.last_price))
    if difference > 0:
        return Said(format_lazy(_("{last}, {sum} dearer"), last=last, sum=money(difference)))
    if difference == 0:
        return Said(format_lazy(_("{last}, the same"), last=last))
    return Said(format_lazy(_("{last}, {sum} cheaper"), last=last, sum=money(-difference)))
