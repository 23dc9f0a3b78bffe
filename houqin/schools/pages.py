"""A base for pages that need one school: a central role that looks at all is asked which one first."""

from typing import Any, ClassVar

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.views.generic.base import View

from houqin.errors import NotAllowed
from houqin.schools.access import access_of
from houqin.schools.models import School


class AtOneSchool(View):
    """Put this before a CreatePage; without an acting school the page asks for one and then goes on."""

    permission: ClassVar[str | None] = None
    # Why not every school is offered, where that is so.
    choosing_hint: ClassVar[str | Promise] = ""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.acting.school is None:
            schools = [one for one in schools_to_act_for(request.user, self.permission) if self.may_be_for(one)]
            if not schools:
                raise NotAllowed(permission=self.permission)
            return render(request, "schools/choose.html", {"schools": schools, "hint": self.choosing_hint})
        return super().dispatch(request, *args, **kwargs)

    def may_be_for(self, school: School) -> bool:
        """Whether what the page does can be done for a school of the person's."""
        return True


def schools_to_act_for(user: Any, permission: str | None) -> list[School]:
    """Return the schools in use where `user` has `permission`, in their order."""
    access = access_of(user)
    allowed = access.schools_with(permission) if permission else frozenset(access.schools)
    return [school for pk, school in access.schools.items() if pk in allowed and school.is_active]
