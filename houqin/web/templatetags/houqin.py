"""What every page prints: icons, badges, money, dates, counts, links of lists.

A list prints some of these hundreds of times, so they return ready strings from plain formats and
render no template.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, urlencode

from django import template
from django.template.base import FilterExpression, Parser, TextNode, Token, Variable
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

from houqin.web import moments
from houqin.web.capital import in_capitals

register = template.Library()

Draw = Callable[..., SafeString]

NOTHING = "—"
# A list prints hundreds of them: plain values go without quotes, as HTML allows.
_ICON_CLASSES = {"": "i", "s": '"i i-s"', "l": '"i i-l"'}


@lru_cache(maxsize=1)
def sprite_url() -> str:
    """Return the address of the one cached sprite."""
    return static("icons.svg")


class Drawn(template.Node):
    """A piece of markup that depends on the row."""

    def __init__(self, draw: Draw, arguments: list[FilterExpression]) -> None:
        self.draw = draw
        self.arguments = arguments

    def render(self, context: template.Context) -> SafeString:
        return self.draw(*[argument.resolve(context) for argument in self.arguments])


def drawn_tag(draw: Draw) -> Draw:
    """Make `draw` a tag; with nothing but literals as arguments it is drawn once, when the template is read."""

    def read(parser: Parser, token: Token) -> template.Node:
        arguments = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
        if any(isinstance(argument.var, Variable) or argument.filters for argument in arguments):
            return Drawn(draw, arguments)
        return TextNode(draw(*[argument.var for argument in arguments]))

    register.tag(draw.__name__, read)
    return draw


@drawn_tag
def asset(path: str) -> SafeString:
    """Return the address of a file of ours; unlike `static`, it is looked up once, when the template is read."""
    return mark_safe(escape(static(path)))


@drawn_tag
def address(name: str) -> SafeString:
    """Return the address of a page of every frame; unlike `url`, it is looked up once, when the template is read."""
    return mark_safe(escape(reverse(name)))


@drawn_tag
@lru_cache(maxsize=512)
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of the sprite; sizes: "" 20 px, "s" 16 px, "l" 26 px. It says nothing to screen readers."""
    return mark_safe(
        f'<svg class={_ICON_CLASSES[size]} aria-hidden=true><use href="{sprite_url()}#{escape(name)}"/></svg>'
    )


@drawn_tag
@lru_cache(maxsize=32)
def glyph(name: str) -> SafeString:
    """Draw a state glyph alone, as timelines do."""
    return mark_safe(f'<svg class=sg aria-hidden=true><use href="{sprite_url()}#s-{escape(name)}"/></svg>')


@drawn_tag
def mark() -> SafeString:
    """Draw the mark of Houqin."""
    return mark_safe(f'<svg class="hq-mark" aria-hidden="true"><use href="{sprite_url()}#mark"/></svg>')


@drawn_tag
def badge(tone: str, sign: str, text: Any) -> SafeString:
    """Draw a state: glyph and word on a tint. Tones: wait, doing, done, late, off."""
    return mark_safe(f'<span class="hq-badge is-{escape(tone)}">{glyph(sign)}{conditional_escape(text)}</span>')


@drawn_tag
def mid() -> SafeString:
    """Draw the dot between facts."""
    return mark_safe("<span class=mid></span>")


@register.filter
def facts(parts: Any) -> SafeString:
    """Join the facts that are there with drawn dots."""
    return mark_safe("<span class=mid></span>".join(conditional_escape(part) for part in parts if part))


@register.filter
def money(value: Decimal | int | None) -> str:
    """Return ¥1,234.50; a minus sign stands before the sign of the currency."""
    if value is None or value == "":
        return NOTHING
    return f"-¥{-value:,.2f}" if value < 0 else f"¥{value:,.2f}"


@register.filter
def quantity(value: Decimal | int | None) -> str:
    """Return 50, 2.5: how many, without the zeros that the column keeps."""
    if value is None or value == "":
        return NOTHING
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def capital(value: Decimal | None) -> str:
    """Return 壹仟贰佰叁拾肆元零伍角整, whatever the language of the page: it is what gets signed."""
    return NOTHING if value is None or value == "" else in_capitals(value)


@register.filter
def day(value: date | datetime | None) -> str:
    """Return 9月1日 周二."""
    return moments.day(value) if value else NOTHING


@register.filter
def stamp(value: date | datetime | None) -> str:
    """Return 09-16 08:12; the year is added when it is not this one."""
    return moments.stamp(value) if value else NOTHING


@register.filter
def moment(value: datetime | None) -> str:
    """Return 9月16日 08:12."""
    return moments.moment(value) if value else NOTHING


@register.filter
def ago(value: datetime | None) -> str:
    """Return how long ago: 19 小时, 2 天."""
    return moments.span((timezone.now() - value).total_seconds()) if value else NOTHING


@register.filter
def duration(value: timedelta | None) -> str:
    """Return how long it took: 6 小时 6 分."""
    return moments.exact_span(value) if value is not None else NOTHING


@register.simple_tag(takes_context=True)
def count(context: dict[str, Any], name: str) -> str:
    """Return a count of the page as people see it; "0" where there is nothing or nobody asked."""
    request = context.get("request")
    page_counts = getattr(request, "counts", None)
    return page_counts.shown(name) if page_counts is not None else "0"


@register.simple_tag(takes_context=True)
def nav_rows(context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of the side navigation, ready for `{% eachrow %}`; none where nobody is logged in."""
    frame = context.get("frame")
    return [
        {
            "gap": entry.gap,
            "current": entry.current,
            "url": entry.url,
            "icon": icon(entry.icon),
            "label": entry.label,
            "count": _but_zero(count(context, entry.count_name)) if entry.has_count else "",
        }
        for entry in (frame["nav"] if frame else ())
    ]


def _but_zero(shown: str) -> str:
    return "" if shown == "0" else shown


@register.simple_tag(takes_context=True)
def chip_rows(context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the chips above a list with their links and counts, ready for `{% eachrow %}`."""
    kept = dict(_asked(context))
    kept.pop("chip", None)
    # The chip stands behind the search as everywhere; an empty one is said aloud, see `list_url`.
    query = urlencode({"q": kept.pop("q")}) + "&" if "q" in kept else ""
    filters = "&" + urlencode(kept) if kept else ""
    return [
        {
            # None of them is nothing that went wrong.
            "red": chip.red and str(count(context, chip.count_name)) != "0",
            "current": chip.current,
            "url": f"?{query}chip={quote_plus(chip.value)}{filters}",
            "label": chip.label,
            "count": count(context, chip.count_name),
        }
        for chip in context["chips"]
    ]


@register.simple_tag(takes_context=True)
def list_url(context: dict[str, Any], **changes: str) -> str:
    """Return the query string of this list with some things changed; the page starts anew unless it is named.

    `{% list_url chip="late" %}`, `{% list_url page=page.older %}`; an empty value takes a thing away.
    """
    return "?" + urlencode(_asked(context, **changes))


def _asked(context: dict[str, Any], **changes: str) -> dict[str, str]:
    """Return what was asked of this list, with some things changed; all but the page."""
    state = context["state"]
    asked = context["request"].GET
    values = {"q": state.query, "chip": state.chip, **state.filters}
    if "sort" in asked:
        values["sort"] = state.sort
    values |= changes
    # An empty chip is said aloud where it was or is chosen, since a list may start with another one.
    return {
        name: value
        for name, value in values.items()
        if value or (name == "chip" and (name in asked or name in changes))
    }
