"""What approvals hand to the frame and the home page."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from houqin.approvals import subjects
from houqin.approvals.models import TO_SIGN, Approval
from houqin.web.counts import Narrowed
from houqin.web.home import HomePage, HomeRow, HomeSection
from houqin.web.moments import moment
from houqin.web.templatetags.houqin import money

ROWS = 5
ACTIONS = {
    "request": _("asked for approval"),
    "approve": _("approved"),
    "return": _("returned for change"),
    "reject": _("did not approve"),
    "void": _("an approval became void, its content was changed"),
    "withdraw": _("withdrew what waited for approval"),
    "delegate": _("let somebody else sign"),
    "end_delegation": _("ended a delegation"),
    "set_tiers": _("changed who must sign"),
    "drop_tiers": _("let the tiers of the school above hold again"),
}


def to_sign(user: Any, school: Any) -> Narrowed:
    """Return what waits for this person's signature, at whatever school."""
    return Narrowed(Approval.objects.all(), TO_SIGN, user)


def home_card(user: Any, school: Any, page: HomePage) -> None:
    """Put what waits for one's signature on top of the home page."""
    waiting = list(
        Approval.objects.waiting_for(user).select_related("requested_by", "school").order_by("requested_at")[: ROWS + 1]
    )
    if not waiting:
        return
    rows = [
        HomeRow(
            title=approval.title,
            url=approval.get_absolute_url(),
            icon=subjects.get(approval.kind).icon,
            facts=[
                gettext("%(name)s asked") % {"name": approval.requested_by},
                approval.school.name if approval.school_id != getattr(school, "pk", None) else "",
                moment(approval.requested_at),
            ],
            right=money(approval.amount) if approval.amount is not None else "",
            action=_("Sign"),
            primary=True,
        )
        for approval in waiting[:ROWS]
    ]
    page.sections.append(
        HomeSection(
            title=_("Waits for my signature"),
            rows=rows,
            count=len(waiting),
            more_label=_("See all"),
            more_url=reverse("approvals:list") + "?chip=to_sign",
        )
    )
