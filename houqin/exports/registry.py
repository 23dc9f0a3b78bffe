"""What can leave as a file: apps register their exports in AppConfig.ready()."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import QuerySet
from django.db.models.expressions import BaseExpression
from django.http import QueryDict
from django.utils.functional import Promise

if TYPE_CHECKING:
    from houqin.exports.models import ExportJob
    from houqin.exports.progress import Progress

Text = str | Promise
ColumnType = Literal["text", "number", "integer", "money", "date", "datetime", "choice", "boolean"]
# Gets (user, school or None for all, the list's query string); returns rows limited by `visible_to`.
Rows = Callable[[Any, Any, QueryDict], QuerySet[Any]]

TABLE_FORMATS = ("xlsx", "csv", "pdf")
RIGHT_ALIGNED = frozenset({"number", "integer", "money"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what stands in its head, where its values come from, and what they are."""

    header: Text
    # A path of fields ("place__full_name") or a query expression.
    value: str | BaseExpression
    type: ColumnType = "text"
    # In characters of the body type; a Chinese character takes two.
    width: int = 16
    # Value and label of a "choice" column; taken from the model's field when not given.
    choices: Sequence[tuple[Any, Text]] = ()
    # Whether the table's last row sums the column.
    total: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """A table: the rows of a list, exactly as filtered and visible, as Excel, CSV or PDF."""

    # Dotted like a permission: "schools.places".
    name: str
    title: Text
    permission: str
    columns: Sequence[Column]
    queryset: Rows
    formats: tuple[str, ...] = TABLE_FORMATS


@dataclass(frozen=True, slots=True)
class DocumentExport:
    """A file that a room writes itself (labels, work orders): `write` fills the path that it is given.

    `write(job, path, progress)` reads `job.owner`, `job.school` and `job.query`, starts from `visible_to`,
    calls `progress.at(done)` as it goes and returns how many things the file holds.
    """

    name: str
    title: Text
    permission: str
    write: Callable[["ExportJob", Path, "Progress"], int]
    formats: tuple[str, ...] = ("pdf",)
    # What a file of this query string is called, where the title alone does not tell files apart.
    titled: Callable[[QueryDict], str] | None = None
    # Whose it is by its query string; "" leaves it at the job's school.
    whose: Callable[["ExportJob"], str] | None = None


Definition = Export | DocumentExport
_definitions: dict[str, Definition] = {}


def register(definition: Definition) -> None:
    """Add an export; a second one of the same name replaces the first."""
    _definitions[definition.name] = definition


def get(name: str) -> Definition | None:
    """Return the export of this name, None when no app offers it."""
    return _definitions.get(name)


def definitions() -> list[Definition]:
    """Return all exports, by name."""
    return [_definitions[name] for name in sorted(_definitions)]
