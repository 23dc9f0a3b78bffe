"""What the pages of the ledger hand down to the ground floor; called once by FinanceConfig.ready()."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from finance.ledger import from_purchase, home, prints, scans, states
from finance.ledger.models import Voucher
from finance.purchases import further
from houqin.accounts.models import User
from houqin.exports import registry as exports
from houqin.files import access as file_access
from houqin.history import labels
from houqin.web import home as home_page
from houqin.web import navigation, search_registry
from houqin.web.moments import day
from houqin.web.search import matching
from houqin.web.search_registry import MOST, Found

ACTIONS = {
    "attach_voucher_scan": _("added a scan to a voucher"),
    "detach_voucher_scan": _("took a scan away from a voucher"),
}
RESULTS = {"not_posted": _("not posted"), "no_transfers": _("no transfers"), "lines_missing": _("no lines")}


def register() -> None:
    """Register navigation, home, search, files and the names of actions."""
    navigation.register(
        navigation.NavEntry(
            name="vouchers",
            label=_("Vouchers"),
            icon="notebook",
            url_name="finance:ledger:vouchers",
            order=50,
            group=2,
            permission="finance.view_books",
            count=home.waiting,
        )
    )
    home_page.register("vouchers", order=25, card=home.card)
    search_registry.register("vouchers", _("Vouchers"), "notebook", search)
    exports.register(prints.VOUCHERS)
    further.register("voucher", from_purchase.further)
    file_access.register("vouchers", scans.may_see)
    for code, label in ACTIONS.items():
        labels.register(f"finance.{code}", label)
    for code, label in RESULTS.items():
        labels.register_result(code, label)


def search(user: User, school: Any, query: str) -> Sequence[Found]:
    """Find vouchers by summary, account, amount or pinyin initials."""
    rows = Voucher.objects.visible_to(user).at(school).filter(matching(query)).order_by("-date", "-pk")
    return [
        Found(row.summary, [row.get_kind_display(), day(row.date), row.get_state_display()], states.url_of(row.pk))
        for row in rows[: MOST + 1]
    ]
