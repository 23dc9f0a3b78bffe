"""What cash counts hand down to the ground floor; called once by FinanceConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from finance.counts import exports, home
from finance.counts.facts import waiting
from finance.counts.views import VIEW
from houqin.exports import registry
from houqin.history import labels
from houqin.web import home as home_page
from houqin.web import navigation

ACTIONS = {
    "count_cash": _("counted the cash"),
    "confirm_cash_count": _("witnessed a cash count"),
    "return_cash_count": _("gave a cash count back"),
}
RESULTS = {
    "not_cash": _("not an account of cash"),
    "pieces_wrong": _("pieces that cannot be"),
    "count_in_future": _("day lies in the future"),
    "count_before_entry": _("before its last entry"),
    "book_moved": _("book has moved on"),
    "difference_unexplained": _("difference not explained"),
    "count_not_returned": _("not given back"),
    "count_replaced": _("counted anew already"),
    "count_decided": _("was decided already"),
    "own_count": _("own count"),
    "cashier_witnesses": _("cashier may not witness"),
}


def register() -> None:
    """Register navigation, home, the export and the names of actions and refusals."""
    navigation.register(
        navigation.NavEntry(
            name="cash_counts",
            label=_("Cash counts"),
            icon="clipboard-list",
            url_name="finance:counts:list",
            order=55,
            group=2,
            permission=VIEW,
            count=waiting,
        )
    )
    home_page.register("cash_counts", order=26, card=home.card)
    registry.register(exports.COUNTS)
    for code, label in ACTIONS.items():
        labels.register(f"finance.{code}", label)
    for code, label in RESULTS.items():
        labels.register_result(code, label)
