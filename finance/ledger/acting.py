"""In which set of books a person works: the school's own or its canteen's, kept in the session like the school."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from finance.ledger.models import Ledger
from houqin.schools.access import access_of

SESSION_KEY = "books"


@dataclass(frozen=True, slots=True)
class Books:
    """The sets of books of the acting school, or of all; and the kind that was chosen."""

    ledgers: Sequence[Ledger]
    kind: str
    at_one_school: bool

    @property
    def several(self) -> bool:
        """Whether there is anything to choose between."""
        return len({ledger.kind for ledger in self.ledgers}) > 1

    @property
    def chosen(self) -> Sequence[Ledger]:
        """The books of the chosen kind; all there are when nobody has any of it."""
        return [ledger for ledger in self.ledgers if ledger.kind == self.kind] or self.ledgers

    @property
    def current(self) -> Ledger | None:
        """The books that one works in; None for all schools, and before they are opened."""
        return self.chosen[0] if self.at_one_school and self.chosen else None

    @property
    def options(self) -> list[tuple[str, Any, bool]]:
        """What to choose between: kind, name (of the books of one school, else of the kind), whether it is chosen."""
        own = self.chosen[0].kind if self.chosen else self.kind
        kinds = {ledger.kind: ledger for ledger in reversed(self.ledgers)}
        return [
            (kind, ledger.name if self.at_one_school else ledger.get_kind_display(), kind == own)
            for kind, ledger in sorted(kinds.items(), reverse=True)
        ]


def books(request: Any) -> Books:
    """Return the books that the person may choose between. One query, once a request."""
    found: Books | None = getattr(request, "ledger_books", None)
    if found is None:
        school = request.acting.school
        rows = Ledger.objects.visible_to(request.user).at(school).select_related("school").order_by("-kind", "pk")
        # An export repeats a list from its address alone.
        kind = request.GET.get(SESSION_KEY) or getattr(request, "session", {}).get(SESSION_KEY, "")
        kind = kind if kind in Ledger.Kind.values else Ledger.Kind.MAIN
        found = request.ledger_books = Books(list(rows), kind, school is not None)
    return found


def asked(request: Any, permission: str) -> Ledger | None:
    """Return the books that a form names, if the person has `permission` there, else those one works in.

    A form says in which books it was begun: choosing others in the next tab does not move what is typed.
    """
    key = request.POST.get("ledger") or request.GET.get("ledger", "")
    if key.isdecimal() and len(key) < 10:
        allowed = access_of(request.user).schools_with(permission)
        return Ledger.objects.filter(pk=int(key), school_id__in=allowed).select_related("school").first()
    return books(request).current
