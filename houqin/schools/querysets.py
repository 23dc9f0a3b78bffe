"""Reading starts here: the rows of the schools that a person reaches."""

from typing import Any, Self

from django.db import models

from houqin.schools.access import access_of


class SchoolQuerySet(models.QuerySet[Any]):
    """Rows that belong to a school; the model names who may see them in `VIEW_PERMISSION`."""

    def visible_to(self, user: Any) -> Self:
        """Keep what `user` may see, over all schools that one reaches."""
        return self.filter(school_id__in=access_of(user).schools_with(self.model.VIEW_PERMISSION))

    def at(self, school: Any) -> Self:
        """Keep the rows of the acting school; None means all (a central role looking at all)."""
        return self if school is None else self.filter(school=school)
