"""What purchases tell the home page, the search, the budget's pages, and the central school of its campuses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance.budgets.subjects import Subject
from finance.purchases.models import BOUGHT, PurchaseRequest, State
from finance.purchases.models.requests import PurchaseRequestQuerySet
from finance.purchases.states import KIND_ICONS
from houqin.accounts.models import User
from houqin.schools.access import access_of
from houqin.schools.handover import OpenThing
from houqin.schools.models import School
from houqin.web.counts import Narrowed, Where
from houqin.web.home import HomePage, HomeRow, HomeSection
from houqin.web.moments import day, moment
from houqin.web.search import matching
from houqin.web.search_registry import MOST, Found
from houqin.web.templatetags.houqin import money

ROWS = 5
ZERO = Decimal("0.00")
# Somebody still has to do something.
UNFINISHED = (State.DRAFT, State.SUBMITTED, State.APPROVED, State.RETURNED, State.ORDERED)


def unfinished(rows: Any) -> QuerySet[Any]:
    """Keep what is under way."""
    return rows.filter(state__in=UNFINISHED)


RETURNED_TO_ONE = Where(lambda requests, person, _now: requests.filter(requester=person, state=State.RETURNED))


def badge_count(user: Any, school: Any) -> Narrowed:
    """Return the rows that the navigation's badge counts: those that were returned to this person."""
    return Narrowed(PurchaseRequest.objects.visible_to(user).at(school), RETURNED_TO_ONE, user)


def home_card(user: User, school: Any, page: HomePage) -> None:
    """Add what was returned to this person, and where one's own requests hang. One query."""
    own = PurchaseRequest.objects.visible_to(user).at(school).filter(requester=user, state__in=UNFINISHED)
    # The newest of both sections, each with how many there are.
    part = ExpressionWrapper(Q(state=State.RETURNED), output_field=BooleanField())
    numbered = own.annotate(
        place=Window(RowNumber(), partition_by=part, order_by=["-created_at", "-pk"]),
        of_its_kind=Window(Count("*"), partition_by=part),
    )
    rows = list(numbered.filter(place__lte=ROWS).order_by("place"))
    returned = [row for row in rows if row.state == State.RETURNED]
    under_way = [row for row in rows if row.state != State.RETURNED]
    url = reverse("finance:purchases:list") + "?chip="
    if returned:
        page.sections.append(
            HomeSection(
                title=_("Returned to you for change"),
                rows=[_row(row, action=_("Change")) for row in returned],
                count=returned[0].of_its_kind,
                more_label=_("See all"),
                more_url=url + "returned",
            )
        )
    if under_way:
        page.sections.append(
            HomeSection(
                title=_("My purchases"),
                rows=[_row(row) for row in under_way],
                count=under_way[0].of_its_kind,
                more_label=_("See all"),
                more_url=url + "mine",
                waits=False,
            )
        )


def _row(purchase: PurchaseRequest, *, action: Any = "") -> HomeRow:
    return HomeRow(
        title=purchase.title,
        url=purchase.get_absolute_url(),
        icon=KIND_ICONS[purchase.kind],
        facts=[
            purchase.get_state_display(),
            moment(purchase.submitted_at or purchase.created_at),
            gettext("needed by %(day)s") % {"day": day(purchase.needed_on)} if purchase.needed_on else "",
        ],
        right=money(purchase.total) if purchase.total else "",
        action=action,
        primary=bool(action),
    )


def search(user: User, school: Any, query: str) -> Sequence[Found]:
    """Find purchases by words, things, person, number or pinyin initials."""
    rows = PurchaseRequest.objects.visible_to(user).at(school).filter(matching(query))
    return [
        Found(
            row.title,
            [row.number, money(row.total) if row.total else "", row.get_state_display()],
            row.get_absolute_url(),
        )
        for row in rows.order_by("-created_at", "-pk")[: MOST + 1]
    ]


def describe(user: User, keys: Sequence[int]) -> Mapping[int, Subject]:
    """Say to the budget's pages for which purchases money is reserved. One query."""
    readable = access_of(user).schools_with("finance.view_purchases")
    return {
        row.pk: Subject(
            str(row),
            row.get_absolute_url() if row.school_id in readable or row.requester_id == user.pk else "",
        )
        for row in PurchaseRequest.objects.filter(pk__in=keys)
    }


def open_things(person: User) -> Sequence[OpenThing]:
    """Return what a leaver has asked for that is not finished."""
    rows = PurchaseRequest.objects.filter(requester=person, state__in=UNFINISHED)
    return [OpenThing(str(row), row.get_absolute_url()) for row in rows.order_by("pk")[:200]]


@dataclass(frozen=True, slots=True)
class Campus:
    """The purchases of one campus in one year."""

    school: School
    waiting: int
    waiting_sum: Decimal
    to_order: int
    bought: int
    bought_sum: Decimal
    emergencies: int
    over_market: int


def campuses(user: User, year: int) -> list[Campus]:
    """Return the campuses side by side, as far as the person reads their purchases. One query."""
    access = access_of(user)
    schools = [access.schools[pk] for pk in access.schools if pk in access.schools_with("finance.view_purchases")]
    start, end = (timezone.make_aware(datetime(y, 1, 1)) for y in (year, year + 1))  # noqa: DTZ001  made aware here
    rows: PurchaseRequestQuerySet = PurchaseRequest.objects.visible_to(user)
    bought = Q(state__in=BOUGHT)
    figures = {
        row["school"]: row
        for row in rows.filter(created_at__gte=start, created_at__lt=end)
        .values("school")
        .order_by("school")
        .annotate(
            waiting=Count("pk", filter=Q(state=State.SUBMITTED)),
            waiting_sum=Sum("total", filter=Q(state=State.SUBMITTED)),
            to_order=Count("pk", filter=Q(state=State.APPROVED)),
            bought=Count("pk", filter=bought),
            bought_sum=Sum("total", filter=bought),
            emergencies=Count("pk", filter=Q(is_emergency=True)),
            over_market=Count("pk", filter=Q(is_over_market=True)),
        )
    }
    return [_campus(school, figures.get(school.pk, {})) for school in schools]


def _campus(school: School, row: Mapping[str, Any]) -> Campus:
    return Campus(
        school=school,
        waiting=row.get("waiting") or 0,
        waiting_sum=row.get("waiting_sum") or ZERO,
        to_order=row.get("to_order") or 0,
        bought=row.get("bought") or 0,
        bought_sum=row.get("bought_sum") or ZERO,
        emergencies=row.get("emergencies") or 0,
        over_market=row.get("over_market") or 0,
    )
