"""The rows of the list of budget lines: values of one narrow query, made ready to print in one pass."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from finance.budgets.facts import Standing
from finance.budgets.models import ZERO, BudgetLine
from houqin.web.templatetags.houqin import money

VALUES = ("pk", "year", "rank", "item__name", "detail", "source", "amount", "reserved", "spent", "left", "closed_at")


def narrow(queryset: QuerySet[Any], *, with_school: bool) -> QuerySet[Any]:
    """Ask for what a row shows and nothing else."""
    return queryset.values(*VALUES, *(["school__name"] if with_school else []))


def ready(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the values of the list's template, row by row."""
    before, after = reverse("finance:budgets:detail", args=[0]).split("0")
    sources = {value: str(label) for value, label in BudgetLine.Source.choices}
    return [
        {
            "url": f"{before}{row['pk']}{after}",
            "year": row["year"],
            "item": row["item__name"],
            "detail": row["detail"],
            "school": row.get("school__name", ""),
            "source": sources[row["source"]],
            "amount": money(row["amount"]),
            "spent": money(row["spent"]),
            "reserved": money(row["reserved"]),
            "left": money(row["left"]),
            "bar": Standing(row["amount"], row["spent"], row["reserved"], ZERO, row["left"]).bar,
            "is_closed": row["closed_at"] is not None,
        }
        for row in rows
    ]
