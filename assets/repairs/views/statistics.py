"""Figures of repairs by kind, place, person and month, as plots and tables."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assets.repairs import statistics
from assets.repairs.models import RepairRequest
from houqin.schools.permissions import require
from houqin.web.plots import Bar, bar_plot


@require_safe
def figures(request: Any) -> HttpResponse:
    """Show a year's repairs of the acting school, or of all schools for central roles (S33)."""
    require(request.user, "assets.view_repairs", request.acting.school)
    this_year = timezone.localdate().year
    years = range(this_year, this_year - statistics.YEARS_BACK - 1, -1)
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and int(asked) in years else this_year
    visible = RepairRequest.objects.visible_to(request.user).at(request.acting.school)
    rows = statistics.between(visible, _january(year), _january(year + 1))
    months = statistics.by_month(rows)
    kinds = statistics.by_kind(rows)
    context = {
        "year": year,
        "years": years,
        "total": statistics.total(rows),
        "tables": [
            (_("By kind"), _("kind"), kinds, "kind"),
            (_("By month"), _("month"), months, ""),
            (_("By place"), _("place"), statistics.by_place(rows), "place"),
            (_("By maintainer"), _("maintainer"), statistics.by_person(rows), ""),
        ],
        "approvals": statistics.approvals(rows),
        "plots": _plots(months, kinds),
        "schools": statistics.by_school(rows) if request.acting.school is None else [],
    }
    return render(request, "assets/repairs/statistics.html", context)


def _january(year: int) -> datetime:
    return timezone.make_aware(datetime(year, 1, 1))  # noqa: DTZ001  made aware in the same line


def _plots(months: Any, kinds: Any) -> list[tuple[str, Any]]:
    if not months:
        return []
    reported = {line.key.month: line.reported for line in months}
    bars = [Bar(_("month %(n)d") % {"n": n}, reported.get(n, 0)) for n in range(1, 13)]
    kind_bars = [Bar(line.label, line.reported) for line in kinds]
    return [
        (title, bar_plot(title, drawn))
        for title, drawn in ((_("Reports by month"), bars), (_("Reports by kind"), kind_bars))
    ]
