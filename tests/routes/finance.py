"""Budgets and purchases."""

from tests.finance.budget_factories import make_line
from tests.routes.table import FORM, STEP, Route, of


def plant(there):
    there.line = make_line(there.school, detail=there.canary, entered_by=there.keeper)


LINE = of("line")
VIEW, MANAGE = "finance.view_budget", "finance.manage_budget"

ROUTES = [
    Route("finance:budgets:list", may=VIEW),
    Route("finance:budgets:create", FORM, MANAGE),
    Route("finance:budgets:detail", may=VIEW, of=LINE),
    Route("finance:budgets:change", FORM, MANAGE, of=LINE),
    Route("finance:budgets:close", STEP, MANAGE, of=LINE),
    Route("finance:budgets:reopen", STEP, MANAGE, of=LINE),
]
