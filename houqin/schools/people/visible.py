"""Whom a person may see, and whose account a person may look after."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.accounts.models import User
from houqin.errors import NotAllowed
from houqin.schools.access import Access, access_of
from houqin.schools.models import Membership, MembershipQuerySet, School
from houqin.schools.roles import LEADING_ROLES


def posts_in_view(user: Any, school: School | None = None) -> MembershipQuerySet:
    """Return the posts, past ones too, at the schools whose people `user` may see, or at one of them."""
    posts = Membership.objects.visible_to(user)
    return posts if school is None else posts.filter(school=school)


def people_visible_to(user: Any, school: School | None = None) -> QuerySet[User]:
    """Return the people who hold or held a post in view; `serves` says whether they hold one today."""
    posts = posts_in_view(user, school).filter(user=OuterRef("pk"))
    return User.objects.filter(Exists(posts)).annotate(serves=Exists(posts.current()))


def colleagues(user: Any, school: School | None = None) -> QuerySet[User]:
    """Return the active people who hold a post in view today, in the order of their names."""
    posts = posts_in_view(user, school).current().filter(user=OuterRef("pk"))
    return User.objects.filter(Exists(posts), is_active=True).order_by("name_pinyin", "pk")


def may_look_after(by: Any, person: User) -> bool:
    """Say whether `by` may change the contacts, codes and account of `person`.

    Whoever may do that can act in the person's name, so it takes charge of people at every school where the
    person serves, and the right to appoint leaders where the person is one. Of somebody who left, the last
    schools count. Costs one query.
    """
    posts = list(Membership.objects.filter(user=person).values_list("school_id", "role", "until"))
    today = timezone.localdate()
    held = [(school_id, role) for school_id, role, until in posts if until is None or until >= today]
    held = held or [(school_id, role) for school_id, role, _until in posts]
    access = access_of(by)
    return bool(held) and all(_in_charge(access, school_id, role) for school_id, role in held)


def require_to_look_after(by: Any, person: User) -> None:
    """Raise NotAllowed unless `may_look_after`."""
    if not may_look_after(by, person):
        raise NotAllowed(
            _("This person also serves elsewhere or in a leading post. Ask the central school."),
            code="not_in_charge",
        )


def _in_charge(access: Access, school_id: int, role: str) -> bool:
    if role in LEADING_ROLES and not access.may("schools.appoint_leaders", school_id):
        return False
    return access.may("schools.manage_people", school_id)


def serving_or_to_serve() -> Q:
    """Return the condition for posts that have not ended, those of the future too."""
    return Q(until__isnull=True) | Q(until__gte=timezone.localdate())
