"""Which reconciliations wait for whom, on the home page."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from finance.reconciliations.actions import PREPARE, REVIEW
from finance.reconciliations.facts import Due, due, waiting_for_review
from finance.reconciliations.models import BankReconciliation
from houqin.accounts.models import User
from houqin.schools.access import access_of
from houqin.web.home import HomePage, HomeRow, HomeSection

ROWS = 5


def home_card(user: User, school: Any, page: HomePage) -> None:
    """Add the months to reconcile, for whoever prepares (two queries), and those to review (one)."""
    if user.has_perm(PREPARE, school):
        prepares = access_of(user).schools_with(PREPARE)
        rows = [one for one in due(user, school) if one.bank_account.school_id in prepares]
        _add(page, _("Bank accounts to reconcile"), [_due_row(one) for one in rows], "")
    if user.has_perm(REVIEW, school):
        waits = waiting_for_review(user, school, access_of(user).schools_with(REVIEW))
        found = waits.select_related("bank_account", "school", "prepared_by").order_by("ends_on", "pk")
        _add(page, _("Bank reconciliations to review"), [_review_row(one) for one in found], "?chip=review")


def _due_row(one: Due) -> HomeRow:
    bank, month = one.bank_account, one.months[0]
    begun = one.begun.get(month)
    create = f"{reverse('finance:reconciliations:create')}?account={bank.pk}"
    months = ngettext_lazy("%(n)s month is not reconciled", "%(n)s months are not reconciled", "n")
    facts = [format_lazy(_("the oldest: {month}"), month=f"{month:%Y-%m}"), months % {"n": len(one.months)}]
    return HomeRow(
        title=str(bank),
        url=begun.get_absolute_url() if begun else bank.get_absolute_url(),
        icon="checklist",
        facts=[*facts, *([begun.returned_reason] if begun and begun.returned_reason else [])],
        action=_("Complete") if begun else _("Reconcile"),
        action_url=reverse("finance:reconciliations:update", args=[begun.pk]) if begun else create,
    )


def _review_row(one: BankReconciliation) -> HomeRow:
    return HomeRow(
        title=f"{one.ends_on:%Y-%m} {one.bank_account}",
        url=one.get_absolute_url(),
        icon="checklist",
        facts=[one.school.name, str(one.prepared_by)],
        action=_("Review"),
        primary=True,
    )


def _add(page: HomePage, title: Any, rows: Sequence[HomeRow], query: str) -> None:
    if rows:
        url = reverse("finance:reconciliations:list") + query
        more = _("See all")
        page.sections.append(HomeSection(title=title, rows=rows[:ROWS], count=len(rows), more_label=more, more_url=url))
