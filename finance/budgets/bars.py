"""The bar of a budget line: spent, reserved, this one, left, from the left to the right."""

from decimal import Decimal
from typing import Protocol

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from houqin.web.templatetags.houqin import money

LENGTH = 1000


class Figures(Protocol):
    """What a bar shows."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def spent(self) -> Decimal: ...
    @property
    def reserved(self) -> Decimal: ...
    @property
    def this(self) -> Decimal: ...
    @property
    def left(self) -> Decimal: ...


def standing_bar(figures: Figures) -> SafeString:
    """Draw the bar; where more is asked for than is there, its whole length is that, and the end is red."""
    parts = [("is-spent", figures.spent), ("is-reserved", figures.reserved)]
    over = max(-figures.left, Decimal(0))
    parts += [("is-this", figures.this - over), ("is-over", over)]
    whole = max(figures.amount, figures.amount - figures.left)
    drawn, start = [], 0
    filled = Decimal(0)
    for kind, value in parts:
        filled += value
        end = round(filled / whole * LENGTH) if whole else 0
        if value > 0:
            drawn.append(f'<rect class="{kind}" x="{start}" width="{max(end - start, 1)}" height="10"/>')
        start = end
    return mark_safe(
        f'<svg class="hq-budget-bar" viewBox="0 0 {LENGTH} 10" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(_said(figures))}">{"".join(drawn)}</svg>'
    )


def _said(figures: Figures) -> str:
    """Return the bar in words."""
    said = [_("spent %(amount)s") % {"amount": money(figures.spent)}]
    if figures.reserved:
        said.append(_("reserved %(amount)s") % {"amount": money(figures.reserved)})
    if figures.this:
        said.append(_("this one %(amount)s") % {"amount": money(figures.this)})
    said.append(_("left %(amount)s") % {"amount": money(figures.left)})
    return ", ".join(said)
