"""The printed cash count (库存现金盘点表): one A4 sheet with places for three signatures."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from finance.counts.denominations import Denomination, known, shipped
from finance.counts.models import CashCount


@dataclass(frozen=True, slots=True)
class Row:
    """A note or coin on paper; without pieces its cells stay empty."""

    denomination: Denomination
    pieces: int | None
    amount: Decimal | None


def rows_of(cash_count: CashCount) -> list[Row]:
    """Return all notes and coins that are counted, and those of an old count that no longer are."""
    found = {line.value: line for line in cash_count.lines.all()}
    values = sorted({one.value for one in shipped()} | set(found), reverse=True)
    return [
        Row(known(value), found[value].pieces, found[value].amount) if value in found else Row(known(value), None, None)
        for value in values
    ]


@require_safe
def count_print(request: Any, pk: int) -> HttpResponse:
    """Print a count; its paper is Chinese whatever the language of the page, as it is signed and kept."""
    from houqin.exports.documents import render_pdf  # WeasyPrint takes 30 MiB: only where it prints

    rows = CashCount.objects.visible_to(request.user)
    row = get_object_or_404(rows.select_related("account__ledger", "school", "counted_by", "witness"), pk=pk)
    return HttpResponse(
        render_pdf("finance/counts/paper.html", {"cash_count": row, "rows": rows_of(row)}),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{row.counted_on}-cash-{row.pk}.pdf"'},
    )
