"""Plots drawn on the server: numbers to SVG, for pages and for paper.

Colours stand as attributes, which paper uses; on pages the classes in houqin.css overrule them, so plots
follow the theme. Every plot has a title and a description, and the page shows the same figures as a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil, floor, log10

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Text = str | Promise

INK, INK_2, LINE, LINE_STRONG = "#1b2330", "#48515f", "#e4e1d9", "#cdc9be"
COLOURS = ("#1d4e7e", "#855000", "#23694a", "#48515f")
# Series differ by dash and marker as well: colour never speaks alone.
DASHES = ("", "6 4", "2 3", "8 3 2 3")
FONT = "Noto Sans SC, sans-serif"
SIZE = 13
WIDTH = 640
_ids = count(1)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `shown` is the figure in words when the bare number does not say enough."""

    label: Text
    value: float
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line over the labels of the plot; None leaves a gap."""

    label: Text
    values: Sequence[float | None]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _at(value: float) -> str:
    """Write a coordinate with one decimal at most."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _width_of(text: str) -> float:
    """Estimate how wide a text runs: a Chinese character is a square, a Latin one about half of it."""
    return sum(SIZE if ord(char) > 0x2E7F else SIZE * 0.58 for char in text)


def _cut(text: str, room: float) -> str:
    """Shorten a text that would run out of its room."""
    if _width_of(text) <= room:
        return text
    while text and _width_of(text) + SIZE > room:
        text = text[:-1]
    return text + "…"


def _text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "", fill: str = INK_2) -> str:
    css = f' class="{kind}"' if kind else ""
    return f'<text{css} x="{_at(x)}" y="{_at(y)}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'


def _svg(height: float, title: Text, description: Text, parts: Sequence[str]) -> SafeString:
    number = next(_ids)
    return mark_safe(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="hq-plot" viewBox="0 0 {WIDTH} {_at(height)}" role="img"'
        f' aria-labelledby="plot-{number}-t plot-{number}-d" font-family="{FONT}" font-size="{SIZE}">'
        f'<title id="plot-{number}-t">{escape(str(title))}</title><desc id="plot-{number}-d">'
        f"{escape(str(description))}</desc>{''.join(parts)}</svg>"
    )


def bar_plot(title: Text, bars: Sequence[Bar], *, description: Text = "") -> SafeString:
    """Draw one bar below the other, the longest first in the caller's order, each with its figure."""
    step, thick = 32, 16
    labels = [str(bar.label) for bar in bars]
    left = min(max([_width_of(label) for label in labels], default=0) + 12, WIDTH * 0.36)
    figures = [bar.shown or _number(bar.value) for bar in bars]
    right = max([_width_of(figure) for figure in figures], default=0) + 10
    room = WIDTH - left - right
    most = max([bar.value for bar in bars], default=0) or 1
    parts = [f'<path class="axis" d="M{_at(left)} 2V{len(bars) * step + 2}" fill="none" stroke="{LINE_STRONG}"/>']
    for place, (bar, label, figure) in enumerate(zip(bars, labels, figures, strict=True)):
        y = place * step + 10
        long = max(bar.value, 0) / most * room
        base = y + thick / 2 + SIZE * 0.36
        parts.append(_text(left - 10, base, _cut(label, left - 12), anchor="end", kind="name", fill=INK))
        if long:
            parts.append(
                f'<rect class="bar" x="{_at(left)}" y="{y}" width="{_at(max(long, 1))}" height="{thick}" rx="2"'
                f' fill="{COLOURS[0]}"/>'
            )
        parts.append(_text(left + long + 8, base, figure, kind="value", fill=INK))
    summary = description or "; ".join(f"{label} {figure}" for label, figure in zip(labels, figures, strict=True))
    return _svg(len(bars) * step + 6, title, summary, parts)


def _scale(most: float) -> tuple[float, float]:
    """Return the step between grid lines and the top of the plot: round numbers, four or five lines."""
    if most <= 0:
        return 1, 4
    power = 10 ** floor(log10(most / 4))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor * 5 >= most)
    if most >= 4:
        step = max(ceil(step), 1)
    return step, step * max(ceil(most / step), 1)


def _marker(place: int, x: float, y: float) -> str:
    """Draw a point of a line: disc, square, triangle, ring, by the number of the line."""
    colour = COLOURS[place % 4]
    if place % 4 == 1:
        return f'<rect class="d1" x="{_at(x - 3.5)}" y="{_at(y - 3.5)}" width="7" height="7" fill="{colour}"/>'
    if place % 4 == 2:
        return f'<path class="d2" d="M{_at(x)} {_at(y - 4.5)}l4.5 8h-9z" fill="{colour}"/>'
    radius = 3.5 if place % 4 == 0 else 2.5
    return f'<circle class="d{place % 4}" cx="{_at(x)}" cy="{_at(y)}" r="{radius}" fill="{colour}"/>'


def _strokes(place: int, points: Sequence[tuple[float, float] | None]) -> list[str]:
    """Draw one line with its points; a missing value leaves a gap."""
    path, pen = "", "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        path += f"{pen}{_at(point[0])} {_at(point[1])}"
        pen = "L"
    dash = f' stroke-dasharray="{DASHES[place % 4]}"' if DASHES[place % 4] else ""
    line = (
        f'<path class="s{place % 4}" d="{path}" fill="none" stroke="{COLOURS[place % 4]}" stroke-width="2"'
        f' stroke-linejoin="round"{dash}/>'
    )
    return ([line] if path else []) + [_marker(place, *point) for point in points if point]


def _legend(lines: Sequence[Line]) -> list[str]:
    """Name the lines above the plot, each beside a piece of itself."""
    parts, x = [], 4.0
    for place, line in enumerate(lines):
        parts += _strokes(place, [(x, 12), (x + 14, 12), (x + 28, 12)])
        parts.append(_text(x + 36, 17, str(line.label), kind="name", fill=INK))
        x += 36 + _width_of(str(line.label)) + 24
    return parts


def line_plot(
    title: Text, labels: Sequence[Text], lines: Sequence[Line], *, description: Text = "", unit: Text = ""
) -> SafeString:
    """Draw lines over months or days, on a grid of round numbers that starts at zero."""
    names = [str(label) for label in labels]
    step, top = _scale(max([v for line in lines for v in line.values if v is not None], default=0))
    left, above, high = _width_of(_number(top)) + 14, 34.0, 180.0
    room = WIDTH - left - 30
    across = room / max(len(names) - 1, 1)
    parts = _legend(lines)
    for number in range(round(top / step) + 1):
        y = above + high - number * step / top * high
        kind, colour = ("grid", LINE) if number else ("axis", LINE_STRONG)
        parts.append(f'<path class="{kind}" d="M{_at(left)} {_at(y)}H{WIDTH - 8}" fill="none" stroke="{colour}"/>')
        parts.append(_text(left - 8, y + SIZE * 0.36, _number(number * step), anchor="end"))
    every = max(ceil(max([_width_of(name) for name in names], default=0) * 1.25 / across), 1) if names else 1
    for place, name in enumerate(names):
        if place % every == 0:
            parts.append(_text(left + 6 + place * across, above + high + 20, name, anchor="middle"))
    for place, line in enumerate(lines):
        points = [
            None if value is None else (left + 6 + at * across, above + high - value / top * high)
            for at, value in enumerate(line.values)
        ]
        parts += _strokes(place, points)
    if unit:
        parts.append(_text(WIDTH - 8, 17, str(unit), anchor="end"))
    return _svg(above + high + 30, title, description or _in_words(names, lines), parts)


def _in_words(names: Sequence[str], lines: Sequence[Line]) -> str:
    """Say what the lines show, for those who cannot see them."""
    return "; ".join(
        f"{line.label}: "
        + ", ".join(f"{name} {_number(v)}" for name, v in zip(names, line.values, strict=True) if v is not None)
        for line in lines
    )
