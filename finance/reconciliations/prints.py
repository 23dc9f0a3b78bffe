"""A reconciliation on paper (银行存款余额调节表), in the two columns that it always has."""

from itertools import zip_longest
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from finance.ledger.archive import RECONCILIATIONS, kept
from finance.reconciliations.models import BankReconciliation
from finance.reconciliations.page import sides


@require_safe
def reconciliation_print(request: Any, pk: int) -> HttpResponse:
    """Print a reconciliation. It is Chinese whatever the language of the page: it is signed and kept for ten years."""
    rows = BankReconciliation.objects.visible_to(request.user)
    joined = ("bank_account__account__ledger", "prepared_by", "reviewed_by")
    one: BankReconciliation = get_object_or_404(rows.select_related(*joined), pk=pk)
    items = list(one.items.all())
    ours, theirs = sides(one, items)
    context = {
        "one": one,
        # What is open since an earlier year says which.
        "has_years": any(item.date.year != one.ends_on.year for item in items),
        "kept": kept(one.ends_on.year, RECONCILIATIONS)[0],
        "ours": ours,
        "theirs": theirs,
        # Side by side: what is added to both, and what is taken from both.
        "added": list(zip_longest(ours.added.items, theirs.added.items)),
        "taken": list(zip_longest(ours.taken.items, theirs.taken.items)),
    }
    from houqin.exports.documents import render_pdf  # WeasyPrint takes 30 MiB: only where it prints

    return HttpResponse(
        render_pdf("finance/reconciliations/paper/reconciliation.html", context),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{one.ends_on:%Y-%m}-{one.bank_account.number}.pdf"'},
    )
