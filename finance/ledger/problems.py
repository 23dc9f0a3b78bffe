"""What `verify_books` finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that is not as it should be: its table, its key (None where a row is missing), and what is wrong."""

    table: str
    row: int | None
    what: str

    def __str__(self) -> str:
        return f"{self.table} {'missing' if self.row is None else self.row}: {self.what}"
