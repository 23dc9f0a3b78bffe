"""What happens with people: enter, change, appoint, end a post, leave, come back, get a one-time code."""

import re
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.accounts import actions as accounts
from houqin.accounts.models import User
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.schools import renames
from houqin.schools.models import Membership, School
from houqin.schools.people.keeping import check_somebody_manages, lock_posts
from houqin.schools.people.visible import require_to_look_after
from houqin.schools.permissions import require
from houqin.schools.roles import LEADING_ROLES
from houqin.web.search import pinyin
from houqin.web.trail import record_action

WITHDRAW_WITHIN = timedelta(days=7)


@transaction.atomic
def create_person(
    school: School,
    *,
    display_name: str,
    role: str,
    since: date,
    username: str = "",
    phone: str = "",
    staff_number: str = "",
    email: str = "",
    by: Any,
) -> User:
    """Enter a person with a first post at `school`; a password is chosen later with a one-time code."""
    require(by, "schools.manage_people", school)
    person = User.objects.create_user(
        username or suggest_username(display_name),
        display_name=display_name,
        phone=phone,
        staff_number=staff_number,
        email=email,
    )
    record_action("schools.create_person", by=by, school=school, record=person)
    give_post(person, school=school, role=role, since=since, by=by)
    return person


@transaction.atomic
def update_person(
    person: User, *, display_name: str, username: str, phone: str, staff_number: str, email: str, by: Any
) -> User:
    """Change a person's name and contacts; what holds the name follows."""
    require_to_look_after(by, person)
    locked = User.objects.select_for_update().get(pk=person.pk)
    renamed = locked.display_name != display_name
    locked.display_name, locked.username = display_name, username
    locked.phone, locked.staff_number, locked.email = phone, staff_number, email
    locked.save(update_fields=["display_name", "username", "phone", "staff_number", "email"])
    if renamed:
        renames.announce("person", [locked.pk])
    record_action("schools.update_person", by=by, record=locked)
    return locked


@transaction.atomic
def give_post(
    person: User, *, school: School, role: str, since: date, until: date | None = None, by: Any
) -> Membership:
    """Appoint a person; leading posts only by the central school, and nobody appoints oneself.

    Raises NotAllowed "leading_post", Refused "own_post", "school_closed" and "switched_off"; a constraint refuses a
    post that the person already holds in that time.
    """
    require(by, "schools.manage_people", school)
    if role in LEADING_ROLES and not by.has_perm("schools.appoint_leaders", school):
        raise NotAllowed(
            _("This post is given by the central school. Ask its officer to enter it."), code="leading_post"
        )
    if by.pk == person.pk:
        raise Refused(_("Nobody can give oneself a post. Ask a colleague who may."), code="own_post", field="role")
    if not School.objects.filter(pk=school.pk, is_active=True).exists():
        raise Refused(_("This school is closed. Open it again first."), code="school_closed", field="school")
    if not User.objects.select_for_update().get(pk=person.pk).is_active:
        raise Refused(_("This person has left. Take the account into use again first."), code="switched_off")
    post = Membership.objects.create(user=person, school=school, role=role, since=since, until=until)
    record_action("schools.give_post", by=by, record=post)
    return post


@transaction.atomic
def end_post(post: Membership, *, until: date, by: Any) -> Membership:
    """End a post with the day `until`, which is its last.

    Raises NotAllowed "leading_post", WrongState "already_ended", Refused "ends_before_start" and "last_manager".
    """
    locked = _lock_post(post, by=by)
    if locked.until is not None and locked.until <= until:
        raise WrongState(code="already_ended")
    if until < locked.since:
        raise Refused(_("The last day is before the first day."), code="ends_before_start", field="until")
    check_somebody_manages([locked])
    locked.until = until
    locked.save(update_fields=["until"])
    record_action("schools.end_post", by=by, record=locked, detail=str(until))
    return locked


@transaction.atomic
def withdraw_post(post: Membership, *, by: Any) -> User:
    """Take back a post that was entered by mistake, at once; the trail keeps it.

    Raises NotAllowed "leading_post", Refused "too_late", "only_post" and "last_manager".
    """
    locked = _lock_post(post, by=by)
    if locked.since < timezone.localdate() - WITHDRAW_WITHIN:
        raise Refused(
            _("A post that was held for more than a week is ended, not taken back. Enter its last day."),
            code="too_late",
        )
    if not Membership.objects.filter(user=locked.user).exclude(pk=locked.pk).exists():
        raise Refused(
            _("This is the person's only post. Enter the right one first, or let the person leave."), code="only_post"
        )
    check_somebody_manages([locked])
    person = locked.user
    record_action("schools.withdraw_post", by=by, record=locked)
    locked.delete()
    return person


@transaction.atomic
def switch_on(person: User, *, by: Any) -> User:
    """Take the account of a person who came back into use again; posts are given apart."""
    require_to_look_after(by, person)
    locked = User.objects.select_for_update().get(pk=person.pk)
    if locked.is_active:
        raise WrongState(code="already_on")
    locked.is_active = True
    locked.save(update_fields=["is_active"])
    record_action("schools.switch_on", by=by, record=locked)
    return locked


@transaction.atomic
def make_code(person: User, *, by: Any) -> accounts.CodeSlip:
    """Make the one-time code that the office prints for a person who cannot log in."""
    require_to_look_after(by, person)
    return accounts.make_one_time_code(person, by=by)


def suggest_username(display_name: str) -> str:
    """Return a username that nobody has, made of the name's pinyin (罗建平 -> luojianping)."""
    base = re.sub(r"[^a-z0-9]", "", pinyin(display_name))[:50] or "person"
    taken = {
        name.lower() for name in User.objects.filter(username__istartswith=base).values_list("username", flat=True)
    }
    if base not in taken:
        return base
    return next(name for n in count(2) if (name := f"{base}{n}") not in taken)


def _lock_post(post: Membership, *, by: Any) -> Membership:
    lock_posts(post.school)
    locked = Membership.objects.select_for_update(of=("self",)).select_related("school", "user").get(pk=post.pk)
    require(by, "schools.manage_people", locked)
    if locked.role in LEADING_ROLES and not by.has_perm("schools.appoint_leaders", locked):
        raise NotAllowed(_("This post is ended by the central school. Ask its officer."), code="leading_post")
    return locked
