"""The list of people with their posts as Excel, CSV or PDF."""

from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from houqin.exports.lists import rows_of
from houqin.exports.registry import Column, Export
from houqin.schools.people.views import PersonList
from houqin.schools.people.visible import posts_in_view
from houqin.schools.roles import Role

_listed = rows_of(PersonList)


def rows(user: Any, school: Any, params: QueryDict) -> QuerySet[Any]:
    """Return the listed people, each with the posts held today in one text ("maintainer 黄竹林学校")."""
    role = Case(
        *(When(role=role.value, then=Value(str(role.label))) for role in Role), output_field=CharField(max_length=60)
    )
    posts = (
        posts_in_view(user, school)
        .current()
        .filter(user=OuterRef("pk"))
        .order_by()
        .values("user")
        .annotate(words=StringAgg(Concat(role, Value(" "), "school__name"), "、", order_by=("school__name", "role")))
    )
    return _listed(user, school, params).annotate(posts=Subquery(posts.values("words")))


PEOPLE = Export(
    name="schools.people",
    title=_("People"),
    permission="schools.view_people",
    queryset=rows,
    columns=[
        Column(pgettext_lazy("person", "name"), "display_name", width=14),
        Column(_("posts"), "posts", width=36),
        Column(_("phone"), "phone", width=16),
        Column(_("staff number"), "staff_number", width=14),
        Column(_("e-mail"), "email", width=24),
        Column(_("username"), "username", width=18),
        Column(_("account in use"), "is_active", "boolean", width=10),
    ],
)
