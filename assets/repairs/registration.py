"""What repairs hand up to the ground floor; called once by AssetsConfig.ready()."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assets.register.models import AssetCard
from assets.repairs import actions, demo, facts, files
from assets.repairs.approvals import REPAIR
from assets.repairs.exports import REPAIRS
from assets.repairs.imports import REPAIRS_BOOK
from houqin.approvals import subjects as approval_subjects
from houqin.exports import registry as exports
from houqin.files import access as file_access
from houqin.history import labels
from houqin.imports import registry as imports
from houqin.schools import demo as demo_loaders
from houqin.schools import handover, place_facts, qr, renames
from houqin.schools.days import plan_changes
from houqin.schools.models import Place
from houqin.web import home, navigation, search_registry

ACTIONS = {
    "report_repair": _("reported a fault"),
    "add_repair_photo": _("added a photo to a repair"),
    "follow_repair": _("followed a repair"),
    "withdraw_repair": _("withdrew a report"),
    "merge_repair": _("merged a report"),
    "accept_repair": _("accepted a report"),
    "refuse_repair": _("did not accept a report"),
    "assign_repair": _("assigned a repair"),
    "transfer_repair": _("transferred a repair"),
    "set_repair_danger": _("judged whether a repair is a danger"),
    "ask_repair_approval": _("asked the upper office about a repair"),
    "approve_repair": _("approved a repair"),
    "return_repair": _("returned the plan of a repair"),
    "reject_repair": _("did not approve a repair"),
    "start_emergency_repair": _("began a repair before its approval"),
    "make_repair_safe": _("made a repair safe before its approval"),
    "explain_emergency_repair": _("wrote the reason of an emergency"),
    "start_repair": _("started a repair"),
    "hold_repair": _("put a repair on hold"),
    "resume_repair": _("went on with a repair"),
    "finish_repair": _("finished a repair"),
    "confirm_repair": _("confirmed a repair"),
    "confirm_repair_itself": _("a repair confirmed itself"),
    "reopen_repair": _("reopened a repair"),
    "rate_repair": _("rated a repair"),
    "change_repair_settings": _("changed the settings of repairs"),
    "take_over_repairs": _("took over the repairs of a paper book"),
}


def register() -> None:
    """Register what leaves and comes in, what is signed, home, search, codes, files, names of actions, demo data."""
    exports.register(REPAIRS)
    imports.register(REPAIRS_BOOK)
    approval_subjects.register(REPAIR)
    home.register("repairs", order=10, card=facts.home_card)
    search_registry.register("repairs", _("Repairs"), "tool", facts.search)
    navigation.register(
        navigation.NavEntry(
            name="repairs",
            label=_("Repairs"),
            icon="tool",
            url_name="assets:repairs:list",
            order=10,
            group=1,
            permission="assets.report_repair",
            count=facts.open_repairs,
            bottom=2,
        )
    )
    place_facts.register(facts.place_facts)
    renames.register("repairs", actions.write_names_anew)
    plan_changes.register("repairs", actions.count_due_anew)
    handover.register("repairs", _("repairs to do"), facts.open_things, facts.hand_over)
    qr.register("place", _report_at_place)
    qr.register("asset", _report_of_asset)
    file_access.register("repairs", files.may_see)
    for code, label in ACTIONS.items():
        labels.register(f"assets.{code}", label)
    demo_loaders.register("repairs", 30, demo.load)


def _report_at_place(place: Place) -> str:
    return reverse("assets:repairs:report_here", args=[place.token])


def _report_of_asset(token: str) -> str | None:
    """Return the report form of a thing that stands somewhere."""
    known = AssetCard.objects.filter(token=token, place__isnull=False).exists()
    return reverse("assets:repairs:report_here", args=[token]) if known else None
