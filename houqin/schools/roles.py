"""Who may do what: the one table of roles and permissions."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A post that a person holds at a school."""

    STAFF = "staff", _("staff")
    MAINTAINER = "maintainer", _("maintainer")
    LOGISTICS = "logistics", _("head of general affairs")
    SAFETY_OFFICER = "safety_officer", _("safety officer")
    CANTEEN_MANAGER = "canteen_manager", _("canteen manager")
    PRINCIPAL = "principal", _("principal")
    ACCOUNTANT = "accountant", _("accountant")
    CHIEF_ACCOUNTANT = "chief_accountant", _("chief accountant")
    CASHIER = "cashier", _("cashier")
    CENTRAL_OFFICER = "central_officer", _("central school officer")
    AUDITOR = "auditor", _("inspector / auditor")


# Held at a central school, these reach every school below it.
CENTRAL_ROLES = frozenset({Role.CENTRAL_OFFICER, Role.CHIEF_ACCOUNTANT, Role.AUDITOR})

EVERYONE = frozenset(Role)
# Posts that sign, pay, check or appoint: given, and their accounts helped, by the central school only.
LEADING_ROLES = frozenset(
    {
        Role.LOGISTICS,
        Role.PRINCIPAL,
        Role.ACCOUNTANT,
        Role.CHIEF_ACCOUNTANT,
        Role.CASHIER,
        Role.CENTRAL_OFFICER,
        Role.AUDITOR,
    }
)
_OFFICE = frozenset({Role.LOGISTICS, Role.CENTRAL_OFFICER})
_READERS = frozenset({Role.PRINCIPAL, Role.CENTRAL_OFFICER, Role.AUDITOR})
_BUDGET_KEEPERS = frozenset({Role.ACCOUNTANT, Role.CHIEF_ACCOUNTANT})
_PURCHASE_READERS = _READERS | {Role.LOGISTICS, Role.ACCOUNTANT, Role.CHIEF_ACCOUNTANT, Role.CASHIER}
# Who counts what arrives: whoever has an office or a store, since asker, signers and buyer must not (S104).
_RECEIVERS = frozenset(
    {
        Role.LOGISTICS,
        Role.MAINTAINER,
        Role.SAFETY_OFFICER,
        Role.CANTEEN_MANAGER,
        Role.ACCOUNTANT,
        Role.CASHIER,
        Role.CENTRAL_OFFICER,
    }
)

PERMISSIONS: dict[str, frozenset[str]] = {
    # schools
    "schools.view_school": EVERYONE,
    "schools.manage_schools": frozenset({Role.CENTRAL_OFFICER}),
    "schools.view_places": EVERYONE,
    "schools.manage_places": _OFFICE,
    "schools.view_people": _OFFICE | _READERS,
    "schools.manage_people": _OFFICE,
    "schools.appoint_leaders": frozenset({Role.CENTRAL_OFFICER}),
    "schools.manage_calendar": _OFFICE,
    # The national plan holds for all schools at once.
    "schools.manage_holidays": frozenset({Role.CENTRAL_OFFICER}),
    # Who finds places and calendar in the navigation; the pages themselves are open to all who may see a place.
    "schools.view_settings": _OFFICE | _READERS,
    # history
    "history.view_log": frozenset({Role.LOGISTICS}) | _READERS,
    # approvals: everybody may be asked to sign; who signs what stands in the tiers
    "approvals.view_approvals": EVERYONE,
    "approvals.view_all_approvals": frozenset({Role.LOGISTICS}) | _READERS,
    "approvals.manage_tiers": frozenset({Role.CENTRAL_OFFICER}),
    # imports: each kind asks for its own permission; this one only shows the entry
    "imports.view_imports": _OFFICE | _BUDGET_KEEPERS,
    # assets / register
    "assets.view_register": _READERS
    | {Role.LOGISTICS, Role.MAINTAINER, Role.ACCOUNTANT, Role.CHIEF_ACCOUNTANT, Role.CASHIER},
    "assets.manage_register": frozenset({Role.LOGISTICS}),
    # Who counts a delivery puts it on the register by that.
    "assets.take_in": _RECEIVERS,
    # The table of categories is the same for all schools.
    "assets.manage_categories": frozenset({Role.CENTRAL_OFFICER}),
    # assets / repairs
    "assets.report_repair": EVERYONE,
    "assets.view_repairs": _READERS | {Role.LOGISTICS, Role.SAFETY_OFFICER},
    "assets.triage_repair": frozenset({Role.LOGISTICS}),
    "assets.work_repair": frozenset({Role.MAINTAINER, Role.LOGISTICS}),
    "assets.approve_repair": frozenset({Role.CENTRAL_OFFICER}),
    "assets.manage_rounds": frozenset({Role.LOGISTICS}),
    "assets.manage_repair_settings": _OFFICE,
    # finance / budgets
    "finance.view_budget": _READERS | _BUDGET_KEEPERS | {Role.LOGISTICS, Role.CASHIER},
    "finance.manage_budget": _BUDGET_KEEPERS,
    # finance / purchases: whoever works here may ask; an inspector changes nothing
    "finance.request_purchase": EVERYONE - {Role.AUDITOR},
    "finance.view_purchases": _PURCHASE_READERS,
    # Write a request like one that somebody else wrote.
    "finance.copy_purchase": _PURCHASE_READERS - {Role.AUDITOR},
    # The week of notice is the central school's rule.
    "finance.manage_purchase_settings": frozenset({Role.CENTRAL_OFFICER}),
    # finance / purchases, after approval
    # The year's plan of all campuses, as drafts for each.
    "finance.import_purchase_plan": frozenset({Role.CENTRAL_OFFICER}),
    "finance.view_suppliers": _READERS | {Role.LOGISTICS, Role.ACCOUNTANT, Role.CHIEF_ACCOUNTANT, Role.CASHIER},
    "finance.manage_suppliers": _OFFICE,
    "finance.view_orders": _READERS | _RECEIVERS | {Role.CHIEF_ACCOUNTANT},
    "finance.order_purchase": _OFFICE,
    "finance.receive_delivery": _RECEIVERS,
    # finance / ledger: the cashier writes receipts and payments, and reviews, posts and closes nothing
    "finance.view_books": _READERS | _BUDGET_KEEPERS | {Role.CASHIER},
    "finance.prepare_voucher": _BUDGET_KEEPERS | {Role.CASHIER},
    # Transfers and opening balances move no money, so they are not the cashier's.
    "finance.prepare_transfer": _BUDGET_KEEPERS,
    "finance.review_voucher": frozenset({Role.CHIEF_ACCOUNTANT}),
    "finance.post_voucher": frozenset({Role.CHIEF_ACCOUNTANT}),
    "finance.close_period": frozenset({Role.CHIEF_ACCOUNTANT}),
    "finance.manage_ledger": frozenset({Role.CHIEF_ACCOUNTANT}),
    # finance / counts: who keeps the cash counts it, another one watches
    "finance.count_cash": frozenset({Role.CASHIER}),
    "finance.confirm_cash_count": _BUDGET_KEEPERS | {Role.PRINCIPAL},
    # finance / reconciliations: never the cashier's, and never one person's alone
    "finance.reconcile_bank": frozenset({Role.ACCOUNTANT}),
    "finance.review_reconciliation": frozenset({Role.CHIEF_ACCOUNTANT}),
}
