"""Pages of schools, and the switch between them."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from houqin.schools.access import access_of
from houqin.schools.http import PageRequest
from houqin.schools.middleware import ALL, SESSION_KEY
from houqin.schools.models import Membership, Place, School
from houqin.schools.organisation import actions
from houqin.schools.organisation.forms import CampusForm, SchoolForm
from houqin.schools.permissions import require
from houqin.web.paging import Sort
from houqin.web.steps import take_step
from houqin.web.views import Chip, CreatePage, DetailPage, ListPage, UpdatePage, any_of


def schools_in_view(user: Any) -> QuerySet[School]:
    """Return the schools that `user` reaches."""
    return School.objects.filter(pk__in=access_of(user).schools_with("schools.view_school"))


class SchoolList(ListPage):
    """The schools that one reaches; there is nothing to search in so few."""

    model = School
    permission = "schools.view_school"
    template_name = "schools/schools/list.html"
    sorts = {"name": Sort("name_pinyin", descending=False)}
    default_sort = "name"
    is_searched = False
    chips = (
        Chip("", _("In use"), any_of(is_active=True)),
        Chip("closed", _("Out of use"), any_of(is_active=False)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return schools_in_view(self.request.user)

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("parent")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_manage = self.request.user.has_perm("schools.manage_schools")
        return super().get_context_data(may_manage=may_manage, **kwargs)


class SchoolDetail(DetailPage):
    """One school: how to reach it, its campuses, its people and places in numbers."""

    model = School
    permission = "schools.view_school"
    template_name = "schools/schools/detail.html"
    context_object_name = "record"

    def get_queryset(self) -> QuerySet[Any]:
        return schools_in_view(self.request.user).select_related("parent")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        school: School = self.object
        request.counts.ask("school:people", Membership.objects.current().filter(school=school).distinct("user"))
        request.counts.ask("school:places", Place.objects.open().filter(school=school))
        return super().get_context_data(
            campuses=schools_in_view(request.user).filter(parent=school).order_by("name_pinyin"),
            may_manage=request.user.has_perm("schools.manage_schools", school),
            may_act=school.pk in access_of(request.user).schools and school != request.acting.school,
            **kwargs,
        )


class CampusCreate(CreatePage):
    """Enter a campus."""

    model = School
    form_class = CampusForm
    permission = "schools.manage_schools"
    action_code = "schools.create_campus"
    template_name = "schools/schools/form.html"


class SchoolUpdate(UpdatePage):
    """Change a school."""

    model = School
    form_class = SchoolForm
    permission = "schools.manage_schools"
    action_code = "schools.update_school"
    template_name = "schools/schools/form.html"
    context_object_name = "record"

    def get_queryset(self) -> QuerySet[Any]:
        return schools_in_view(self.request.user)


def _step(request: PageRequest, pk: int, action: Callable[..., School], code: str, done: Any) -> HttpResponse:
    school = get_object_or_404(schools_in_view(request.user), pk=pk)
    require(request.user, "schools.manage_schools", school)
    to = reverse("schools:schools:detail", args=[pk])
    return take_step(request, lambda: action(school, by=request.user), code=code, record=school, to=to, done=done)


@require_POST
def close(request: PageRequest, pk: int) -> HttpResponse:
    """Take a campus out of use."""
    return _step(request, pk, actions.close_school, "schools.close_school", _("Closed. Its labels no longer answer."))


@require_POST
def reopen(request: PageRequest, pk: int) -> HttpResponse:
    """Take a campus into use again."""
    return _step(request, pk, actions.reopen_school, "schools.reopen_school", _("In use again."))


@require_POST
def switch(request: PageRequest) -> HttpResponse:
    """Act for another school from now on, or look at all with a central role; then go on where one was."""
    access = access_of(request.user)
    chosen = request.POST.get("school", "")
    if chosen == ALL and access.is_central:
        request.session[SESSION_KEY] = ALL
    elif chosen in map(str, access.schools):
        request.session[SESSION_KEY] = int(chosen)
    else:
        raise Http404
    return HttpResponseRedirect(_way_back(request))


def _way_back(request: PageRequest) -> str:
    """Return the page that one came from, without its filters; the home page when it is not one of ours."""
    came_from = request.POST.get("next", "") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        path = urlsplit(came_from).path
        # "//host" in a path would lead away.
        if path.startswith("/") and url_has_allowed_host_and_scheme(path, None):
            return path
    return reverse("web:home")
