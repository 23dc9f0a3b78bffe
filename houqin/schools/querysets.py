"""Reading starts here: the rows of the schools that a person reaches."""

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Cast

from houqin.schools.access import access_of


def of_schools(schools: Collection[int]) -> Q:
    """Return the condition that a row belongs to one of `schools` (their ids).

    A single id is sent as what the column holds, a bigint: a plain number is an integer to PostgreSQL, and the GIN
    indexes that find words within a school (btree_gin) compare nothing but like with like.
    """
    if len(schools) == 1:
        (school,) = schools
        return Q(school_id=Cast(Value(school), models.BigIntegerField()))
    return Q(school_id__in=schools)


class SchoolQuerySet(models.QuerySet[Any]):
    """Rows that belong to a school; the model names who may see them in `VIEW_PERMISSION`."""

    def visible_to(self, user: Any) -> Self:
        """Keep what `user` may see, over all schools that one reaches."""
        return self.filter(of_schools(access_of(user).schools_with(self.model.VIEW_PERMISSION)))

    def at(self, school: Any) -> Self:
        """Keep the rows of the acting school; None means all (a central role looking at all)."""
        return self if school is None else self.filter(of_schools([school.pk]))
