"""What the budget hands down to the ground floor; called once by FinanceConfig.ready()."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from finance.budgets import demo
from finance.budgets.exports import BUDGET as BUDGET_EXPORT
from finance.budgets.imports import BUDGET as BUDGET_IMPORT
from finance.budgets.models import BudgetLine
from houqin.exports import registry as exports
from houqin.history import labels
from houqin.imports import registry as imports
from houqin.schools import demo as demo_loaders
from houqin.web import navigation, search_registry
from houqin.web.search import matching
from houqin.web.templatetags.houqin import money

ACTIONS = {
    "enter_budget_line": _("entered a budget line"),
    "change_budget_line": _("changed the amount of a budget line"),
    "close_budget_line": _("closed a budget line"),
    "reopen_budget_line": _("opened a budget line again"),
    "reserve_budget": _("reserved money of a budget line"),
    "spend_budget": _("spent reserved money"),
    "release_budget": _("released reserved money"),
}
RESULTS = {
    "duplicate_line": _("line is there already"),
    "amount_missing": _("amount missing"),
    "spent_too_much": _("more spent than there is"),
    "same_amount": _("same amount"),
    "below_used": _("less than is used"),
    "line_closed": _("line is closed"),
    "line_open": _("line is open"),
    "still_reserved": _("money still reserved"),
    "over_budget": _("over the budget"),
    "already_reserved": _("already reserved"),
    "nothing_reserved": _("nothing reserved"),
    "over_reserved": _("more than is reserved"),
}


def register() -> None:
    """Register navigation, search, export, import, demo and the names of actions and refusals."""
    navigation.register(
        navigation.NavEntry(
            name="budget",
            label=_("Budget"),
            icon="coin",
            url_name="finance:budgets:list",
            order=40,
            group=2,
            permission="finance.view_budget",
        )
    )
    search_registry.register("budget", _("Budget"), "coin", find)
    exports.register(BUDGET_EXPORT)
    imports.register(BUDGET_IMPORT)
    demo_loaders.register("finance.budgets", 50, demo.load)
    for code, label in ACTIONS.items():
        labels.register(f"finance.{code}", label)
    for code, label in RESULTS.items():
        labels.register_result(code, label)


def find(user: Any, school: Any, query: str) -> list[search_registry.Found]:
    """Return the lines that fit what was typed, the newest year first."""
    lines = BudgetLine.objects.visible_to(user).at(school).filter(matching(query)).select_related("item", "school")
    return [
        search_registry.Found(str(line), [line.school.name, money(line.left)], line.get_absolute_url())
        for line in lines.order_by("rank", "pk")[: search_registry.MOST + 1]
    ]
