"""What lies idle in the register and would serve as well: offered before anything is bought (S106)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Q, Value
from django.db.models.lookups import Contains

from assets.register.models import AssetCard
from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.web.search import matching

MOST = 8


@dataclass(frozen=True, slots=True)
class IdleThing:
    """An idle card in words; `url` is empty for who may not open the register."""

    name: str
    facts: list[str]
    quantity: int
    unit: str
    url: str


def idle_like(names: Iterable[str], *, school: School, user: Any) -> list[IdleThing]:
    """Return the idle things whose name holds one of `names`, or the other way round. At most two queries.

    Everybody learns of those of the own school, whoever may read the register or not: that they are there is
    the point. Central roles see those of all campuses that they reach.
    """
    condition = Q(pk__in=[])
    for name in sorted({name.strip() for name in names if len(name.strip()) > 1}):
        # 课桌 finds 单人课桌; 学生课桌椅 finds 课桌椅.
        condition |= matching(name) | Q(Contains(Value(name, output_field=CharField()), F("name")))
    access = access_of(user)
    readable = access.schools_with("assets.view_register")
    schools = {school.pk, *readable} if access.is_central else {school.pk}
    cards = (
        AssetCard.objects.filter(school_id__in=schools, use_status=AssetCard.UseStatus.IDLE)
        .filter(condition)
        .select_related("school", "place")
        .order_by("-quantity", "pk")
    )
    return [
        IdleThing(
            name=card.name,
            facts=[
                card.specification,
                card.school.name if card.school_id != school.pk else "",
                card.place_shown,
            ],
            quantity=card.quantity,
            unit=card.unit,
            url=card.get_absolute_url() if card.school_id in readable else "",
        )
        for card in cards[:MOST]
    ]
