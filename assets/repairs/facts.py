"""What repairs tell the home page, the search, a place's page and a leaver's handover."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, F
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assets.repairs import actions, states
from assets.repairs.models import RepairQuerySet, RepairRequest, State
from assets.repairs.statistics import Median
from houqin.accounts.models import User
from houqin.schools.handover import OpenThing
from houqin.schools.models import Place
from houqin.schools.place_facts import PlaceFact
from houqin.schools.querysets import seen_at
from houqin.web.counts import Narrowed, Where
from houqin.web.home import HomeFigure, HomePage, HomeRow, HomeSection
from houqin.web.moments import moment, span
from houqin.web.search import matching
from houqin.web.search_registry import MOST, Found

ROWS = 5
OPEN = Where(lambda repairs, _person, _now: repairs.open())
IN_HANDS = Where(lambda repairs, person, _now: repairs.in_hands_of(person))


def _rows(queryset: RepairQuerySet, *, order: str = "-attention_key") -> list[RepairRequest]:
    return list(
        queryset.select_related("place", "reporter", "assigned_to", "school").order_by(order, "-id")[: ROWS + 1]
    )


def _section(
    title: Any,
    repairs: list[RepairRequest],
    *,
    chip: str,
    action: Any = "",
    step: str = "",
    late: bool = False,
    with_school: bool = False,
) -> HomeSection:
    """Return a section of at most ROWS rows; its title's number says 5+ when there are more."""
    url = reverse("assets:repairs:list") + f"?chip={chip}"
    return HomeSection(
        title=title,
        rows=[_row(repair, action=action, step=step, late=late, with_school=with_school) for repair in repairs[:ROWS]],
        count=len(repairs),
        more_label=_("See all"),
        more_url=url,
        late=late,
    )


def _row(repair: RepairRequest, *, action: Any, step: str, late: bool, with_school: bool) -> HomeRow:
    url = repair.get_absolute_url()
    who = repair.assigned_to.display_name if late and repair.assigned_to else repair.reporter_name
    right = format_lazy(gettext_lazy("{time} late"), time=states.late_by(repair)) if repair.is_late else ""
    return HomeRow(
        title=f"{repair.place.full_name} {repair.title}",
        url=url,
        icon=states.KIND_ICONS[RepairRequest.Kind(repair.kind)],
        facts=[repair.school.name if with_school else "", who, moment(repair.reported_at), repair.get_state_display()],
        right=right or _ago(repair),
        late=repair.is_late,
        urgent=repair.is_urgent and not repair.is_late,
        action=action,
        action_url=reverse(f"assets:repairs:{step}", args=[repair.pk]) if step else url,
        primary=repair.is_urgent and bool(step),
    )


def _ago(repair: RepairRequest) -> str:
    return span((timezone.now() - repair.reported_at).total_seconds())


def home_card(user: User, school: Any, page: HomePage) -> None:
    """Add what waits for this person: late, to assign, to repair, to check; the staff's own."""
    visible = RepairRequest.objects.visible_to(user).at(school)
    is_office = user.has_perm("assets.triage_repair", school)
    if is_office or user.has_perm("assets.approve_repair", school):
        page.head_button = (_("Report a fault"), "plus", reverse("assets:repairs:create"))
    else:
        page.big_button = (_("Report a fault"), "tool", reverse("assets:repairs:create"))
    if is_office:
        _office(visible, page)
    mine = _rows(visible.in_hands_of(user), order="work_key")
    if mine:
        page.sections.append(_section(_("For you to repair"), mine, chip="to_me", action=_("Open")))
    to_check = _rows(visible.filter(state=State.DONE, reporter=user))
    if to_check:
        page.sections.append(_section(_("Is it repaired?"), to_check, chip="check", action=_("Look")))
    if page.big_button:
        _own(visible, user, page)


def _office(visible: RepairQuerySet, page: HomePage) -> None:
    late = _rows(visible.late(), order="due_at")
    if late:
        page.sections.append(_section(_("Late"), late, chip="late", action=_("See"), late=True))
    unassigned = _rows(visible.unassigned())
    page.sections.append(
        _section(_("To assign"), unassigned, chip="unassigned", action=_("Assign"), step="assign")
        if unassigned
        else HomeSection(title=_("To assign"), rows=[], empty=_("Every report is assigned."))
    )
    week = visible.filter(finished_at__gte=timezone.now() - timedelta(days=7)).aggregate(
        repaired=Count("pk"), completion=Median(F("finished_at") - F("reported_at"))
    )
    figures = reverse("assets:repairs:statistics")
    page.figures.append(HomeFigure(str(week["repaired"]), _("repaired in 7 days"), figures))
    if week["completion"] is not None:
        days = f"{week['completion'].total_seconds() / 86400:.1f}"
        page.figures.append(HomeFigure(days, _("days to repair, median"), figures))


def _own(visible: RepairQuerySet, user: User, page: HomePage) -> None:
    """Show a member of the staff what became of one's reports."""
    own = _rows(visible.filter(reporter=user, is_open=True).exclude(state=State.DONE))
    section = _section(_("My reports"), own, chip="mine")
    page.sections.append(
        HomeSection(
            title=section.title,
            rows=section.rows,
            count=section.count,
            more_label=section.more_label,
            more_url=section.more_url,
            waits=False,
            empty=_("Nothing of yours is being repaired."),
        )
    )


def open_repairs(user: User, school: Any) -> Narrowed:
    """Return the rows that the navigation's badge counts: those with which the person's list begins."""
    visible = seen_at(RepairRequest, user, school)
    works = user.has_perm("assets.work_repair", school) and not user.has_perm("assets.view_repairs", school)
    return Narrowed(visible, IN_HANDS if works else OPEN, user)


def search(user: User, school: Any, query: str) -> Sequence[Found]:
    """Find repairs by words, place, person, number or pinyin initials."""
    rows = RepairRequest.objects.visible_to(user).at(school).filter(matching(query)).select_related("place")
    return [
        Found(
            repair.title,
            [repair.number, repair.place.full_name, repair.get_state_display()],
            repair.get_absolute_url(),
        )
        for repair in rows.order_by("-attention_key")[: MOST + 1]
    ]


def place_facts(user: User, place: Place) -> Sequence[PlaceFact]:
    """Say how many repairs are open at a place."""
    count = RepairRequest.objects.visible_to(user).open().filter(place=place).count()
    url = reverse("assets:repairs:list") + f"?chip=open&place={place.pk}"
    return [
        PlaceFact(gettext_lazy("open repairs"), str(count), url if count else ""),
        PlaceFact(
            gettext_lazy("report a fault here"),
            gettext_lazy("open the form"),
            reverse("assets:repairs:report_here", args=[place.token]),
        ),
    ]


def open_things(person: User) -> Sequence[OpenThing]:
    """Return the repairs that somebody else must take over when a maintainer leaves."""
    rows = RepairRequest.objects.in_hands_of(person)
    return [OpenThing(str(repair), repair.get_absolute_url()) for repair in rows.order_by("work_key")[:200]]


def hand_over(person: User, to: User, *, by: User) -> int:
    """Transfer all open repairs of a leaver; return how many."""
    rows = RepairRequest.objects.in_hands_of(person)
    handed = 0
    for repair in rows:
        actions.hand_over(repair, by=by, to=to)
        handed += 1
    return handed
