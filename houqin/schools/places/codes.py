"""Suggest the short code of a place: what stands on its label and is said on the phone."""

import re
from collections.abc import Collection
from itertools import count

from houqin.schools.models import Place, School
from houqin.web.search import initials

MAX_LENGTH = 20


def suggest_code(
    school: School, name: str, parent: Place | None = None, *, avoiding: Collection[str] = frozenset()
) -> str:
    """Return a code that no place of `school` has: of the building's code and the room's number (YHL-101)."""
    base = _own_part(name)
    if parent is not None:
        base = f"{parent.code}-{base}"
    base = base[:MAX_LENGTH].strip("-") or "P"
    taken = set(Place.objects.filter(school=school, code__istartswith=base).values_list("code", flat=True))
    taken.update(avoiding)
    if base not in taken:
        return base
    return next(code for n in count(2) if (code := f"{base[: MAX_LENGTH - 4]}-{n}") not in taken)


def _own_part(name: str) -> str:
    """Return the number in a name if it has one (101教室 -> 101), else its initials (图书室 -> TSS)."""
    number = re.match(r"[A-Za-z]?\d+[A-Za-z]?", name)
    if number:
        return number.group().upper()
    letters = "".join(re.findall(r"[A-Za-z0-9]+", name))
    return (initials(name) + letters).upper()[:12]
