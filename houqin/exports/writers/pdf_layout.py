"""Where things stand on a printed table: widths of columns, lines of cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from houqin.exports.registry import RIGHT_ALIGNED, Column

POINT = 25.4 / 72  # millimetres
PAGE_WIDTH, PAGE_HEIGHT = 297.0, 210.0
MARGIN = 12.0
USABLE = PAGE_WIDTH - 2 * MARGIN
PADDING = 1.5
SIZES = (9.0, 8.5, 8.0, 7.5, 7.0)
MAX_LINES = 6
ELLIPSIS = "…"
# Closing marks that must not begin a line.
_CLOSING = frozenset("，。、；：！？）》”’」』〉】,.;:!?)]}%")


@dataclass(frozen=True, slots=True)
class Grid:
    """The columns of one table on paper."""

    size: float
    lefts: Sequence[float]
    widths: Sequence[float]
    right: Sequence[bool]
    # Words are broken into lines; figures and dates stay whole.
    words: Sequence[bool]

    @property
    def line_height(self) -> float:
        """From one line of a cell to the next."""
        return self.size * POINT * 1.35


def _natural(columns: Sequence[Column], size: float) -> list[float]:
    half_em = size * POINT / 2
    return [column.width * half_em + 2 * PADDING for column in columns]


def fit(columns: Sequence[Column]) -> Grid:
    """Return the columns at the largest size of type that holds them; words give way before figures do."""
    size, widths = SIZES[-1], _natural(columns, SIZES[-1])
    for candidate in SIZES:
        natural = _natural(columns, candidate)
        if sum(natural) <= USABLE:
            size, widths = candidate, natural
            break
    words = [column.type in ("text", "choice") for column in columns]
    elastic = sum(width for width, is_words in zip(widths, words, strict=True) if is_words)
    spare = USABLE - sum(widths)
    if elastic and elastic + spare > elastic / 3:
        factor = (elastic + spare) / elastic
        widths = [width * factor if is_words else width for width, is_words in zip(widths, words, strict=True)]
    else:
        widths = [width * USABLE / sum(widths) for width in widths]
    lefts = [MARGIN + sum(widths[:n]) for n in range(len(widths))]
    return Grid(size, lefts, widths, [column.type in RIGHT_ALIGNED for column in columns], words)


class CharacterWidths(dict[str, float]):
    """The width of each character in millimetres, asked of the font once."""

    def __init__(self, measure: Callable[[str], float]) -> None:
        super().__init__()
        self._measure = measure

    def __missing__(self, character: str) -> float:
        width = self._measure(character)
        self[character] = width
        return width

    def of(self, text: str) -> float:
        """Return the width of `text`."""
        return sum(map(self.__getitem__, text))


def lines_of(text: str, width: float, widths: CharacterWidths) -> list[str]:
    """Return `text` broken into lines of at most `width`; what is too long for a cell ends with an ellipsis."""
    if "\n" not in text and widths.of(text) <= width:
        return [text]
    lines: list[str] = []
    for paragraph in text.splitlines():
        rest = paragraph.strip()
        while rest and len(lines) <= MAX_LINES:
            end = _break(rest, width, widths)
            lines.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
    if len(lines) > MAX_LINES:
        lines = lines[:MAX_LINES]
        last = lines[-1]
        while last and widths.of(last + ELLIPSIS) > width:
            last = last[:-1]
        lines[-1] = last + ELLIPSIS
    return lines or [""]


def _break(text: str, width: float, widths: CharacterWidths) -> int:
    """Return how many characters of `text` stand on one line: words stay whole if they can, marks stay behind."""
    used, end = 0.0, 0
    for character in text:
        used += widths[character]
        if used > width:
            break
        end += 1
    if end == len(text) or end <= 1:
        return max(end, 1)
    if text[end] in _CLOSING and text[end - 1] not in _CLOSING:
        return end - 1
    start = end
    while start and _joins(text[start - 1]) and _joins(text[start]):
        start -= 1
    return start or end


def _joins(character: str) -> bool:
    """Whether a line should not break beside `character` when its neighbour is such a one, too."""
    return character.isascii() and (character.isalnum() or character in "_-./@")
