"""The rows of the list of purchases: values of one narrow query, made ready to print in one pass."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from finance.purchases.models import SUBJECT_KIND, State
from finance.purchases.states import KIND_ICONS, LOOKS
from houqin.approvals.models import Approval
from houqin.schools.roles import Role
from houqin.web.moments import stamp
from houqin.web.templatetags.houqin import badge, icon, money

VALUES = (
    "pk",
    "number",
    "kind",
    "title",
    "state",
    "total",
    "needed_on",
    "needed_key",
    "created_at",
    "submitted_at",
    "is_emergency",
    "is_over_market",
    "requester__display_name",
)


def narrow(queryset: QuerySet[Any], *, with_school: bool) -> QuerySet[Any]:
    """Ask for what a row shows and nothing else, and where it hangs."""
    waiting = Approval.objects.filter(kind=SUBJECT_KIND, subject_id=OuterRef("pk"), state=Approval.State.WAITING)
    hangs = queryset.annotate(hangs=Subquery(waiting.values("current_role")[:1]))
    return hangs.values(*VALUES, "hangs", *(["school__name"] if with_school else []))


def ready(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the values of the list's template, row by row."""
    this_year = timezone.localdate().year
    language = get_language() or ""
    # One look-up of the route for all rows: reversing 50 addresses costs more than drawing the rows.
    before, after = reverse("finance:purchases:detail", args=[0]).split("0")
    return [
        {
            "number": row["number"],
            "icon": icon(KIND_ICONS[row["kind"]]),
            "url": f"{before}{row['pk']}{after}",
            "title": row["title"],
            "school": row.get("school__name", ""),
            "badge": state_badge(row["state"], language),
            "hangs": role_name(row["hangs"], language) if row["hangs"] else "",
            "is_emergency": row["is_emergency"],
            "is_over_market": row["is_over_market"],
            "total": money(row["total"]) if row["total"] else "",
            "needed": stamp(row["needed_on"], this_year=this_year) if row["needed_on"] else "—",
            "requester": row["requester__display_name"],
            "written": stamp(row["submitted_at"] or row["created_at"], this_year=this_year),
        }
        for row in rows
    ]


@lru_cache(maxsize=64)
def role_name(role: str, _language: str) -> str:
    """Return what waits for whom, in the language of the page."""
    return gettext("waits for: {post}").format(post=Role(role).label)


@lru_cache(maxsize=64)
def state_badge(state: str, _language: str) -> SafeString:
    """Return the badge of a state in the language of the page."""
    return badge(*LOOKS[state], str(State(state).label))
