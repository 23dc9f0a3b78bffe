"""Repair rounds: the list, a round place by place, the counts of one place."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet, Sum
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from assets.rounds import actions
from assets.rounds.forms import CountForm, RoundForm
from assets.rounds.models import RepairRound, RoundCount
from houqin.errors import Refused
from houqin.schools.models import Place
from houqin.web.paging import Sort
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import Chip, CreatePage, DetailPage, ListPage, add_refusal, any_of

FIGURES = ("counted", "broken", "repaired", "left")
NOTHING_YET = dict.fromkeys((f"sum_{name}" for name in FIGURES), 0)


class RoundList(ListPage):
    """The rounds of the acting school."""

    model = RepairRound
    template_name = "assets/rounds/list.html"
    sorts = {"newest": Sort("opened_at")}
    default_sort = "newest"
    is_searched = False
    chips = [
        Chip("open", _("counting"), any_of(closed_at__isnull=True)),
        Chip("closed", _("closed"), any_of(closed_at__isnull=False)),
    ]

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        sums = {f"sum_{name}": Sum(f"counts__{name}", default=0) for name in FIGURES}
        return queryset.select_related("school", "opened_by").annotate(**sums)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        may_open = request.user.has_perm("assets.manage_rounds", request.acting.school)
        return super().get_context_data(may_open=may_open and request.acting.school is not None, **kwargs)


class RoundDetail(DetailPage):
    """A round: the totals, what is left, and place by place what was counted; uncounted places are shown."""

    model = RepairRound
    template_name = "assets/rounds/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        repair_round: RepairRound = self.object
        user: Any = self.request.user
        counts = RoundCount.objects.filter(round=repair_round)
        places = list(
            Place.objects.filter(school=repair_round.school)
            .filter(Q(is_active=True) | Q(pk__in=counts.values("place")))
            .exclude(kind=Place.Kind.BUILDING, children__isnull=False)
            .order_by("name_pinyin")
            .distinct()
            .only("pk", "full_name", "name_pinyin")
        )
        by_place: dict[int, dict[str, RoundCount]] = {}
        for count in counts:
            by_place.setdefault(count.place_id, {})[count.thing] = count
        things = list(RoundCount.Thing)
        rows = [
            (place, [by_place.get(place.pk, {}).get(thing) for thing in things], place.pk in by_place)
            for place in places
        ]
        totals = {row["thing"]: row for row in _totals(counts)}
        return super().get_context_data(
            things=things,
            rows=rows,
            totals=[(thing.label, totals.get(thing, NOTHING_YET)) for thing in things],
            counted_places=len(by_place),
            all_places=len(places),
            export_query=urlencode({"round": repair_round.pk}),
            may_export=user.has_perm("assets.view_repairs", repair_round),
            may_count=repair_round.is_open and _may_count(user, repair_round),
            may_close=repair_round.is_open and user.has_perm("assets.manage_rounds", repair_round),
            **kwargs,
        )


def _totals(counts: QuerySet[RoundCount]) -> QuerySet[Any]:
    return counts.order_by().values("thing").annotate(**{f"sum_{name}": Sum(name) for name in FIGURES})


def _may_count(user: Any, repair_round: RepairRound) -> bool:
    return bool(
        user.has_perm("assets.manage_rounds", repair_round) or user.has_perm("assets.work_repair", repair_round)
    )


class RoundCreate(CreatePage):
    """Open a round."""

    permission = "assets.manage_rounds"
    action_code = "assets.open_round"
    template_name = "assets/rounds/create.html"
    model = RepairRound
    form_class = RoundForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("instance", None)
        return kwargs

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())


def count_place(request: Any, pk: int, place_pk: int) -> HttpResponse:
    """Enter the figures of one place."""
    repair_round = get_object_or_404(RepairRound.objects.visible_to(request.user).select_related("school"), pk=pk)
    place = get_object_or_404(Place.objects.filter(school=repair_round.school), pk=place_pk)
    form = CountForm(
        request.POST or None, by=request.user, school=repair_round.school, repair_round=repair_round, place=place
    )
    if request.method == "POST" and form.is_valid():
        try:
            form.save()
        except Refused as refusal:
            record_action("assets.count_place", by=request.user, record=repair_round, result=str(refusal.code))
            add_refusal(form, refusal)
        else:
            messages.success(request, _("%(place)s is counted.") % {"place": place})
            return HttpResponseRedirect(f"{repair_round.get_absolute_url()}#place-{place.pk}")
    status = 422 if request.method == "POST" else 200
    context = {"round": repair_round, "place": place, "form": form}
    return render(request, "assets/rounds/count.html", context, status=status)


@require_POST
def close(request: Any, pk: int) -> HttpResponse:
    """Close a round."""
    repair_round = get_object_or_404(RepairRound.objects.visible_to(request.user), pk=pk)
    return take_step(
        request,
        lambda: actions.close_round(repair_round, by=request.user),
        code="assets.close_round",
        record=repair_round,
        to=repair_round.get_absolute_url(),
        done=_("Closed. Its figures stay as they are."),
    )
