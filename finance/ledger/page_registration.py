"""What the pages of the ledger hand down to the ground floor; called once by FinanceConfig.ready()."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from finance.ledger import from_purchase, prints, scans, states
from finance.ledger.models import Voucher
from finance.purchases import further
from houqin.accounts.models import User
from houqin.exports import registry as exports
from houqin.files import access as file_access
from houqin.history import labels
from houqin.schools.access import access_of
from houqin.web import home, navigation, search_registry
from houqin.web.home import HomePage, HomeRow, HomeSection
from houqin.web.moments import day
from houqin.web.search import matching
from houqin.web.search_registry import MOST, Found

ROWS = 5
ACTIONS = {
    "attach_voucher_scan": _("added a scan to a voucher"),
    "detach_voucher_scan": _("took a scan away from a voucher"),
}
RESULTS = {"not_posted": _("not posted"), "no_transfers": _("no transfers"), "lines_missing": _("no lines")}
State = Voucher.State


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
            count=badge_count,
        )
    )
    home.register("vouchers", order=25, card=home_card)
    search_registry.register("vouchers", _("Vouchers"), "notebook", search)
    exports.register(prints.VOUCHERS)
    further.register("voucher", from_purchase.further)
    file_access.register("vouchers", scans.may_see)
    for code, label in ACTIONS.items():
        labels.register(f"finance.{code}", label)
    for code, label in RESULTS.items():
        labels.register_result(code, label)


def waiting(user: Any, school: Any) -> QuerySet[Voucher]:
    """Return what waits for this person: to review, to post, and what came back."""
    access = access_of(user)
    rows = Voucher.objects.visible_to(user).at(school)
    reviews = access.schools_with("finance.review_voucher")
    theirs = rows.filter(school_id__in=reviews, state__in=(State.SUBMITTED, State.REVIEWED)).exclude(prepared_by=user)
    returned = rows.filter(prepared_by=user, state=State.DRAFT).exclude(returned_reason="")
    return theirs | returned


def badge_count(user: Any, school: Any) -> QuerySet[Voucher]:
    """Return the rows that the navigation's badge counts."""
    return waiting(user, school)


def home_card(user: User, school: Any, page: HomePage) -> None:
    """Add what waits for review and posting, and what came back. One query, for those who keep books."""
    if not user.has_perm("finance.prepare_voucher", school):
        return
    rows = list(waiting(user, school).select_related("prepared_by").order_by("date", "pk")[: 4 * ROWS])
    url = reverse("finance:ledger:vouchers") + "?chip="
    sections = (
        (_("Vouchers to review"), State.SUBMITTED, "review", _("Review")),
        (_("Vouchers to post"), State.REVIEWED, "post", _("Post")),
        (_("Vouchers sent back to you"), State.DRAFT, "returned", _("Change")),
    )
    for title, state, chip, action in sections:
        own = [row for row in rows if row.state == state]
        if own:
            page.sections.append(
                HomeSection(
                    title=title,
                    rows=[_row(row, action) for row in own[:ROWS]],
                    count=len(own),
                    more_label=_("See all"),
                    more_url=url + chip,
                )
            )


def _row(voucher: Voucher, action: Any) -> HomeRow:
    return HomeRow(
        title=voucher.summary or str(voucher.get_kind_display()),
        url=states.url_of(voucher.pk),
        icon="notebook",
        facts=[voucher.get_kind_display(), day(voucher.date), str(voucher.prepared_by), voucher.returned_reason],
        action=action,
        primary=True,
    )


def search(user: User, school: Any, query: str) -> Sequence[Found]:
    """Find vouchers by summary, account, amount or pinyin initials."""
    rows = Voucher.objects.visible_to(user).at(school).filter(matching(query)).order_by("-date", "-pk")
    return [
        Found(row.summary, [row.get_kind_display(), day(row.date), row.get_state_display()], states.url_of(row.pk))
        for row in rows[: MOST + 1]
    ]
