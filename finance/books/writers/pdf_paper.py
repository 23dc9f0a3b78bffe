"""The paper of printed books: pages, faces, texts that fit."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import BinaryIO

from django.utils import translation
from django.utils.translation import gettext as _
from fpdf.enums import TextMode

from finance.books.sheets import Bundle
from finance.books.writers.pdf_layout import LEFT
from houqin.exports import fonts
from houqin.exports.writers.pdf_layout import ELLIPSIS, CharacterWidths
from houqin.exports.writers.pdf_stream import StreamedPDF

SANS, SERIF = "sans", "serif"
INK, RED, GREEN, PALE = (31, 42, 55), (192, 40, 32), (111, 148, 133), (207, 220, 214)
HAIRLINE, STRONG = 0.1, 0.35
# The smallest type that people read.
LEAST = 4.5
# Of the size of the type.
OUTLINE = 0.04
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class Paper(StreamedPDF):
    """The pages of one file."""

    def __init__(self, bundle: Bundle, file: BinaryIO) -> None:
        super().__init__(file, orientation="L", unit="mm", format="A4")
        self.bundle = bundle
        self.set_auto_page_break(False)
        self.set_margins(LEFT, 10)
        self.add_font(SANS, fname=fonts.sans())
        self.add_font(SERIF, fname=fonts.serif())
        self.set_title(bundle.title)
        self.set_subject(_("As of %(moment)s") % {"moment": bundle.moment})
        self.set_author(bundle.owner)
        self.set_lang(translation.get_language() or "zh-hans")
        self.set_creation_date(bundle.as_of)
        self.set_font(SANS, size=10)
        # One ink for all: a text says its colour only where it is another one.
        self.set_text_color(*INK)
        self.set_fill_color(*INK)
        # Widths at ten points; other sizes are in proportion.
        self.widths = CharacterWidths(self._measured)

    def _measured(self, character: str) -> float:
        """Return the width of a character in the sans face at ten points, whatever face is set now."""
        now = self.font_family, self.font_size_pt
        self.set_font(SANS, size=10)
        width = float(self.get_string_width(character))
        self.set_font(now[0], size=now[1])
        return width

    def width_of(self, text: str, size: float) -> float:
        """Return the width of a text in the sans face."""
        return self.widths.of(text) * size / 10

    def fitted(self, text: str, width: float, size: float) -> str:
        """Return a text that fits into a width, cut with an ellipsis."""
        text = _INVISIBLE.sub("", text)
        if self.width_of(text, size) <= width:
            return text
        while text and self.width_of(text + ELLIPSIS, size) > width:
            text = text[:-1]
        return text + ELLIPSIS

    def place(
        self,
        x: float,
        y: float,
        text: str,
        align: str = "L",
        family: str = SANS,
        size: float = 9.0,
        *,
        most: float = inf,
    ) -> float:
        """Write a text at, before or around a point, in at most a width: smaller, or even cut; return its width."""
        self.set_font(family, size=size)
        text = _INVISIBLE.sub("", text)
        width = float(self.get_string_width(text))
        if width > most:
            self.set_font(family, size=max(size * most / width, LEAST))
            while (width := float(self.get_string_width(text))) > most + HAIRLINE and len(text) > 1:
                text = text[:-2] + ELLIPSIS
        self.text(x - {"L": 0.0, "R": width, "C": width / 2}[align], y, text)
        return width

    def write_at(self, x: float, y: float, text: str, *, red: bool = False) -> None:
        """Write a text at a point in the face that is set."""
        if red:
            self._color(RED)
        self.text(x, y, text)
        if red:
            self._color(INK)

    def _color(self, color: tuple[int, int, int]) -> None:
        self.set_text_color(*color)
        if self.text_mode != TextMode.FILL:
            self.set_draw_color(*color)

    @contextmanager
    def bold(self) -> Iterator[None]:
        """Let texts look bold: no bold face is shipped, and an outline costs the file nothing."""
        outline = self.font_size_pt * OUTLINE
        with self.local_context(text_mode=TextMode.FILL_STROKE, draw_color=INK, line_width=outline):
            yield

    def ink(self, color: tuple[int, int, int]) -> None:
        """Take a colour for rules."""
        self.set_draw_color(*color)
