"""Pages of people and their posts."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from houqin.accounts.models import User
from houqin.errors import NotAllowed, Refused
from houqin.schools.handover import open_kinds
from houqin.schools.http import PageRequest
from houqin.schools.models import Membership
from houqin.schools.pages import AtOneSchool
from houqin.schools.people import actions
from houqin.schools.people.forms import EndPostForm, LeaveForm, PersonCreateForm, PersonForm, PostForm
from houqin.schools.people.holders import people_with
from houqin.schools.people.visible import (
    colleagues,
    may_look_after,
    people_visible_to,
    posts_in_view,
    require_to_look_after,
    serving_or_to_serve,
)
from houqin.schools.permissions import require
from houqin.schools.roles import LEADING_ROLES, PERMISSIONS, Role
from houqin.web import widgets
from houqin.web.paging import Sort
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import Chip, CreatePage, DetailPage, Filter, ListPage, Text, UpdatePage, any_of


def roles(request: Any) -> Sequence[tuple[str, Text]]:
    """Return all roles, for the filter."""
    return [(role.value, role.label) for role in Role]


def holding(rows: QuerySet[Any], role: str) -> QuerySet[Any]:
    """Keep the people who hold `role` today."""
    return rows.filter(Exists(Membership.objects.current().filter(user=OuterRef("pk"), role=role)))


def person_url(person: User) -> str:
    """Return the address of a person's page."""
    return reverse("schools:people:detail", args=[person.pk])


class PersonList(ListPage):
    """The people of the acting school."""

    model = User
    permission = "schools.view_people"
    template_name = "schools/people/list.html"
    sorts = {"name": Sort("name_pinyin", descending=False)}
    default_sort = "name"
    search_hint = _("Name, phone, staff number or pinyin initials like ljp")
    chips = (
        Chip("", _("In post"), lambda people, _user: people.filter(serves=True, is_active=True)),
        Chip("left", _("Left or elsewhere"), lambda people, _user: people.filter(serves=False)),
        Chip("off", _("Switched off"), any_of(is_active=False)),
    )
    filters = (Filter("role", _("All roles"), roles, holding),)

    def get_queryset(self) -> QuerySet[Any]:
        return people_visible_to(self.request.user, self.request.acting.school)  # type: ignore[attr-defined]

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        posts = posts_in_view(self.request.user, self.request.acting.school)  # type: ignore[attr-defined]
        shown = posts.current().select_related("school").order_by("school__name_pinyin", "role")
        return queryset.prefetch_related(Prefetch("memberships", queryset=shown, to_attr="shown_posts"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        school = self.request.acting.school  # type: ignore[attr-defined]
        may_manage = self.request.user.has_perm("schools.manage_people", school)
        return super().get_context_data(may_manage=may_manage, **kwargs)


class PersonDetail(DetailPage):
    """One person: contacts, posts, and what the office can do."""

    model = User
    permission = "schools.view_people"
    template_name = "schools/people/detail.html"
    context_object_name = "person"

    def get_queryset(self) -> QuerySet[Any]:
        return people_visible_to(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person: User = self.object
        posts = posts_in_view(self.request.user).filter(user=person).select_related("school").order_by("-since", "pk")
        looked_after = may_look_after(self.request.user, person)
        return super().get_context_data(
            posts=[_shown_post(post, self.request.user) for post in posts],
            may_look_after=looked_after,
            may_appoint=self.request.user.has_perm("schools.manage_people") and person.pk != self.request.user.pk,
            **kwargs,
        )


def _shown_post(post: Membership, user: Any) -> dict[str, Any]:
    today = timezone.localdate()
    ended = post.until is not None and post.until < today
    leads = post.role in LEADING_ROLES
    may_end = user.has_perm("schools.appoint_leaders" if leads else "schools.manage_people", post)
    return {"post": post, "ended": ended, "ahead": post.since > today, "may_end": may_end and not ended}


class PersonCreate(AtOneSchool, CreatePage):
    """Enter a person with a first post."""

    model = User
    form_class = PersonCreateForm
    permission = "schools.manage_people"
    action_code = "schools.create_person"
    template_name = "schools/people/form.html"

    def get_success_url(self) -> str:
        return person_url(self.object)


class AboutPerson(UpdatePage):
    """A form about a person whom the user looks after."""

    model = User
    permission = "schools.manage_people"
    context_object_name = "person"

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        person = get_object_or_404(people_visible_to(self.request.user), pk=self.kwargs["pk"])
        require_to_look_after(self.request.user, person)
        return person

    def get_success_url(self) -> str:
        return person_url(self.object)


class PersonUpdate(AboutPerson):
    """Change a person's name and contacts."""

    form_class = PersonForm
    action_code = "schools.update_person"
    template_name = "schools/people/form.html"


class Leave(AboutPerson):
    """Let a person leave: what is open is shown and handed over."""

    form_class = LeaveForm
    action_code = "schools.leave"
    template_name = "schools/people/leave.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("instance", None)
        self.open_kinds = open_kinds(self.object)
        takeable = any(entry.kind.can_go_over for entry in self.open_kinds)
        return kwargs | {"person": self.object, "something_open": takeable}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        posts = Membership.objects.filter(serving_or_to_serve(), user=self.kwargs["pk"]).select_related("school")
        return context | {"open_kinds": self.open_kinds, "posts": posts.order_by("since")}


class PostCreate(CreatePage):
    """Give a person a post."""

    model = Membership
    form_class = PostForm
    permission = "schools.manage_people"
    action_code = "schools.give_post"
    template_name = "schools/people/post_form.html"
    # The person's; the form asks at which school.
    is_about_one_record = True

    @cached_property
    def person(self) -> User:
        """Who gets the post; a stranger is not found."""
        return get_object_or_404(people_visible_to(self.request.user), pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"person": self.person}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(person=self.person, **kwargs)

    def get_success_url(self) -> str:
        return person_url(self.person)


class PostEnd(UpdatePage):
    """Say the last day of a post."""

    model = Membership
    form_class = EndPostForm
    permission = "schools.manage_people"
    action_code = "schools.end_post"
    template_name = "schools/people/post_end.html"
    context_object_name = "post"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("user", "school")

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        post = super().get_object(queryset)
        if post.role in LEADING_ROLES and not self.request.user.has_perm("schools.appoint_leaders", post):
            raise NotAllowed(_("This post is ended by the central school. Ask its officer."), code="leading_post")
        return post

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        began = self.object.since
        fresh = began >= timezone.localdate() - actions.WITHDRAW_WITHIN
        return super().get_context_data(fresh=fresh, still_open=open_kinds(self.object.user), **kwargs)

    def get_success_url(self) -> str:
        return person_url(self.object.user)


@require_POST
def withdraw_post(request: PageRequest, pk: int) -> HttpResponse:
    """Take back a post that was entered by mistake."""
    post = get_object_or_404(Membership.objects.visible_to(request.user).select_related("user", "school"), pk=pk)
    require(request.user, "schools.manage_people", post)
    person = post.user
    in_view = posts_in_view(request.user).filter(user=person).exclude(pk=post.pk).exists()
    to = person_url(person) if in_view else reverse("schools:people:list")
    return take_step(
        request,
        lambda: actions.withdraw_post(post, by=request.user),
        code="schools.withdraw_post",
        record=post,
        to=to,
        done=_("Taken back. The history keeps it."),
    )


@never_cache
def make_code(request: PageRequest, pk: int) -> HttpResponse:
    """Show a fresh one-time code on a slip to be printed, this once: opening the address again leads back."""
    person = get_object_or_404(people_visible_to(request.user), pk=pk)
    require_to_look_after(request.user, person)
    if request.method != "POST":
        return HttpResponseRedirect(person_url(person))
    try:
        slip = actions.make_code(person, by=request.user)
    except Refused as refusal:
        record_action(
            "accounts.make_one_time_code",
            by=request.user,
            school=request.acting.school,
            record=person,
            result=str(refusal.code),
        )
        return render(request, "schools/people/code.html", {"person": person, "refusal": refusal.sentence}, status=409)
    return render(request, "schools/people/code.html", {"person": person, "slip": slip})


@require_POST
def switch_on(request: PageRequest, pk: int) -> HttpResponse:
    """Take the account of a person who came back into use again."""
    person = get_object_or_404(people_visible_to(request.user), pk=pk)
    return take_step(
        request,
        lambda: actions.switch_on(person, by=request.user),
        code="schools.switch_on",
        record=person,
        to=person_url(person),
        done=_("The account is in use again. Give the person a post."),
    )


@require_GET
def options(request: PageRequest) -> HttpResponse:
    """Answer a type-ahead with the people who serve at the acting school; `may` keeps those who hold a permission."""
    school = request.acting.school
    require(request.user, "schools.view_people", school)
    people = colleagues(request.user, school)
    permission = request.GET.get("may", "")
    if permission in PERMISSIONS and school is not None:
        people = people.filter(pk__in=people_with(permission, school).values("pk"))
    return widgets.options(request, people, facts=lambda person: (person.staff_number,))
