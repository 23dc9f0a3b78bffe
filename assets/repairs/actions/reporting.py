"""Report a fault, follow one that is known, add photos, withdraw, merge."""

from collections.abc import Sequence
from datetime import timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from assets.register.models import AssetCard
from assets.repairs.actions.steps import (
    Verb,
    device_mark,
    due_moment,
    locked,
    move,
    office,
    require_reporter,
    require_state,
    tell,
    tell_reporter,
)
from assets.repairs.models import (
    OPEN_STATES,
    UNASSIGNED,
    Follower,
    GuestContact,
    RepairPhoto,
    RepairRequest,
    RepairSettings,
    RepairStep,
    State,
)
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.files.actions import store_photo
from houqin.schools.models import Place
from houqin.schools.numbers import next_number
from houqin.schools.permissions import require
from houqin.web.trail import record_action

NUMBER_PREFIX = "BX"
MAX_PHOTOS = 12


@transaction.atomic
def report(
    *,
    by: User | None,
    place: Place,
    kind: str,
    description: str,
    asset: AssetCard | None = None,
    is_dangerous: bool = False,
    photos: Sequence[UploadedFile] = (),
    via: str = RepairRequest.Via.PAGE,
    device: str = "",
    guest_name: str = "",
    guest_phone: str = "",
) -> RepairRequest:
    """Report that something is broken (S32). `by` is None for a guest, who needs no account.

    Raises Refused "place_closed" or "asset_elsewhere", and what `store_photo` raises. A danger reaches
    the office's phones at once.
    """
    if not (place.is_active and place.school.is_active):
        raise Refused(_("This place is no longer in use. Choose another one."), code="place_closed", field="place")
    if asset is not None and asset.school_id != place.school_id:
        raise Refused(_("This thing belongs to another school."), code="asset_elsewhere", field="asset")
    if by is not None and via != RepairRequest.Via.QR:
        require(by, "assets.report_repair", place)
    school = place.school
    now = timezone.now()
    settings = RepairSettings.of(school)
    repair = RepairRequest.objects.create(
        school=school,
        number=next_number(school, NUMBER_PREFIX, at=now),
        place=place,
        asset=asset,
        kind=kind,
        description=description.strip(),
        is_dangerous=is_dangerous,
        via=via,
        reporter=by,
        device=device_mark(device),
        reported_at=now,
        due_at=due_moment(school, settings, dangerous=is_dangerous, since=now),
    )
    RepairStep.objects.create(repair=repair, verb=Verb.REPORT, by=by, at=now, to_state=repair.state)
    if by is None:
        _keep_contact(repair, guest_name, guest_phone, days=settings.keep_guests_days)
    store_photos(repair, photos, by=by, moment=RepairPhoto.Moment.BEFORE)
    record_action("assets.report_repair", by=by, record=repair, school=school)
    title = _("Danger: come at once") if is_dangerous else _("New repair to assign")
    tell(office(school), repair, cause="reported", title=title)
    return repair


def _keep_contact(repair: RepairRequest, name: str, phone: str, *, days: int) -> None:
    """Keep how a guest is reached for a while; made without a name too: the device's mark is forgotten with it."""
    forget_on = timezone.localdate() + timedelta(days=days)
    GuestContact.objects.create(repair=repair, name=name, phone=phone, forget_on=forget_on)


def store_photos(
    repair: RepairRequest, photos: Sequence[UploadedFile], *, by: User | None, moment: RepairPhoto.Moment
) -> None:
    if not photos:
        return
    if repair.photos.count() + len(photos) > MAX_PHOTOS:
        raise Refused(_("A repair keeps at most 12 photos."), code="too_many_photos", field="photos")
    for photo in photos:
        file = store_photo(photo, school=repair.school, by=by)
        RepairPhoto.objects.create(repair=repair, file=file, moment=moment)


@transaction.atomic
def add_photos(
    repair: RepairRequest,
    *,
    by: User | None,
    photos: Sequence[UploadedFile],
    moment: str = RepairPhoto.Moment.BEFORE,
    as_guest: bool = False,
) -> RepairRequest:
    """Add photos to an open repair: its reporter, its maintainer or the office."""
    repair = locked(repair)
    works = by is not None and (by.pk == repair.assigned_to_id or by.has_perm("assets.triage_repair", repair))
    if not works:
        require_reporter(repair, by=by, as_guest=as_guest)
    require_state(repair, *OPEN_STATES)
    if not photos:
        raise Refused(_("Choose a photo first."), code="no_photo", field="photos")
    store_photos(repair, photos, by=by, moment=RepairPhoto.Moment(moment))
    return move(repair, Verb.PHOTO, by=by, code="assets.add_repair_photo")


@transaction.atomic
def follow(repair: RepairRequest, *, by: User | None) -> Follower:
    """Follow a report that was there already instead of making a second one."""
    repair = locked(repair)
    require_state(repair, *OPEN_STATES)
    if by is None:
        follower = Follower.objects.create(repair=repair)
    else:
        require(by, "assets.report_repair", repair)
        follower, _created = Follower.objects.get_or_create(repair=repair, user=by)
    record_action("assets.follow_repair", by=by, record=repair, school=repair.school)
    return follower


@transaction.atomic
def withdraw(repair: RepairRequest, *, by: User | None, note: str = "", as_guest: bool = False) -> RepairRequest:
    """Take a report back before anybody was assigned."""
    repair = locked(repair)
    require_reporter(repair, by=by, as_guest=as_guest)
    require_state(repair, *UNASSIGNED)
    return move(
        repair,
        Verb.WITHDRAW,
        by=by,
        code="assets.withdraw_repair",
        state=State.WITHDRAWN,
        note=note,
        closed_at=timezone.now(),
    )


@transaction.atomic
def merge(repair: RepairRequest, *, by: User, into: RepairRequest) -> RepairRequest:
    """Close a report as a duplicate of another one; its reporter and followers follow the other from now on.

    Raises Refused "same_repair", "other_school" or "target_closed".
    """
    first, second = sorted([repair.pk, into.pk])
    list(RepairRequest.objects.select_for_update().filter(pk__in=[first, second]).order_by("pk"))
    repair, into = locked(repair), locked(into)
    require(by, "assets.triage_repair", repair)
    require_state(repair, *UNASSIGNED, State.ASSIGNED)
    if repair.pk == into.pk:
        raise Refused(_("A report cannot be merged with itself."), code="same_repair", field="into")
    if repair.school_id != into.school_id:
        raise Refused(_("The other report belongs to another school."), code="other_school", field="into")
    if into.state not in OPEN_STATES:
        raise Refused(_("The other report is already closed."), code="target_closed", field="into")
    people = {repair.reporter_id, *repair.followers.values_list("user_id", flat=True)}
    known = {None, into.reporter_id, *into.followers.values_list("user_id", flat=True)}
    Follower.objects.bulk_create(Follower(repair=into, user_id=pk) for pk in people - known)
    now = timezone.now()
    move(
        repair,
        Verb.MERGE,
        by=by,
        code="assets.merge_repair",
        state=State.MERGED,
        note=into.number,
        merged_into=into,
        responded_at=repair.responded_at or now,
        closed_at=now,
    )
    tell_reporter(
        repair, cause="merged", title=format_lazy(_("Your report was joined with {number}"), number=into.number)
    )
    return repair
