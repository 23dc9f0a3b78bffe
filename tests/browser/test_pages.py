"""The main pages as people see them: no barriers, no fault, light to load."""

import gzip

import pytest
from django.urls import reverse

from assets.repairs.models import State
from houqin.approvals.models import Approval
from tests.assets.register_factories import make_card
from tests.browser.devices import Device

PAGE_BYTES = 150_000
# Shown to the head of general affairs; the addresses in words are those of records.
HEAD = [
    "web:home",
    "web:menu",
    "web:search",
    "assets:repairs:list",
    "assets:repairs:statistics",
    "assets:repairs:settings",
    "assets:rounds:list",
    "assets:rounds:create",
    "assets:register:list",
    "assets:register:create",
    "assets:register:categories",
    "assets:register:place_labels",
    "approvals:list",
    "approvals:delegations",
    "imports:list",
    "exports:list",
    "notices:list",
    "notices:preferences",
    "history:list",
    "schools:places:list",
    "schools:places:create",
    "schools:people:list",
    "schools:people:create",
    "schools:calendar:list",
    "accounts:profile",
    "accounts:change_password",
]
OPEN = ["accounts:login", "accounts:forgotten", "accounts:use_code"]


def addresses(team) -> dict[str, list[str]]:
    """Who visits what: the pages above, and those of records in the states that show most."""
    waiting = team.repair(State.REPORTED, is_dangerous=True, description="玻璃快掉下来了")
    working = team.repair(State.WORKING, description="门锁坏了")
    done = team.repair(State.DONE, guest=True, description="灯管不亮")
    dear = team.repair(State.AWAITING_APPROVAL, description="围墙开裂，需要加固")
    to_sign = Approval.objects.get(kind="repair", subject_id=dear.pk).get_absolute_url()
    card = make_card(team.school, name="学生课桌", place=team.place, keeper=team.reporter)
    step = lambda name, repair: reverse(f"assets:repairs:{name}", args=[repair.pk])  # noqa: E731
    return {
        "guest": [
            *map(reverse, OPEN),
            reverse("assets:repairs:report_here", args=[team.place.token]),
            done.status_url,
            reverse("schools:qr", args=["nobody-knows-this"]),
        ],
        "head": [
            *map(reverse, HEAD),
            f"{reverse('approvals:list')}?chip=all",
            to_sign,
            waiting.get_absolute_url(),
            step("assign", waiting),
            step("refuse", waiting),
            card.get_absolute_url(),
            reverse("assets:register:update", args=[card.pk]),
            team.place.get_absolute_url(),
            reverse("schools:people:detail", args=[team.maintainer.pk]),
            reverse("imports:start", args=["assets.cards"]),
        ],
        "maintainer": [reverse("web:home"), working.get_absolute_url(), step("finish", working)],
        "officer": [
            reverse("web:home"),
            reverse("assets:repairs:list"),
            reverse("assets:repairs:statistics"),
            reverse("schools:schools:list"),
            working.get_absolute_url(),
            reverse("approvals:list"),
            to_sign,
            reverse("approvals:tiers", args=["repair"]),
        ],
        "reporter": [reverse("web:home"), reverse("assets:repairs:create"), done.get_absolute_url()],
    }


DARK = "document.documentElement.dataset.bsTheme = 'dark'"


@pytest.mark.parametrize("kind", ["phone", "desk"])
@pytest.mark.parametrize("who", ["guest", "head", "maintainer", "officer", "reporter"])
def test_nobody_meets_a_barrier(device, team, who, kind):
    visitor = device(kind, None if who == "guest" else getattr(team, who))
    visitor.expected.add(404)
    barriers = []
    for address in addresses(team)[who]:
        page = visitor.open(address)
        visitor.look()
        barriers += [f"light {line}" for line in visitor.find_barriers()]
        # The dark look changes colours alone, and the same ones on every device.
        if kind == "desk":
            page.evaluate(DARK)
            barriers += [f"dark {line}" for line in visitor.find_barriers(contrast_only=True)]
    assert not barriers, "\n".join(barriers)


def weigh(visitor: Device, address: str) -> int:
    """Return how many bytes a first visit costs without photos, each answer compressed as nginx does it."""
    sizes: list[int] = []

    def weigh_one(response):
        if response.request.resource_type != "image" or response.url.endswith(".svg"):
            sizes.append(len(gzip.compress(response.body(), 6)))

    visitor.page.on("requestfinished", lambda request: weigh_one(request.response()))
    visitor.page.goto(address, wait_until="networkidle")
    return sum(sizes)


@pytest.mark.parametrize("name", ["report", "web:home", "assets:repairs:list", "assets:repairs:create"])
def test_a_first_visit_is_light(device, team, name):
    for _ in range(20):
        team.repair(State.REPORTED)
    if name == "report":
        weight = weigh(device("phone"), reverse("assets:repairs:report_here", args=[team.place.token]))
    else:
        weight = weigh(device("phone", team.head), reverse(name))
    assert 10_000 < weight < PAGE_BYTES
