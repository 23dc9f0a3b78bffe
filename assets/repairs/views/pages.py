"""The list, the record, the report form of the staff, the school's settings."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from assets.repairs import rows, states, timeline
from assets.repairs.facts import IN_HANDS, OPEN
from assets.repairs.forms import PhotosForm, ReportForm, SettingsForm
from assets.repairs.models import GuestContact, RepairPhoto, RepairRequest, RepairSettings, State
from assets.repairs.statistics import YEARS_BACK
from houqin.schools.access import access_of
from houqin.schools.calendar import is_provisional
from houqin.schools.pages import AtOneSchool
from houqin.schools.places.choices import place_choices
from houqin.schools.querysets import seen_at
from houqin.web.counts import Where
from houqin.web.moments import exact_span
from houqin.web.paging import Sort
from houqin.web.views import Chip, CreatePage, DetailPage, Filter, ListPage, ListState, UpdatePage, any_of

PERIODS = {"7": _("last 7 days"), "30": _("last 30 days"), "90": _("last 90 days"), "365": _("last year")}
LINES_ON_PAPER = 6
# What a record's page reads of the repair and of its relations.
_FOR_LISTS = ("search_text", "search_pieces", "attention_key", "work_key")
_READ = (
    *(field.name for field in RepairRequest._meta.concrete_fields if field.name not in _FOR_LISTS),
    "place__full_name",
    "reporter__display_name",
    "assigned_to__display_name",
    "assigned_to__username",
)
_READ_OF_STEPS = ("repair", "verb", "at", "note", "by__display_name", "to__display_name", "to__username")
IN_WORK = (State.ASSIGNED, State.WORKING, State.ON_HOLD)


def _places(request: Any) -> list[tuple[str, str]]:
    return place_choices(request.user, request.acting.school, request.GET.get("place", ""))


def _at_place(repairs: QuerySet[Any], pk: str) -> QuerySet[Any]:
    return repairs.filter(Q(place=pk) | Q(place__parent=pk) | Q(place__parent__parent=pk))


def _times(_request: Any) -> list[tuple[str, Any]]:
    """Return the spans to choose from, and the years that the figures lead to."""
    this_year = timezone.localdate().year
    years = range(this_year, this_year - YEARS_BACK - 1, -1)
    return [*PERIODS.items(), *((str(year), str(year)) for year in years)]


def _since(queryset: QuerySet[Any], asked: str) -> QuerySet[Any]:
    if asked in PERIODS:
        return queryset.filter(reported_at__gte=timezone.now() - timedelta(days=int(asked)))
    return queryset.filter(reported_at__year=int(asked))


def _chips_of(user: Any, school: Any) -> frozenset[str]:
    """Return the chips that mean something to the person: nobody is offered what others have to do."""
    chips = {"open", "mine", "closed"}
    works = user.has_perm("assets.work_repair", school)
    if works:
        chips |= {"to_me", "late", "danger"}
    if user.has_perm("assets.view_repairs", school):
        chips |= {"unassigned", "approval", "working", "done", "late", "danger"}
    else:
        chips |= {"check"}
    return frozenset(chips)


def _to_check_by(repairs: QuerySet[Any], person: Any, _now: Any) -> QuerySet[Any]:
    return repairs.filter(state=State.DONE, reporter=person)


class RepairList(ListPage):
    """Repairs that the person sees: the office all, a maintainer the assigned ones, the staff their own."""

    model = RepairRequest
    template_name = "assets/repairs/list.html"
    sorts = {"attention": Sort("attention_key"), "work": Sort("work_key", descending=False)}
    default_sort = "attention"
    chips = [
        Chip("open", _("not repaired"), OPEN),
        Chip("to_me", _("assigned to me"), IN_HANDS),
        Chip("unassigned", _("to assign"), Where(lambda repairs, _person, _now: repairs.unassigned())),
        Chip("approval", _("to approve"), any_of(is_open=True, approval="waiting")),
        Chip("working", _("in work"), any_of(is_open=True, state__in=IN_WORK)),
        Chip("done", _("to check"), any_of(state=State.DONE)),
        Chip("check", _("for me to check"), Where(_to_check_by)),
        Chip("late", _("late"), Where(lambda repairs, _person, now: repairs.late(now)), red=True),
        Chip("danger", _("danger"), Where(lambda repairs, _person, _now: repairs.dangerous()), red=True),
        Chip("mine", _("reported by me"), Where(lambda repairs, person, _now: repairs.filter(reporter=person))),
        Chip("closed", _("completed"), any_of(state=State.CONFIRMED)),
    ]
    filters = [
        Filter(
            "kind",
            _("all kinds"),
            lambda _request: RepairRequest.Kind.choices,
            lambda repairs, value: repairs.filter(kind=value),
        ),
        Filter("place", _("all places"), _places, _at_place),
        Filter("days", _("any time"), _times, _since),
    ]

    def get_queryset(self) -> QuerySet[Any]:
        request: Any = self.request
        return seen_at(RepairRequest, request.user, request.acting.school)

    @classmethod
    def state(cls, request: Any) -> ListState:
        """Start with what this person has to do."""
        state = super().state(request)
        if "chip" not in request.GET:
            user, school = request.user, request.acting.school
            works = user.has_perm("assets.work_repair", school)
            state.chip = "to_me" if works and not user.has_perm("assets.view_repairs", school) else "open"
        if state.chip == "to_me" and "sort" not in request.GET:
            state.sort = "work"
        return state

    def shown_chips(self, state: ListState) -> Sequence[Chip]:
        request: Any = self.request
        mine = _chips_of(request.user, request.acting.school)
        return [chip for chip in self.chips if chip.value in mine or chip.value == state.chip]

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return rows.narrow(queryset, with_school=self.request.acting.school is None)  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        request: Any = self.request
        user, school = request.user, request.acting.school
        return context | {
            "rows": rows.ready(context["rows"]),
            "may_assign": user.has_perm("assets.triage_repair", school),
            "may_see_rounds": any(user.has_perm(f"assets.{may}", school) for may in ("view_repairs", "work_repair")),
            "may_see_figures": user.has_perm("assets.view_repairs", school),
            "may_change_settings": school is not None and user.has_perm("assets.manage_repair_settings", school),
            "all_schools": school is None,
        }


class RepairDetail(DetailPage):
    """A repair: what it is, the next step, photos, what it took, the course of events."""

    model = RepairRequest
    template_name = "assets/repairs/detail.html"

    def get_queryset(self) -> QuerySet[Any]:
        # Of the relations only what is shown: the forty columns of an asset cost more than the whole repair.
        repairs = super().get_queryset().select_related("place", "reporter", "assigned_to").only(*_READ)
        return repairs.annotate(asset_name=F("asset__name"), asset_number=F("asset__number"))

    def get_object(self, queryset: QuerySet[Any] | None = None) -> RepairRequest:
        repair: RepairRequest = super().get_object(queryset)
        repair.school = access_of(self.request.user).schools[repair.school_id]
        return repair

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        repair: RepairRequest = self.object
        request: Any = self.request
        viewer = states.Viewer.of(repair, request.user)
        due_year = timezone.localtime(repair.due_at).year
        photos = list(repair.photos.select_related("file"))
        steps = repair.steps.select_related("by", "to").only(*_READ_OF_STEPS)
        may_see_guest = repair.reporter_id is None and (viewer.office or viewer.worker)
        return super().get_context_data(
            repair=repair,
            look=states.look(repair),
            next=states.next_step(repair, viewer),
            viewer=viewer,
            may_add_photos=repair.is_open and (viewer.worker or viewer.reporter),
            photos_form=PhotosForm(),
            before=[photo for photo in photos if photo.moment == RepairPhoto.Moment.BEFORE],
            after=[photo for photo in photos if photo.moment == RepairPhoto.Moment.AFTER],
            parts=list(repair.parts.order_by("id")) if repair.finished_at else [],
            moments=timeline.course(repair, list(steps.order_by("-at", "-id"))),
            facts=timeline.facts(repair, with_maintainer=True),
            labour_time=exact_span(timedelta(minutes=repair.labour_minutes)) if repair.labour_minutes else "",
            # The plan is of no use to what is repaired, and a danger's hours depend on no holiday.
            provisional=repair.is_open and not repair.is_dangerous and is_provisional(due_year),
            guest=GuestContact.objects.filter(repair=repair).first() if may_see_guest else None,
            may_see_asset=repair.asset_id is not None
            and access_of(request.user).may("assets.view_register", repair.school_id),
            here_this_year=self._here_this_year(),
            **kwargs,
        )

    def _here_this_year(self) -> Callable[[], dict[str, Any] | None]:
        """Ask what a good clerk would mention: how often this place was repaired this year.

        It is counted with the badges, so the answer is a function: called when everything on the page has asked.
        """
        repair: RepairRequest = self.object
        counts = self.request.counts  # type: ignore[attr-defined]  # a PageRequest
        since = timezone.localtime(repair.reported_at).replace(month=1, day=1, hour=0, minute=0)
        here = RepairRequest.objects.visible_to(self.request.user).filter(
            place=repair.place_id, reported_at__gte=since, reported_at__lte=repair.reported_at
        )
        counts.ask("here", here)
        counts.ask("here_kind", here.filter(kind=repair.kind))

        def answer() -> dict[str, Any] | None:
            times = counts.get("here")
            return {"all": times, "kind": counts.get("here_kind")} if times > 1 else None

        return answer


class RepairCreate(CreatePage):
    """Report a fault as a member of the staff."""

    permission = "assets.report_repair"
    action_code = "assets.report_repair"
    template_name = "assets/repairs/create.html"
    form_class = ReportForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("instance", None)
        # Whoever counts a room in a repair round comes from there.
        via = RepairRequest.Via.ROUND if self.request.GET.get("via") == "round" else RepairRequest.Via.PAGE
        return kwargs | {"via": via}

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"place": self.request.GET.get("place")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(kinds=states.KIND_TILES, **kwargs)

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())


class SettingsUpdate(AtOneSchool, UpdatePage):
    """What the acting school decides about its repairs."""

    permission = "assets.manage_repair_settings"
    action_code = "assets.change_repair_settings"
    template_name = "assets/repairs/settings.html"
    form_class = SettingsForm

    def get_object(self, queryset: QuerySet[Any] | None = None) -> RepairSettings:
        return RepairSettings.of(self.request.acting.school)  # type: ignore[attr-defined]  # a PageRequest

    def get_success_url(self) -> str:
        return reverse("assets:repairs:settings")


@require_safe
def work_order(request: Any, pk: int) -> HttpResponse:
    """Print the work order to sign (A4)."""
    from houqin.exports.documents import render_pdf  # WeasyPrint takes 30 MiB: only where it prints

    repair = RepairDetail(request=request, kwargs={"pk": pk}).get_object()
    parts = list(repair.parts.order_by("id"))
    context = {
        "repair": repair,
        "parts": parts,
        "empty_lines": range(max(0, LINES_ON_PAPER - len(parts))),
    }
    pdf = render_pdf("assets/repairs/work_order.html", context)
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{repair.number}.pdf"'},
    )
