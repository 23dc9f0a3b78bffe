"""Budgets and purchases."""

from finance.purchases import actions
from tests.finance.budget_factories import make_line
from tests.finance.purchase_factories import desks
from tests.routes.table import FORM, STEP, Route, of


def plant(there):
    there.line = make_line(there.school, detail=there.canary, entered_by=there.keeper)
    # The keeper asked for it, so nobody who walks takes the steps of the requester.
    there.purchase = actions.create(
        there.school,
        by=there.keeper,
        kind="equipment",
        title=f"{there.canary}课桌",
        purpose=there.canary,
        lines=[desks(name=f"{there.canary}课桌")],
    )


LINE = of("line")
PURCHASE = of("purchase")
READ, ASK = "finance.view_purchases", "finance.request_purchase"
VIEW, MANAGE = "finance.view_budget", "finance.manage_budget"


def a_draft(there):
    """Return a form that can be saved, so that what is refused is the person."""
    lines = {"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"}
    return lines | {"kind": "office", "title": there.canary, "do": "save", "lead_days": "7"}


ROUTES = [
    Route("finance:budgets:list", may=VIEW),
    Route("finance:budgets:create", FORM, MANAGE),
    Route("finance:budgets:detail", may=VIEW, of=LINE),
    Route("finance:budgets:change", FORM, MANAGE, of=LINE),
    Route("finance:budgets:close", STEP, MANAGE, of=LINE),
    Route("finance:budgets:reopen", STEP, MANAGE, of=LINE),
    Route("finance:purchases:list"),
    Route("finance:purchases:campuses", may=READ),
    Route("finance:purchases:settings", FORM, "finance.manage_purchase_settings", data=a_draft),
    Route("finance:purchases:create", FORM, ASK, data=a_draft),
    Route("finance:purchases:hints"),
    Route("finance:purchases:detail", may=READ, of=PURCHASE),
    Route("finance:purchases:update", FORM, "owner", of=PURCHASE, data=a_draft),
    Route("finance:purchases:submit", STEP, "owner", of=PURCHASE),
    Route("finance:purchases:withdraw", STEP, "owner", of=PURCHASE),
    Route("finance:purchases:copy", STEP, "finance.copy_purchase", of=PURCHASE),
    Route("finance:purchases:attach", FORM, "owner", of=PURCHASE, data=a_draft),
]
