"""Reading starts here: the rows of the schools that a person reaches."""

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models import Q, Value

from houqin.schools.access import access_of

BIGINT: Any = models.BigIntegerField()


class SchoolId(Value):
    """The id of one school as what the column holds, a bigint.

    A plain number is an integer to PostgreSQL, and the GIN indexes that find words within a school (btree_gin) compare
    nothing but like with like. Every list asks for it several times, and Cast takes thrice as long.
    """

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, list[Any]]:
        """Return the number with its type."""
        return "%s::bigint", [self.value]


def of_schools(schools: Collection[int]) -> Q:
    """Return the condition that a row belongs to one of `schools` (their ids)."""
    if len(schools) == 1:
        (school,) = schools
        return Q(school_id=SchoolId(school, BIGINT))
    return Q(school_id__in=schools)


def seen_at(model: Any, user: Any, school: Any) -> models.QuerySet[Any]:
    """Return the rows of `model` that `user` may see at the acting school; built once for a list and its badge."""
    narrowed = access_of(user).narrowed
    key = model, school and school.pk
    if key not in narrowed:
        narrowed[key] = model.objects.visible_to(user).at(school)
    # A copy: nobody reads what another has fetched.
    rows: models.QuerySet[Any] = narrowed[key].all()
    return rows


class SchoolQuerySet(models.QuerySet[Any]):
    """Rows that belong to a school; the model names who may see them in `VIEW_PERMISSION`."""

    def visible_to(self, user: Any) -> Self:
        """Keep what `user` may see, over all schools that one reaches."""
        return self.filter(of_schools(access_of(user).schools_with(self.model.VIEW_PERMISSION)))

    def at(self, school: Any) -> Self:
        """Keep the rows of the acting school; None means all (a central role looking at all)."""
        return self if school is None else self.filter(of_schools([school.pk]))
