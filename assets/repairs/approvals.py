"""A repair as something that is signed: what the page of its approval shows (S125, S126)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.repairs.actions import approval
from assets.repairs.models import RepairRequest, RepairSettings, RepairStep
from houqin.accounts.models import User
from houqin.approvals.subjects import DefaultTier, SubjectKind
from houqin.schools.roles import Role

PHOTOS = 6
YEAR = timedelta(days=365)


def _read(pk: int) -> RepairRequest:
    return RepairRequest.objects.select_related("place", "school", "reporter", "assigned_to").get(pk=pk)


def _panel(repair: RepairRequest, viewer: User) -> Mapping[str, Any]:
    """Answer why, how dangerous, above which sum, how often here. At most six queries."""
    asked = repair.steps.filter(verb=RepairStep.Verb.ASK_APPROVAL).order_by("-at", "-id").first()
    may_see = RepairRequest.objects.visible_to(viewer).filter(pk=repair.pk).exists()
    here = RepairRequest.objects.filter(place=repair.place_id, reported_at__gt=timezone.now() - YEAR)
    return {
        "repair": repair,
        "asked_because": asked.note if asked else "",
        # Whoever only stands in for somebody has no right to the repair's own page and photos.
        "may_see_repair": may_see,
        "photos": list(repair.photos.select_related("file")[:PHOTOS]) if may_see else [],
        "free_sum": RepairSettings.of(repair.school).approval_above,
        "times_here": here.count(),
    }


REPAIR = SubjectKind(
    name=approval.KIND,
    title=_("repair"),
    icon="tool",
    lock=approval.lock,
    read=_read,
    content=approval.signed_content,
    url=lambda repair: str(repair.get_absolute_url()),
    approved=approval.approved,
    returned=approval.returned,
    rejected=approval.rejected,
    panel_template="assets/repairs/_approval.html",
    panel=_panel,
    default_tiers=(DefaultTier(Role.CENTRAL_OFFICER, at_central=True),),
)
