"""Where things stand on a page of a printed book: A4 landscape, bound at the left, digits in columns; forms upright."""

from collections.abc import Sequence
from dataclasses import dataclass

from finance.books.sheets import Col, Form, Sheet

POINT = 25.4 / 72
WIDTH, HEIGHT = 297.0, 210.0
# The left margin is for the binding.
LEFT, RIGHT = 20.0, 285.0
TOP, BOTTOM = 27.0, 194.0
# The sides of a form that stands upright.
UPRIGHT = (16.0, 200.0)
# Below a form stand who signs, as of when, and its notes.
SIGNED, NOTE = 5.5, 4.0
HEAD_ROW = 6.0
CELL = 3.7
MOST_ROW = 7.4
LINES_OF_TABLES = 20
_SHORT, _DATE, _INTEGER = 8.0, 20.0, 11.0
_MONEY, _LEAST_MONEY, _LEAST_WORDS, _MOST_WORDS = 28.0, 17.0, 40.0, 110.0
# Names on a form are never cut.
_FORM_WORDS = 47.0


@dataclass(frozen=True, slots=True)
class Place:
    """A column on paper: where it begins and ends, and in how many digits its amounts stand (0: in plain figures)."""

    left: float
    right: float
    kind: str
    digits: int = 0

    @property
    def middle(self) -> float:
        """Half way between its sides."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns and rows of the pages of one sheet."""

    places: Sequence[Place]
    rows: int
    row: float
    size: float
    head_rows: int = 2
    left: float = LEFT
    right: float = RIGHT

    @property
    def first(self) -> float:
        """The top of the first line."""
        return TOP + self.head_rows * HEAD_ROW

    @property
    def end(self) -> float:
        """The bottom of the last line."""
        return self.first + self.rows * self.row


def of(sheet: Sheet) -> Layout:
    """Return the layout of a sheet's pages."""
    left, right = UPRIGHT if is_upright(sheet) else (LEFT, RIGHT)
    bottom = _foot(sheet.form) if sheet.form else BOTTOM
    rows = sheet.ledger.lines_per_page if sheet.is_bound else sheet.form.rows if sheet.form else LINES_OF_TABLES
    row = min(MOST_ROW, (bottom - TOP - 2 * HEAD_ROW) / rows)
    digits = sheet.most_digits if sheet.is_bound else 0
    widths = _widths(sheet, digits, right - left)
    places, at = [], left
    for col, width in zip(sheet.columns, widths, strict=True):
        if width:
            places.append(Place(at, at + width, col.kind, digits if col.kind == "money" else 0))
        else:
            places.append(Place(at, at, "none"))
        at += width
    narrow = min((p.right - p.left for p in places if p.kind == "money"), default=_MONEY)
    size = min(9.5, row / POINT * 0.48, 9.5 if digits else narrow / 2.55)
    return Layout(places, rows, row, size, left=left, right=right)


def _foot(form: Form) -> float:
    """Return where a form ends, so that what stands below it is on the page."""
    high = WIDTH if form.is_upright else HEIGHT
    return high - 2 * SIGNED - NOTE * (1 + len(form.notes)) - 1


def is_upright(sheet: Sheet) -> bool:
    """Return whether its pages stand upright."""
    return sheet.form is not None and sheet.form.is_upright


def _widths(sheet: Sheet, digits: int, usable: float) -> list[float]:
    """Return the widths of the columns; words take what is left, and amounts what would be too much for words."""
    money = digits * CELL if digits else _MONEY
    amounts = sum(1 for col in sheet.columns if col.kind == "money")
    words = [col.width for col in shown(sheet) if col.kind == "text"]
    fixed: dict[str, float] = {"short": _SHORT, "date": _DATE, "integer": _SHORT if sheet.form else _INTEGER}
    least = _FORM_WORDS if sheet.form else _LEAST_WORDS
    taken = sum(fixed.get(col.kind, 0.0) for col in shown(sheet))
    if not digits:
        money = max(min(_MONEY, (usable - taken - least * len(words)) / max(amounts, 1)), _LEAST_MONEY)
        money = max(money, (usable - taken - _MOST_WORDS * len(words)) / max(amounts, 1))
    spare = max(usable - taken - money * amounts, 20.0)
    made = []
    for col in sheet.columns:
        if not col.on_paper:
            made.append(0.0)
        elif col.kind == "text":
            made.append(spare * col.width / sum(words))
        else:
            made.append(money if col.kind == "money" else fixed[col.kind])
    return made


def shown(sheet: Sheet) -> Sequence[Col]:
    """Return the columns that are printed."""
    return [col for col in sheet.columns if col.on_paper]
