"""Bank reconciliations leave as Excel, CSV or PDF: exactly what the list shows."""

from django.db.models import DecimalField, ExpressionWrapper, F
from django.utils.translation import gettext_lazy as _

from finance.reconciliations.models import ItemKind
from finance.reconciliations.views import VIEW, ReconciliationList
from houqin.exports.lists import rows_of
from houqin.exports.registry import Column, Export

_ADJUSTED = ExpressionWrapper(
    F("book") + F("bank_received") - F("bank_paid"), output_field=DecimalField(max_digits=16, decimal_places=2)
)

RECONCILIATIONS = Export(
    name="finance.reconciliations",
    title=_("Bank reconciliations"),
    permission=VIEW,
    queryset=rows_of(ReconciliationList),
    columns=(
        Column(_("end of the month"), "ends_on", "date", width=11),
        Column(_("school"), "school__name", width=14),
        Column(_("bank and branch"), "bank_account__bank", width=20),
        Column(_("account number"), "bank_account__number", width=20),
        Column(_("balance of the bank's statement"), "statement", "money", width=14),
        Column(_("balance of the bank journal"), "book", "money", width=14),
        *(Column(kind.label, kind.value, "money", width=12) for kind in ItemKind),
        Column(_("adjusted balance"), _ADJUSTED, "money", width=14),
        Column(_("state"), "state", "choice", width=10),
        Column(_("prepared by"), "prepared_by__display_name", width=10),
        Column(_("reviewed by"), "reviewed_by__display_name", width=10),
        Column(_("reviewed at"), "reviewed_at", "datetime", width=16),
    ),
)
