"""The budget leaves as Excel, CSV or PDF: exactly what the list shows."""

from django.utils.translation import gettext_lazy as _

from finance.budgets.models import BudgetLine, ExpenditureItem
from finance.budgets.views import VIEW, BudgetList
from houqin.exports.lists import rows_of
from houqin.exports.registry import Column, Export

BUDGET = Export(
    name="finance.budget",
    title=_("budget lines"),
    permission=VIEW,
    columns=(
        Column(_("school"), "school__name", width=16),
        Column(_("year"), "year", "integer", width=6),
        Column(_("group"), "item__group", "choice", width=16, choices=ExpenditureItem.Group.choices),
        Column(_("expenditure item"), "item__name", width=18),
        Column(_("for what"), "detail", width=16),
        Column(_("source of the money"), "source", "choice", width=16, choices=BudgetLine.Source.choices),
        Column(_("amount"), "amount", "money", width=15, total=True),
        Column(_("spent"), "spent", "money", width=15, total=True),
        Column(_("reserved"), "reserved", "money", width=15, total=True),
        Column(_("left"), "left", "money", width=15, total=True),
        Column(_("closed at"), "closed_at", "datetime", width=16),
    ),
    queryset=rows_of(BudgetList),
)
