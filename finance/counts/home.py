"""What cash counts put on the home page: boxes to count for the cashier, counts to witness for the others."""

from typing import Any

from django.db.models import Count, Window
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.counts.facts import CONFIRM, COUNT, Due, due, waiting
from houqin.accounts.models import User
from houqin.web.home import HomePage, HomeRow, HomeSection
from houqin.web.moments import day
from houqin.web.templatetags.houqin import money

ROWS = 5


def card(user: User, school: Any, page: HomePage) -> None:
    """Add what waits for this person. One query for those who count, one for those who witness."""
    if user.has_perm(COUNT, school):
        _to_count(user, school, page)
    if user.has_perm(CONFIRM, school):
        _to_witness(user, school, page)


def _to_count(user: User, school: Any, page: HomePage) -> None:
    rows = due(user, school)
    if not rows:
        return
    late = any(row.is_late for row in rows)
    url = reverse("finance:counts:list")
    several = len({row.account.ledger_id for row in rows}) > 1
    shown = [_due_row(row, several) for row in rows[:ROWS]]
    page.sections.append(
        HomeSection(_("Cash to count"), shown, count=len(rows), more_label=_("See all"), more_url=url, late=late)
    )


def _due_row(row: Due, several: bool) -> HomeRow:
    """Return the row of a box; what tells most comes first, as a phone cuts the line. `several`: sets of books."""
    meant = f"account={row.account.pk}" if row.given_back is None else f"of={row.given_back}"
    create = f"{reverse('finance:counts:create')}?{meant}"
    last = _("never counted yet") if row.last is None else format_lazy(_("last confirmed {day}"), day=day(row.last))
    facts = [last, *([str(row.account.ledger)] if several else [])]
    if row.waits is not None:
        url = reverse("finance:counts:detail", args=[row.waits])
        return HomeRow(row.account.name, url, "coin", [_("waits for the witness"), *facts], money(row.balance))
    if row.given_back is not None:
        telling = _("given back, to count anew")
    else:
        telling = _("neither this month nor last month") if row.is_late else _("not this month yet")
    return HomeRow(
        title=row.account.name,
        url=create,
        icon="coin",
        facts=[telling, *facts],
        right=money(row.balance),
        late=row.is_late,
        action=_("Count"),
        action_url=create,
        primary=True,
    )


def _to_witness(user: User, school: Any, page: HomePage) -> None:
    rows = waiting(user, school).annotate(all=Window(Count("*"))).select_related("account", "school", "counted_by")
    found = list(rows.order_by("counted_on", "pk")[:ROWS])
    if not found:
        return
    shown = [
        HomeRow(
            title=row.account.name,
            url=row.get_absolute_url(),
            icon="coin",
            facts=[*([] if school is not None else [row.school.name]), day(row.counted_on), str(row.counted_by)],
            right=money(row.counted),
            action=_("Look"),
            primary=True,
        )
        for row in found
    ]
    url = f"{reverse('finance:counts:list')}?chip=waiting"
    page.sections.append(
        HomeSection(_("Cash counts to witness"), shown, count=found[0].all, more_label=_("See all"), more_url=url)
    )
