"""A person leaves: what is open goes to somebody else, posts end, the account is switched off."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from houqin.accounts.models import User
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.schools.handover import OpenKind, open_kinds
from houqin.schools.models import Membership
from houqin.schools.people.keeping import check_somebody_manages, lock_posts
from houqin.schools.people.visible import require_to_look_after, serving_or_to_serve
from houqin.web.listing import listed
from houqin.web.trail import record_action


@transaction.atomic
def leave(person: User, *, last_day: date, to: User | None = None, by: Any) -> User:
    """Hand over what `person` has open, end all posts with `last_day` and switch the account off, all at once.

    Raises NotAllowed "not_in_charge", WrongState "already_left", Refused "last_day_ahead", "own_leaving",
    "open_things" (nobody named), "settle_first" (nobody can take them), "cannot_take", "open_elsewhere" and
    "last_manager".
    """
    require_to_look_after(by, person)
    if by.pk == person.pk:
        raise Refused(_("You cannot let yourself leave. Ask a colleague."), code="own_leaving")
    posts = list(
        Membership.objects.filter(serving_or_to_serve(), user=person).select_related("school").order_by("school_id")
    )
    for post in posts:
        lock_posts(post.school)
    locked = User.objects.select_for_update().get(pk=person.pk)
    if not locked.is_active:
        raise WrongState(code="already_left")
    if last_day > timezone.localdate():
        raise Refused(
            _("The account is switched off at once, so the last day cannot be ahead. Come back on that day."),
            code="last_day_ahead",
            field="last_day",
        )
    check_somebody_manages(posts)
    handed = _hand_over(locked, open_kinds(locked), to, by=by)
    for post in posts:
        post.until = max(post.since, last_day)
        post.save(update_fields=["until"])
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    school = posts[0].school if posts else None
    record_action("schools.leave", by=by, school=school, record=locked, detail=f"{handed} -> {to}" if handed else "")
    return locked


def _hand_over(person: User, kinds: list[OpenKind], to: User | None, *, by: User) -> int:
    if not kinds:
        return 0
    stuck = [entry for entry in kinds if entry.kind.hand_over is None]
    if stuck:
        raise Refused(
            _("%(what)s cannot be taken over by somebody else. Settle it first."),
            code="settle_first",
            params={"what": listed(entry.kind.label for entry in stuck)},
        )
    if to is None:
        raise Refused(_("Name the person who takes over what is open."), code="open_things", field="to")
    if to.pk == person.pk or not to.is_active:
        raise Refused(_("This person cannot take it over. Choose another one."), code="cannot_take", field="to")
    try:
        return sum(entry.kind.hand_over(person, to, by=by) for entry in kinds if entry.kind.hand_over)
    except NotAllowed as refusal:
        raise Refused(
            _("Something is still open at a school where the person no longer serves. Ask the central school."),
            code="open_elsewhere",
        ) from refusal
