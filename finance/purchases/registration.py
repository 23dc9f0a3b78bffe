"""What purchase requests hand up to the ground floor and the budget; called once by FinanceConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from finance.budgets import subjects as budget_subjects
from finance.purchases import actions, demo, facts, files, panel
from finance.purchases.actions import way
from finance.purchases.models import CENTRAL_FROM, SUBJECT_KIND
from houqin.approvals import subjects
from houqin.files import access as file_access
from houqin.history import labels
from houqin.schools import demo as demo_loaders
from houqin.schools import handover, renames
from houqin.schools.roles import Role
from houqin.web import home, navigation, search_registry

ACTIONS = {
    "create_purchase": _("wrote a purchase request"),
    "change_purchase": _("changed a purchase request"),
    "attach_purchase_file": _("added a file to a purchase request"),
    "submit_purchase": _("submitted a purchase request"),
    "withdraw_purchase": _("withdrew a purchase request"),
    "approve_purchase": _("a purchase request was approved"),
    "return_purchase": _("returned a purchase request"),
    "reject_purchase": _("did not approve a purchase request"),
    "change_purchase_settings": _("changed the settings of purchases"),
}


def register() -> None:
    """Register the subject of approvals and of the budget, home, search, files, names of actions, demo data."""
    subjects.register(
        subjects.SubjectKind(
            name=SUBJECT_KIND,
            title=_("Purchase"),
            icon="shopping-cart",
            lock=way.lock,
            read=panel.read,
            content=way.content,
            url=lambda purchase: purchase.get_absolute_url(),
            approved=way.approved,
            returned=way.returned,
            rejected=way.rejected,
            panel_template="finance/purchases/_panel.html",
            panel=panel.context,
            extra_signers=way.one_tier_higher,
            default_tiers=(
                subjects.DefaultTier(Role.PRINCIPAL),
                subjects.DefaultTier(Role.CENTRAL_OFFICER, at_central=True, from_amount=CENTRAL_FROM),
            ),
        )
    )
    budget_subjects.register(SUBJECT_KIND, _("Purchase"), facts.describe)
    home.register("purchases", order=20, card=facts.home_card)
    search_registry.register("purchases", _("Purchases"), "shopping-cart", facts.search)
    navigation.register(
        navigation.NavEntry(
            name="purchases",
            label=_("Purchases"),
            icon="shopping-cart",
            url_name="finance:purchases:list",
            order=10,
            group=2,
            count=facts.badge_count,
        )
    )
    file_access.register("purchases", files.may_see)
    renames.register("purchases", actions.write_names_anew)
    handover.register("purchases", _("purchases under way"), facts.open_things)
    for code, label in ACTIONS.items():
        labels.register(f"finance.{code}", label)
    demo_loaders.register("purchases", 60, demo.load)
