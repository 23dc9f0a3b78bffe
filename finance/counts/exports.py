"""Cash counts as Excel, CSV or PDF."""

from django.utils.translation import gettext_lazy as _

from finance.counts.views import VIEW, CashCountList
from houqin.exports.lists import rows_of
from houqin.exports.registry import Column, Export

COUNTS = Export(
    name="finance.cash_counts",
    title=_("Cash counts"),
    permission=VIEW,
    queryset=rows_of(CashCountList),
    columns=[
        Column(_("counted on"), "counted_on", "date", width=11),
        Column(_("school"), "school__name", width=14),
        Column(_("set of books"), "account__ledger__name", width=14),
        Column(_("cash account"), "account__full_name", width=14),
        Column(_("line of the book"), "book_position", "integer", width=8),
        Column(_("balance of the book"), "book_balance", "money", width=13),
        Column(_("taken in, not posted yet"), "received_unposted", "money", width=12),
        Column(_("paid out, not posted yet"), "paid_unposted", "money", width=12),
        Column(_("amount counted"), "counted", "money", width=13),
        Column(_("difference"), "difference", "money", width=11),
        Column(_("why it differs"), "reason", width=20),
        Column(_("state"), "state", "choice", width=11),
        Column(_("why it was given back"), "returned_reason", width=20),
        Column(_("counted by"), "counted_by__display_name", width=9),
        Column(_("witness"), "witness__display_name", width=9),
        Column(_("witnessed at"), "witnessed_at", "datetime", width=16),
    ],
)
