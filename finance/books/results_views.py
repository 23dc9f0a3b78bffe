"""Schools side by side in money: what they took in, spent and have, and whether they saved (S51, S53)."""

from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from finance.books import balances, periods
from finance.books.frame import VIEW
from finance.books.results import results, together
from houqin.web.views import AskPermission


class Results(AskPermission, TemplateView):
    """Income, spending and money of the schools that the person reads, beside the year before."""

    permission = VIEW
    template_name = "finance/books/results.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        ledgers = balances.readable(request.user, request.acting.school)
        shown = periods.of_several(ledgers, request.GET)
        rows = results(ledgers, shown.year, shown.last)
        # The year through the month that was chosen.
        shown = replace(shown, month=1)
        return super().get_context_data(
            rows=rows,
            sum=together(rows) if len(rows) > 1 else None,
            has_canteens=any(row.is_canteen for row in rows),
            shown=shown,
            month=shown.last,
            before=shown.year - 1,
            as_of=timezone.now(),
            **kwargs,
        )
