"""Which paper journals wait for whom: on the home page, and as a number beside the books."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from finance.journals.job import JournalJob
from finance.journals.models import JournalBatch
from houqin.accounts.models import User
from houqin.schools.access import access_of
from houqin.web.home import HomePage, HomeRow, HomeSection
from houqin.web.moments import day

ROWS = 5
State = JournalBatch.State


def waiting(user: Any, school: Any) -> QuerySet[JournalBatch]:
    """Return what waits for this person: to confirm, or what they imported and have not handed on."""
    rows = JournalBatch.objects.visible_to(user).at(school).exclude(job__state=JournalJob.State.POSTING)
    confirms = access_of(user).schools_with("finance.post_voucher")
    theirs = rows.filter(school_id__in=confirms, state=State.SUBMITTED).exclude(prepared_by=user)
    return theirs | rows.filter(prepared_by=user, state=State.DRAFT)


def badge_count(user: Any, school: Any) -> QuerySet[JournalBatch]:
    """Return the rows that the navigation's badge counts."""
    return waiting(user, school)


def home_card(user: User, school: Any, page: HomePage) -> None:
    """Add the journals to confirm and those to go on with. One query, for those who may do either."""
    if not user.has_perm("finance.prepare_transfer", school):
        return
    rows = waiting(user, school).select_related("school", "prepared_by").order_by("prepared_at", "pk")
    found = list(rows[: 4 * ROWS])
    url = reverse("finance:journals:list") + "?chip="
    for title, state, action in (
        (_("Paper journals to confirm"), State.SUBMITTED, _("Compare")),
        (_("Paper journals that you imported"), State.DRAFT, _("Choose the accounts")),
    ):
        own = [batch for batch in found if batch.state == state]
        if own:
            page.sections.append(
                HomeSection(
                    title=title,
                    rows=[_row(batch, action) for batch in own[:ROWS]],
                    count=len(own),
                    more_label=_("See all"),
                    more_url=f"{url}{state.value}",
                )
            )


def _row(batch: JournalBatch, action: Any) -> HomeRow:
    return HomeRow(
        title=str(batch),
        url=batch.get_absolute_url(),
        icon="book-2",
        facts=[
            _("%(entries)s entries") % {"entries": batch.entries},
            str(batch.prepared_by),
            day(batch.prepared_at),
            batch.returned_reason,
        ],
        action=action,
        primary=True,
    )
