"""Label sheets: the common A4 grids, and what stands on a label."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PADDING = 2.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A grid of labels on A4, in millimetres."""

    code: str
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    gap: float = 0.0
    # Left and right within a label; wide where labels reach the edge of the paper, which printers leave white.
    inset: float = PADDING

    @property
    def per_page(self) -> int:
        """How many labels a page holds."""
        return self.columns * self.rows

    @property
    def label(self) -> str | Promise:
        """The name that boxes of labels carry: grid and size of one label."""
        return _("%(columns)d × %(rows)d, %(width)s × %(height)s mm") % {
            "columns": self.columns,
            "rows": self.rows,
            "width": f"{self.width:g}",
            "height": f"{self.height:g}",
        }

    def corner(self, position: int) -> tuple[float, float]:
        """Return the upper left corner of the label at `position` (from 0) of a page."""
        row, column = divmod(position, self.columns)
        return self.left + column * (self.width + self.gap), self.top + row * self.height


SHEETS: dict[str, Sheet] = {
    sheet.code: sheet
    for sheet in (
        Sheet("3x8", 3, 8, 70.0, 37.0, 0.0, 0.5, inset=4.5),
        Sheet("3x7", 3, 7, 63.5, 38.1, 7.2, 15.1, 2.55),
        Sheet("2x7", 2, 7, 99.1, 38.1, 4.65, 15.1, 2.5),
        Sheet("4x10", 4, 10, 48.5, 25.4, 8.0, 21.5),
        Sheet("5x13", 5, 13, 38.1, 21.2, 4.75, 10.7, 2.5),
    )
}
DEFAULT_SHEET = "3x8"


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says: the school small, the name large, then the lines; the code leads to `address`."""

    school: str
    name: str
    lines: Sequence[str]
    address: str
