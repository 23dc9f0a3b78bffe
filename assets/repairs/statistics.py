"""What the office wants to know of its repairs: how many, how quick, where, by whom, at what cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Count, DurationField, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from assets.repairs.models import ZERO, RepairRequest, RepairStep

MOST_PLACES = 15
# As many years before this one can be looked at.
YEARS_BACK = 4


class Median(Aggregate):
    """The middle value, by PostgreSQL's percentile_cont."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: how many reported and repaired, the two medians, the cost in yuan, stars."""

    label: str
    reported: int
    repaired: int
    response: timedelta | None
    completion: timedelta | None
    cost: Decimal
    key: Any = None


@dataclass(frozen=True, slots=True)
class Approvals:
    """How often the upper office was asked, and how often work began before it agreed (S125, S126)."""

    asked: int
    given: int
    rejected: int
    emergencies: int
    unexplained: int
    explained_late: int


_FIGURES: dict[str, Any] = {
    "reported": Count("pk"),
    "repaired": Count("pk", filter=Q(finished_at__isnull=False)),
    "response": Median(F("responded_at") - F("reported_at")),
    "completion": Median(F("finished_at") - F("reported_at")),
    "sum_of_costs": Sum("cost"),
}


def _line(row: dict[str, Any], label: str, key: Any = None) -> Line:
    return Line(
        label=label,
        reported=row["reported"],
        repaired=row["repaired"],
        response=row["response"],
        completion=row["completion"],
        cost=row["sum_of_costs"] or ZERO,
        key=key,
    )


def between(rows: QuerySet[RepairRequest], first: datetime, last: datetime) -> QuerySet[RepairRequest]:
    """Keep the reports from `first` to before `last` that were not withdrawn or merged."""
    return rows.filter(reported_at__gte=first, reported_at__lt=last).exclude(state__in=["withdrawn", "merged"])


def total(rows: QuerySet[RepairRequest]) -> Line:
    """Return the figures of all rows. One query, like each of the following."""
    return _line(rows.aggregate(**_FIGURES), "")


def by_kind(rows: QuerySet[RepairRequest]) -> Sequence[Line]:
    """Return a line for each kind, most reported first."""
    names = dict(RepairRequest.Kind.choices)
    grouped = rows.order_by().values("kind").annotate(**_FIGURES).order_by("-reported")
    return [_line(row, str(names[row["kind"]]), row["kind"]) for row in grouped]


def by_month(rows: QuerySet[RepairRequest]) -> Sequence[Line]:
    """Return a line for each month in which something was reported, in order."""
    grouped = rows.order_by().values(month=TruncMonth("reported_at")).annotate(**_FIGURES).order_by("month")
    return [_line(row, f"{row['month']:%Y-%m}", row["month"]) for row in grouped]


def by_place(rows: QuerySet[RepairRequest]) -> Sequence[Line]:
    """Return the places with most repairs."""
    grouped = rows.order_by().values("place_id", "place__full_name").annotate(**_FIGURES).order_by("-reported")
    return [_line(row, row["place__full_name"], row["place_id"]) for row in grouped[:MOST_PLACES]]


def by_person(rows: QuerySet[RepairRequest]) -> Sequence[Line]:
    """Return a line for each maintainer."""
    grouped = (
        rows.filter(assigned_to__isnull=False)
        .order_by()
        .values("assigned_to_id", "assigned_to__display_name")
        .annotate(**_FIGURES)
        .order_by("-repaired")
    )
    return [_line(row, row["assigned_to__display_name"], row["assigned_to_id"]) for row in grouped]


def by_school(rows: QuerySet[RepairRequest]) -> Sequence[Line]:
    """Return a line for each campus, for central roles."""
    grouped = rows.order_by().values("school_id", "school__name").annotate(**_FIGURES).order_by("-reported")
    return [_line(row, row["school__name"], row["school_id"]) for row in grouped]


def approvals(rows: QuerySet[RepairRequest]) -> Approvals:
    """Count approvals and work that began before them."""
    emergency = Q(emergency_at__isnull=False)
    # By their steps: a plan that came down needs no approval any more, but was asked for, and rejected, all the same.
    counts = rows.aggregate(
        asked=Count("pk", filter=_had(RepairStep.Verb.ASK_APPROVAL)),
        given=Count("pk", filter=Q(approval="given")),
        rejected=Count("pk", filter=_had(RepairStep.Verb.REJECT)),
        emergencies=Count("pk", filter=emergency),
        unexplained=Count("pk", filter=emergency & Q(emergency_reason_at__isnull=True)),
        explained_late=Count("pk", filter=emergency & Q(emergency_reason_at__gt=F("emergency_reason_due"))),
    )
    return Approvals(**counts)


def _had(verb: str) -> Exists:
    return Exists(RepairStep.objects.filter(repair=OuterRef("pk"), verb=verb))
