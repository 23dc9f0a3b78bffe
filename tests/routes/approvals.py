"""Approvals: those who read a school's approvals see them; who signs stands in the tiers."""

from houqin.approvals import actions
from houqin.approvals.models import Delegation
from houqin.schools.roles import Role
from tests.approvals.factories import KIND, register
from tests.routes.table import FORM, STEP, Route, of
from tests.schools.factories import make_person, make_place


def plant(there):
    register()
    make_person(there.school, Role.PRINCIPAL)
    make_person(there.school.parent or there.school, Role.CENTRAL_OFFICER)
    there.approval = actions.request(
        KIND,
        make_place(there.school, name=f"{there.canary}要批的"),
        by=there.keeper,
        school=there.school,
        title=f"{there.canary}要批的",
        amount=None,
    )
    stand_in = make_person(there.school, display_name=f"{there.canary}代签")
    there.delegation = Delegation.objects.create(
        giver=there.keeper,
        taker=stand_in,
        school=there.school,
        since="2020-01-01",
        until="2020-01-02",
        reason=there.canary,
    )


def kind(_there):
    return {"kind": KIND}


def approve(_there):
    return {"decision": "approve"}


def tiers(_there):
    return {
        "tiers-TOTAL_FORMS": "1",
        "tiers-INITIAL_FORMS": "0",
        "tiers-0-role": "principal",
    }


APPROVAL, DELEGATION = of("approval"), of("delegation")
READ = "approvals.view_all_approvals"

ROUTES = [
    Route("approvals:list"),
    Route("approvals:detail", may=READ, of=APPROVAL),
    # In the walk the principals sign; the officers are asked for larger amounts only.
    Route("approvals:sign", STEP, "owner", also=frozenset({"principal"}), of=APPROVAL, data=approve),
    Route("approvals:sign_several", STEP),
    Route("approvals:delegations", FORM),
    Route("approvals:takers"),
    Route("approvals:end_delegation", STEP, "owner", of=DELEGATION),
    Route("approvals:tiers", FORM, "approvals.manage_tiers", of=kind, data=tiers, secret=True),
]
