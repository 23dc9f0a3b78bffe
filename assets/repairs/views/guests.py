"""What a guest sees without an account: the report form behind a QR code, and the status page by secret link."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assets.register.models import AssetCard
from assets.repairs import actions, states, timeline
from assets.repairs.forms import NotYetForm, PhotosForm, ReportHereForm, VerdictForm
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
TOO_MANY = _("Many reports came from here just now. Wait ten minutes, or phone the office.")


def _target(token: str) -> tuple[Place, AssetCard | None]:
    """Return the place, and the thing, that a QR token stands for; 404 for an unknown one."""
    places = Place.objects.select_related("school").filter(is_active=True, school__is_active=True)
    place = places.filter(token=token).first()
    if place is not None:
        return place, None
    asset = get_object_or_404(AssetCard.objects.select_related("category"), token=token)
    return get_object_or_404(places, pk=asset.place_id), asset


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
    form, status = ReportHereForm(), 200
    if request.method == "POST" and not _within_limits(request, place):
        # Counted before any photo is opened: opening pictures is what costs.
        form, status = ReportHereForm(request.POST), 429
        add_refusal(form, Refused(TOO_MANY, code="too_many_reports"))
    elif request.method == "POST":
        form, status = ReportHereForm(request.POST, request.FILES), 422
        url = _report(request, form, place, asset, person)
        if url:
            return HttpResponseRedirect(url)
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


def _report(request: Any, form: ReportHereForm, place: Place, asset: AssetCard | None, person: User | None) -> str:
    """Report what the form says and return the address of its status page; nothing when the form is refused."""
    if not form.is_valid():
        return ""
    try:
        with transaction.atomic():
            key = form.cleaned_data["form_key"]
            earlier = submitted.claim(key, person)
            if earlier is not None:
                return earlier
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
            return url
    except Refused as refusal:
        add_refusal(form, refusal)
        return ""


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
    """Return the repair and whether the secret is its reporter's (else a follower's).

    Who reported what was merged with another report follows that one from then on.
    """
    rows = RepairRequest.objects.select_related("place", "school", "assigned_to", "reporter")
    repair = rows.filter(secret=secret).first()
    is_reporter = repair is not None
    if repair is None:
        repair = rows.get(pk=get_object_or_404(Follower, secret=secret).repair_id)
    while repair.merged_into_id is not None:
        repair, is_reporter = rows.get(pk=repair.merged_into_id), False
    return repair, is_reporter


def _may_answer(request: Any, repair: RepairRequest, *, is_reporter: bool) -> bool:
    """Say whether the link is in the hands of who reported it: a guest, or the very person, for example a visitor."""
    return is_reporter and (repair.reporter_id is None or repair.reporter_id == request.user.pk)


@never_cache
@require_safe
@login_not_required
def status(request: Any, secret: str) -> HttpResponse:
    """Show a guest what happens with the report; only who has the secret link comes here."""
    repair, is_reporter = _by_secret(secret)
    steps = list(repair.steps.select_related("to", "by").order_by("at", "id"))
    may_answer = _may_answer(request, repair, is_reporter=is_reporter)
    context = {
        "repair": repair,
        "secret": secret,
        "is_reporter": is_reporter,
        "may_answer": may_answer,
        "may_reopen": may_answer and repair.state == State.CONFIRMED and actions.can_reopen(repair),
        "may_withdraw": may_answer and repair.state in UNASSIGNED,
        "headline": timeline.headline(repair, is_new="new" in request.GET, is_reporter=is_reporter),
        "promise": timeline.promise(repair),
        "look": states.look(repair),
        "school": repair.school,
        "facts": timeline.facts(repair),
        "moments": timeline.guest_course(repair, steps, is_reporter=is_reporter),
        # A follower may be a stranger: the reporter's words and photos stay with the reporter.
        "photos": list(repair.photos.select_related("file")) if is_reporter else [],
        "photos_field": PhotosForm()["photos"],
        "verdict": VerdictForm(),
        "not_yet": NotYetForm(),
        "place": repair.place,
    }
    return render(request, "assets/repairs/status.html", context)


@require_safe
@login_not_required
def status_photo(request: Any, secret: str, pk: int) -> HttpResponseBase:
    """Show a photo of the report to who reported it."""
    repair, is_reporter = _by_secret(secret)
    if not is_reporter:
        raise Http404
    photo = get_object_or_404(repair.photos.select_related("file"), pk=pk)
    return photo_response(photo.file, thumb="thumb" in request.GET, request=request)


def _reporters_step(
    request: Any, secret: str, form: forms.Form, step: Any, *, code: str, done: str | Promise
) -> HttpResponse:
    """Take a step of the reporter's with the values of `form`; only the reporter's own secret may."""
    repair, is_reporter = _by_secret(secret)
    if not _may_answer(request, repair, is_reporter=is_reporter):
        raise Http404
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(repair.status_url)
    values = form.cleaned_data | {"by": repair.reporter, "as_guest": repair.reporter is None}
    to = repair.status_url
    return take_step(request, lambda: step(repair, **values), code=code, record=repair, to=to, done=done)


@require_POST
@login_not_required
def status_confirm(request: Any, secret: str) -> HttpResponse:
    """Let the reporter say that it is repaired, with stars and words if they like."""
    form, done = VerdictForm(request.POST), _("Thank you for looking.")
    return _reporters_step(request, secret, form, actions.confirm, code="assets.confirm_repair", done=done)


@require_POST
@login_not_required
def status_reopen(request: Any, secret: str) -> HttpResponse:
    """Let the reporter say that it is not repaired yet."""
    form, done = NotYetForm(request.POST), _("The maintainer was told.")
    return _reporters_step(request, secret, form, actions.reopen, code="assets.reopen_repair", done=done)


@require_POST
@login_not_required
def status_withdraw(request: Any, secret: str) -> HttpResponse:
    """Let the reporter take the report back."""
    form, done = forms.Form(request.POST), _("Withdrawn.")
    return _reporters_step(request, secret, form, actions.withdraw, code="assets.withdraw_repair", done=done)


@require_POST
@login_not_required
def status_photos(request: Any, secret: str) -> HttpResponse:
    """Let the reporter add a photo; counted like reports, before any photo is opened."""
    repair = _by_secret(secret)[0]
    if not _within_limits(request, repair.place):
        messages.error(request, str(TOO_MANY))
        return HttpResponseRedirect(repair.status_url)
    form, done = PhotosForm(request.POST, request.FILES), _("Photo added.")
    return _reporters_step(request, secret, form, actions.add_photos, code="assets.add_repair_photo", done=done)


@require_POST
@login_not_required
def follow_here(request: Any, token: str, pk: int) -> HttpResponse:
    """Follow a report that is still open at this place instead of making a second one."""
    place, _asset = _target(token)
    repair = get_object_or_404(RepairRequest.objects.open(), pk=pk, place=place)
    person = _person(request)
    if not _within_limits(request, place):
        messages.error(request, str(TOO_MANY))
        return redirect("assets:repairs:report_here", token)
    follower = actions.follow(repair, by=person)
    return HttpResponseRedirect(repair.get_absolute_url() if person else follower.status_url)
