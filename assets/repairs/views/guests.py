"""What a guest sees without an account: the report form behind a QR code, and the status page by secret link."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assets.register.models import AssetCard
from assets.repairs import actions, states, timeline
from assets.repairs.forms import PhotosForm, ReportHereForm, VerdictForm
from assets.repairs.models import UNASSIGNED, Follower, RepairRequest, RepairSettings, State
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.files.responses import photo_response
from houqin.schools.models import Place
from houqin.web import submitted
from houqin.web.limits import count_use
from houqin.web.steps import take_step
from houqin.web.views import add_refusal

LIKE_REPORTS = 3
WINDOW = timedelta(minutes=10)


def _target(token: str) -> tuple[Place, AssetCard | None]:
    """Return the place, and the thing, that a QR token stands for; 404 for an unknown one."""
    place = Place.objects.select_related("school").filter(token=token, is_active=True).first()
    if place is not None:
        return place, None
    asset = get_object_or_404(AssetCard.objects.select_related("place__school", "category"), token=token)
    if asset.place is None:
        raise Http404
    return asset.place, asset


def _person(request: Any) -> User | None:
    return request.user if request.user.is_authenticated else None


def _within_limits(request: Any, place: Place) -> bool:
    """Count this report before doing it: few from one device, some at one place, never the whole school's address."""
    if request.user.is_authenticated:
        return count_use(f"report:user:{request.user.pk}", window=WINDOW) <= settings.REPORTS_PER_PERSON
    device = actions.device_mark(request.device)
    return (
        count_use(f"report:device:{device}", window=WINDOW) <= settings.REPORTS_PER_DEVICE
        and count_use(f"report:place:{place.pk}", window=WINDOW) <= settings.REPORTS_PER_PLACE
    )


@never_cache
@login_not_required
def report_here(request: Any, token: str) -> HttpResponse:
    """Report what is broken here: three taps and a photo, no account (S32)."""
    place, asset = _target(token)
    person = _person(request)
    form = ReportHereForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            if not _within_limits(request, place):
                raise Refused(
                    _("Many reports came from here just now. Wait ten minutes, or phone the office."),
                    code="too_many_reports",
                )
            with transaction.atomic():
                key = form.cleaned_data["form_key"]
                earlier = submitted.claim(key, person)
                if earlier is not None:
                    return redirect(earlier)
                repair = actions.report(
                    by=person,
                    place=place,
                    asset=asset,
                    via=RepairRequest.Via.QR,
                    device=request.device,
                    **form.fault(),
                )
                url = f"{repair.status_url}?new=1"
                submitted.answer(key, url)
            return HttpResponseRedirect(url)
        except Refused as refusal:
            add_refusal(form, refusal)
    status = 422 if request.method == "POST" else 200
    context = {
        "place": place,
        "asset": asset,
        "asset_visible": asset is not None and person is not None and person.has_perm("assets.view_register", asset),
        "form": form,
        "kinds": states.KIND_TILES,
        "token": token,
        "like_url": request.path,
        "keep_days": RepairSettings.of(place.school).keep_guests_days,
        "like": _like(place, request.GET.get("kind", "")),
        "mine": _mine_here(request, place),
        "school": place.school,
    }
    template = "assets/repairs/report_here.html"
    if request.htmx and request.htmx.target == "like":
        template += "#like"
    return render(request, template, context, status=status)


def _like(place: Place, kind: str) -> list[RepairRequest]:
    """Return reports still open at the place, of the kind when one is chosen, to follow instead of repeating."""
    rows = RepairRequest.objects.open().filter(place=place).exclude(state=State.DONE)
    if kind in RepairRequest.Kind.values:
        rows = rows.filter(kind=kind)
    like = list(rows.order_by("-reported_at")[:LIKE_REPORTS])
    for repair in like:
        repair.look = states.look(repair)
    return like


def _mine_here(request: Any, place: Place) -> list[RepairRequest]:
    """Return what this device, or person, reported here lately: scanning again leads back."""
    since = timezone.now() - timedelta(days=14)
    rows = RepairRequest.objects.filter(place=place, reported_at__gte=since).exclude(state=State.WITHDRAWN)
    person = _person(request)
    if person is not None:
        rows = rows.filter(reporter=person)
    else:
        rows = rows.filter(device=actions.device_mark(request.device), reporter__isnull=True)
    mine = list(rows.order_by("-reported_at")[:LIKE_REPORTS])
    for repair in mine:
        repair.look = states.look(repair)
    return mine


def _by_secret(secret: str) -> tuple[RepairRequest, bool]:
    """Return the repair and whether the secret is its reporter's (else a follower's)."""
    rows = RepairRequest.objects.select_related("place", "school", "assigned_to", "reporter", "merged_into")
    repair = rows.filter(secret=secret).first()
    if repair is not None:
        return repair, True
    follower = get_object_or_404(Follower, secret=secret)
    return rows.get(pk=follower.repair_id), False


@never_cache
@require_safe
@login_not_required
def status(request: Any, secret: str) -> HttpResponse:
    """Show a guest what happens with the report; only who has the secret link comes here."""
    repair, is_reporter = _by_secret(secret)
    steps = list(repair.steps.select_related("to", "by").order_by("at", "id"))
    may_answer = is_reporter and repair.reporter_id is None
    context = {
        "repair": repair,
        "secret": secret,
        "is_reporter": may_answer,
        "may_withdraw": may_answer and repair.state in UNASSIGNED,
        "headline": timeline.headline(repair, is_new="new" in request.GET),
        "promise": timeline.promise(repair),
        "look": states.look(repair),
        "school": repair.school,
        "facts": timeline.facts(repair),
        "moments": timeline.guest_course(repair, steps),
        "photos": list(repair.photos.select_related("file")),
        "photos_field": PhotosForm()["photos"],
        "verdict": VerdictForm(),
        "place": repair.place,
    }
    return render(request, "assets/repairs/status.html", context)


@require_safe
@login_not_required
def status_photo(request: Any, secret: str, pk: int) -> HttpResponseBase:
    """Show a photo of the report to who has the secret link."""
    repair, _is_reporter = _by_secret(secret)
    photo = get_object_or_404(repair.photos.select_related("file"), pk=pk)
    return photo_response(photo.file, thumb="thumb" in request.GET, request=request)


def _guest_step(request: Any, secret: str, code: str, step: Any, done: Any) -> HttpResponse:
    """Take a guest's step: only the reporter's own secret may."""
    repair, is_reporter = _by_secret(secret)
    if not is_reporter or repair.reporter_id is not None:
        raise Http404
    return take_step(request, lambda: step(repair), code=code, record=repair, to=repair.status_url, done=done)


@require_POST
@login_not_required
def status_confirm(request: Any, secret: str) -> HttpResponse:
    """Let a guest say that it is repaired, with stars and words if they like."""
    form = VerdictForm(request.POST)
    verdict = form.cleaned_data if form.is_valid() else {"rating": None, "comment": ""}
    return _guest_step(
        request,
        secret,
        "assets.confirm_repair",
        lambda repair: actions.confirm(repair, by=None, as_guest=True, **verdict),
        _("Thank you for looking."),
    )


@require_POST
@login_not_required
def status_reopen(request: Any, secret: str) -> HttpResponse:
    """Let a guest say that it is not repaired yet."""
    reason = request.POST.get("reason", "")[:300]
    return _guest_step(
        request,
        secret,
        "assets.reopen_repair",
        lambda repair: actions.reopen(repair, by=None, as_guest=True, reason=reason),
        _("The maintainer was told."),
    )


@require_POST
@login_not_required
def status_withdraw(request: Any, secret: str) -> HttpResponse:
    """Let a guest take the report back."""
    return _guest_step(
        request,
        secret,
        "assets.withdraw_repair",
        lambda repair: actions.withdraw(repair, by=None, as_guest=True),
        _("Withdrawn."),
    )


@require_POST
@login_not_required
def status_photos(request: Any, secret: str) -> HttpResponse:
    """Let a guest add a photo."""
    form = PhotosForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(_by_secret(secret)[0].status_url)
    return _guest_step(
        request,
        secret,
        "assets.add_repair_photo",
        lambda repair: actions.add_photos(repair, by=None, as_guest=True, photos=form.cleaned_data["photos"]),
        _("Photo added."),
    )


@require_POST
@login_not_required
def follow_here(request: Any, token: str, pk: int) -> HttpResponse:
    """Follow a report that is still open at this place instead of making a second one."""
    place, _asset = _target(token)
    repair = get_object_or_404(RepairRequest.objects.open(), pk=pk, place=place)
    person = _person(request)
    if not _within_limits(request, place):
        messages.error(request, _("Many reports came from here just now. Wait ten minutes, or phone the office."))
        return redirect("assets:repairs:report_here", token)
    follower = actions.follow(repair, by=person)
    return HttpResponseRedirect(repair.get_absolute_url() if person else follower.status_url)
