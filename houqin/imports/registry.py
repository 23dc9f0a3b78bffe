"""What can be imported: the rooms register their kinds in AppConfig.ready()."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise

from houqin.imports.parse import parse_text

Text = str | Promise
# What stands in a cell of a workbook; empty cells are None.
Cell = str | int | float | bool | date | datetime | None
MAX_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """A column that a kind understands; recognised in a file by its title or one of its synonyms."""

    # Key of the value in a row; the name of the field where there is one.
    name: str
    # What people call it, and what the template's head says.
    title: Text
    # Other heads that mean the same, in Chinese as offices write them.
    synonyms: Sequence[str] = ()
    required: bool = False
    # Turns a cell that is not empty into a value, or raises Refused; see houqin.imports.parse.
    parse: Callable[[Any], Any] = parse_text
    # One line of what to write, shown on the upload page and in the template.
    help: Text = ""
    example: str = ""
    # A required column whose cells may be empty: the kind's check says where they must not.
    empty_ok: bool = False


@dataclass(slots=True)
class ImportRow:
    """One row of the file: its number as the spreadsheet shows it, and the parsed values by column name.

    Empty cells and columns that the file lacks are None. A kind's `check` may put what it looked up into
    `values`; `write` gets the same rows.
    """

    number: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values.get(column)


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing that is wrong: where (column "" is the row as a whole), a code for tests, a sentence for people."""

    row: int
    column: str
    code: str
    message: Text
    # What stands in the cell; the engine fills it in where it can.
    cell: str = ""


# Called with the number of rows done so far.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ImportKind:
    """One thing that can be imported at a school.

    `check(rows, *, school, by)` returns what is wrong with the rows (those with unreadable cells are not
    among them) and changes nothing. `write(rows, *, school, by, progress)` runs in one transaction after
    the same rows were checked again, calls the room's actions, tells `progress` how many rows are done and
    returns how many records it wrote; a Refused from an action is shown at the row after the last one done.
    `summarise(rows)` returns label and value pairs shown before confirming (totals to compare with the paper).
    """

    name: str
    title: Text
    permission: str
    columns: Sequence[ImportColumn]
    check: Callable[..., Sequence[RowError]]
    write: Callable[..., int]
    summarise: Callable[[Sequence[ImportRow]], Sequence[tuple[Text, Text]]] | None = None
    # What to know before uploading, a sentence each.
    notes: Sequence[Text] = ()
    # URL name of the list where the written records are found, and of the page that offers the import.
    list_url: str = ""
    # In which order rows are written, where one needs another; else that of the file.
    write_order: Callable[[ImportRow], Any] | None = None
    max_rows: int = MAX_ROWS
    # Lines of totals (本月合计) are left out unless the kind's check wants to compare them with the rows.
    reads_totals: bool = False
    _by_name: dict[str, ImportColumn] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})

    def column(self, name: str) -> ImportColumn | None:
        """Return the column of this name."""
        return self._by_name.get(name)


_kinds: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> None:
    """Add a kind; a second one of the same name replaces the first."""
    _kinds[kind.name] = kind


def get(name: str) -> ImportKind | None:
    """Return the kind of this name."""
    return _kinds.get(name)


def kinds_for(user: Any, school: Any) -> list[ImportKind]:
    """Return the kinds that `user` may import at `school`."""
    return [kind for kind in _kinds.values() if user.has_perm(kind.permission, school)]
